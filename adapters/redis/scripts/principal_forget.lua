-- Forget everything that was remembered under these generations.
-- KEYS: generations. ARGV: milliseconds, longer than any entry is kept.
for _, key in ipairs(KEYS) do
  redis.call('INCR', key)
  redis.call('PEXPIRE', key, ARGV[1])
end
return 1
