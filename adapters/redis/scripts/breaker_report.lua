-- Say how a permitted call went.
-- KEYS: breaker (hash), times of recent failures (list).
-- ARGV: number of the probe or 0, outcome, how many failures open it, their window in microseconds.
-- Returns {phase before, phase after}.
local breaker, failures = KEYS[1], KEYS[2]
local phase = redis.call('HGET', breaker, 'phase') or 'closed'
local decides = phase == 'half_open' and ARGV[1] ~= '0'
  and redis.call('HGET', breaker, 'probe') == ARGV[1]
local after = phase
if decides and ARGV[2] == 'succeeded' then
  after = 'closed'
elseif decides and ARGV[2] == 'failed' then
  after = 'open'
elseif decides and ARGV[2] == 'abandoned' then
  redis.call('HSET', breaker, 'probe_until', 0)
end
local time = redis.call('TIME')
local now = string.format('%.17g', time[1] * 1000000 + time[2])
if phase == 'closed' and ARGV[1] == '0' and ARGV[2] == 'failed' then
  redis.call('RPUSH', failures, now)
  local oldest = redis.call('LINDEX', failures, 0)
  while now - oldest >= tonumber(ARGV[4]) do
    redis.call('LPOP', failures)
    oldest = redis.call('LINDEX', failures, 0)
  end
  redis.call('PEXPIRE', failures, math.ceil(ARGV[4] / 1000))
  if redis.call('LLEN', failures) >= tonumber(ARGV[3]) then
    after = 'open'
  end
end
if after ~= phase then
  redis.call('DEL', failures)
  redis.call('HSET', breaker, 'phase', after)
  if after == 'open' then
    redis.call('HSET', breaker, 'opened_at', now)
  end
  -- Longer than any call lives: a late verdict must not meet a number that is used again.
  redis.call('PEXPIRE', breaker, 86400000)
end
return {phase, after}
