-- Take over one entry that nobody has touched for a while.
-- KEYS: stream, turns. ARGV: group, consumer, how long in milliseconds, where to look from.
-- Returns where to look next ('0-0' after the last), and a job's id or ''.
local reply = redis.pcall(
  'XAUTOCLAIM', KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4], 'COUNT', 1
)
if reply.err then
  if string.find(reply.err, 'NOGROUP', 1, true) then
    return {'0-0', ''}
  end
  return reply
end
local entry = reply[2][1]
if not entry then
  return {reply[1], ''}
end
redis.call('HSET', KEYS[2], entry[2][2], entry[1])
return {reply[1], entry[2][2]}
