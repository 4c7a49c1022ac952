-- Charge what a request really used, and free its place; a second time nothing happens.
-- KEYS: state of the key (hash), its open requests (sorted set).
-- ARGV: 1 id of the admission, 2 tokens a period (0 for no limit), 3 the period in microseconds,
--   4 tokens reserved, 5 tokens used, 6 and 7 begin of the day and the month that were charged,
--   8 by how much the cost was more than reserved.
-- Returns 1, or 0 for an admission that is not open.
if redis.call('ZREM', KEYS[2], ARGV[1]) == 0 then
  return 0
end
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local count = tonumber(ARGV[2])
local tat = tonumber(redis.call('HGET', KEYS[1], 'tokens') or now)
if count > 0 then
  local interval = ARGV[3] / count
  -- From a bucket that is full again, an excess is taken as of now.
  local used = (math.max(tat, now) - now) / interval
  local nearest = math.floor(used + 0.5)
  if math.abs(used - nearest) * interval <= 1 then
    used = nearest
  end
  used = math.max(0, used + ARGV[5] - ARGV[4])
  redis.call('HSET', KEYS[1], 'tokens', string.format('%.17g', now + used * interval))
  local keep = math.ceil(used * interval / 1000)
  if redis.call('PTTL', KEYS[1]) < math.max(keep, 600000) then
    redis.call('PEXPIRE', KEYS[1], math.max(keep, 600000))
  end
end
for kind, start in pairs({day = ARGV[6], month = ARGV[7]}) do
  -- A window that ended meanwhile took the reservation with it.
  if redis.call('HGET', KEYS[1], kind) == start then
    redis.call('HINCRBY', KEYS[1], kind .. '_spent', ARGV[8])
  end
end
return 1
