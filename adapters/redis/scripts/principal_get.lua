-- Read what is known of a digest, unless it was forgotten since.
-- KEYS: entry (hash). ARGV: what the names of generations begin with.
-- Returns the text, '' for a digest that nobody has, or nil.
local entry = redis.call('HMGET', KEYS[1], 'of', 'generation', 'text')
if not entry[1] then
  return nil
end
local generation = redis.call('GET', ARGV[1] .. entry[1]) or '0'
if generation ~= entry[2] then
  return nil
end
return entry[3]
