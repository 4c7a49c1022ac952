-- Put jobs on the stream, except those that have their turn coming already.
-- KEYS: stream, turns, later. ARGV: ids of jobs. Returns how many were put.
local added = 0
for _, job in ipairs(ARGV) do
  local turn = redis.call('HGET', KEYS[2], job)
  local comes = false
  if turn == 'later' then
    comes = redis.call('ZSCORE', KEYS[3], job)
  elseif turn then
    comes = #redis.call('XRANGE', KEYS[1], turn, turn) > 0
  end
  if not comes then
    redis.call('HSET', KEYS[2], job, redis.call('XADD', KEYS[1], '*', 'job', job))
    added = added + 1
  end
end
return added
