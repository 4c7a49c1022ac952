-- Remember what is known of a digest.
-- KEYS: entry (hash), generation of whose it is. ARGV: whose, the text, for how many milliseconds.
redis.call('HSET', KEYS[1], 'of', ARGV[1], 'generation', redis.call('GET', KEYS[2]) or '0',
  'text', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
