-- Give the next job of the stream to a consumer; those whose time has come join the stream first.
-- KEYS: stream, turns, later. ARGV: group, consumer, now in milliseconds. Returns a job's id or nil.
local due = redis.call('ZRANGE', KEYS[3], '-inf', ARGV[3], 'BYSCORE', 'LIMIT', 0, 100)
for _, job in ipairs(due) do
  redis.call('ZREM', KEYS[3], job)
  redis.call('HSET', KEYS[2], job, redis.call('XADD', KEYS[1], '*', 'job', job))
end
local function read()
  return redis.pcall('XREADGROUP', 'GROUP', ARGV[1], ARGV[2], 'COUNT', 1, 'STREAMS', KEYS[1], '>')
end
local reply = read()
if type(reply) == 'table' and reply.err and string.find(reply.err, 'NOGROUP', 1, true) then
  -- From the beginning: what a lost group was told before is told again.
  redis.call('XGROUP', 'CREATE', KEYS[1], ARGV[1], '0', 'MKSTREAM')
  reply = read()
end
if not reply or reply.err then
  return reply
end
local entry = reply[1][2][1]
local job = entry[2][2]
redis.call('HSET', KEYS[2], job, entry[1])
return job
