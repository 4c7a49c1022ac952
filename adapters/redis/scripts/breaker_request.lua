-- Ask to call an upstream; the state machine is that of domain/circuit_breaker.py.
-- KEYS: breaker (hash). ARGV: cool-down, lease of a probe, in microseconds.
-- Returns {1 when allowed, number of the probe or 0, wait, phase before, phase after}.
local phase = redis.call('HGET', KEYS[1], 'phase') or 'closed'
if phase == 'closed' then
  return {1, 0, 0, phase, phase}
end
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local ready = tonumber(redis.call('HGET', KEYS[1], 'probe_until') or 0)
if phase == 'open' then
  ready = tonumber(redis.call('HGET', KEYS[1], 'opened_at')) + ARGV[1]
end
if now < ready then
  return {0, 0, ready - now, phase, phase}
end
local number = redis.call('HINCRBY', KEYS[1], 'probe', 1)
redis.call('HSET', KEYS[1], 'phase', 'half_open')
redis.call('HSET', KEYS[1], 'probe_until', string.format('%.17g', now + ARGV[2]))
redis.call('PEXPIRE', KEYS[1], 86400000)
return {1, number, 0, phase, 'half_open'}
