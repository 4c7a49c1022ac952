-- Begin anew for these subjects. KEYS: attempts of each.
return redis.call('DEL', unpack(KEYS))
