-- Forget a job's turn, or let it come again at a time.
-- KEYS: stream, turns, later. ARGV: group, id of the job, when in milliseconds or ''.
local turn = redis.call('HGET', KEYS[2], ARGV[2])
if turn and turn ~= 'later' then
  redis.call('XACK', KEYS[1], ARGV[1], turn)
  redis.call('XDEL', KEYS[1], turn)
end
if ARGV[3] == '' then
  redis.call('HDEL', KEYS[2], ARGV[2])
  redis.call('ZREM', KEYS[3], ARGV[2])
else
  redis.call('HSET', KEYS[2], ARGV[2], 'later')
  redis.call('ZADD', KEYS[3], ARGV[3], ARGV[2])
end
return 0
