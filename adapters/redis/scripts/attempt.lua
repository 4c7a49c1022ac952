-- Count an attempt against every limit, or against none where one of them refuses.
-- KEYS: attempts of each subject (sorted set). ARGV: 1 id of the attempt, then three for each
--   limit: which key it speaks of, how many, in which period (microseconds).
-- Returns how long to wait, 0 when it was counted.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
-- An attempt that is sent twice, because its answer was lost, is counted once.
if redis.call('ZSCORE', KEYS[1], ARGV[1]) then
  return 0
end
local wait = 0
local longest = {}
for at = 2, #ARGV - 2, 3 do
  local key, count, period = tonumber(ARGV[at]), tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
  longest[key] = math.max(longest[key] or 0, period)
  local nth = redis.call('ZRANGE', KEYS[key], -count, -count, 'WITHSCORES')
  if nth[2] then
    wait = math.max(wait, nth[2] + period - now)
  end
end
if wait > 0 then
  return math.ceil(wait)
end
for key, period in pairs(longest) do
  redis.call('ZREMRANGEBYSCORE', KEYS[key], '-inf', now - period)
  redis.call('ZADD', KEYS[key], now, ARGV[1])
  redis.call('PEXPIRE', KEYS[key], math.ceil(period / 1000))
end
return 0
