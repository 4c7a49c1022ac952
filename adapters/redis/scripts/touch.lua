-- Say that a job is being worked on.
-- KEYS: stream, turns. ARGV: group, consumer, id of the job.
local turn = redis.call('HGET', KEYS[2], ARGV[3])
if turn and turn ~= 'later' then
  redis.pcall('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, turn, 'JUSTID')
end
return 0
