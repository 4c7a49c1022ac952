-- Decide every limit of a request together: all of them admit it and are charged, or none is.
-- The arithmetic of rates is that of domain/rate_limit.py, in microseconds; amounts are whole.
-- KEYS: state of the key (hash), its open requests (sorted set).
-- ARGV: 1 id of the admission, 2 requests a period, 3 tokens a period, 4 the period,
--   5 concurrent requests, 6 budget a day, 7 budget a month (0 for a limit that is none),
--   8 tokens asked for, 9 cost, 10 how long a place is held at most,
--   11 and 12 begin of a day and what was spent in it, 13 and 14 the same of a month, or ''.
-- Returns {'spent?', day, month} where it must be known what was spent since these seconds, else
--   {'admitted' or 'refused', now, day, month, then how each limit stands: for requests and tokens
--   {remaining, full again in, wait}, then {open requests, 1 where that refuses}, and the same with
--   what was spent in the day and in the month}. A wait is 0 where the limit admits; -1 where it
--   never will.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local state, open = KEYS[1], KEYS[2]
local period, concurrent = tonumber(ARGV[4]), tonumber(ARGV[5])
local budgets = {day = tonumber(ARGV[6]), month = tonumber(ARGV[7])}
local cost = tonumber(ARGV[9])

-- Budgets: whole days and calendar months in UTC, by this clock.
local today = math.floor(tonumber(time[1]) / 86400)
-- The day of the month, after H. Hinnant, "chrono-compatible low-level date algorithms".
local era_day = (today + 719468) % 146097
local year = math.floor((era_day - math.floor(era_day / 1460) + math.floor(era_day / 36524)
  - math.floor(era_day / 146096)) / 365)
local year_day = era_day - (365 * year + math.floor(year / 4) - math.floor(year / 100))
local march_month = math.floor((5 * year_day + 2) / 153)
local month_day = year_day - math.floor((153 * march_month + 2) / 5)
local starts = {day = today * 86400, month = (today - month_day) * 86400}

local seeds = {day = {ARGV[11], ARGV[12]}, month = {ARGV[13], ARGV[14]}}
local spent = {}
local is_seeded = true
for _, kind in ipairs({'day', 'month'}) do
  if budgets[kind] > 0 then
    local known = tonumber(redis.call('HGET', state, kind) or -1)
    if known < starts[kind] then
      if tonumber(seeds[kind][1]) == starts[kind] then
        redis.call('HSET', state, kind, seeds[kind][1], kind .. '_spent', seeds[kind][2])
      else
        is_seeded = false
      end
    else
      starts[kind] = known
    end
    spent[kind] = tonumber(redis.call('HGET', state, kind .. '_spent') or 0)
  end
end
if not is_seeded then
  return {'spent?', starts.day, starts.month}
end

redis.call('ZREMRANGEBYSCORE', open, '-inf', now)
-- A request that is sent twice, because its answer was lost, is admitted once.
local is_repeated = redis.call('ZSCORE', open, ARGV[1])
local held = redis.call('ZCARD', open)

local refused = false
local rates = {}
for place, kind in ipairs({'requests', 'tokens'}) do
  local count = tonumber(ARGV[place + 1])
  if count > 0 then
    local asked = kind == 'requests' and 1 or tonumber(ARGV[8])
    local interval = period / count
    local tat = math.max(tonumber(redis.call('HGET', state, kind) or now), now)
    local used = (tat - now) / interval
    local nearest = math.floor(used + 0.5)
    -- Four roundings of a number of this size are a microsecond together.
    if math.abs(used - nearest) * interval <= 1 then
      used = nearest
    end
    local wait = 0
    if not is_repeated and used + asked > count then
      wait = asked > count and -1 or math.ceil((used + asked - count) * interval)
      refused = true
    end
    rates[kind] = {count = count, interval = interval, used = used, asked = asked, wait = wait}
  end
end
local refuses = {held = 0, day = 0, month = 0}
if not is_repeated then
  if concurrent > 0 and held >= concurrent then
    refuses.held = 1
    refused = true
  end
  for kind, limit in pairs(budgets) do
    -- A request without a price passes until the budget is gone; any other one must fit.
    if limit > 0 and (spent[kind] >= limit or spent[kind] + cost > limit) then
      refuses[kind] = 1
      refused = true
    end
  end
end

local keep = 600000000
if not refused and not is_repeated then
  for kind, rate in pairs(rates) do
    rate.used = rate.used + rate.asked
    redis.call('HSET', state, kind, string.format('%.17g', now + rate.used * rate.interval))
  end
  for kind, limit in pairs(budgets) do
    if limit > 0 then
      spent[kind] = redis.call('HINCRBY', state, kind .. '_spent', ARGV[9])
    end
  end
  redis.call('ZADD', open, now + ARGV[10], ARGV[1])
  redis.call('PEXPIRE', open, math.ceil(ARGV[10] / 1000))
  held = held + 1
end
local answer = {refused and 'refused' or 'admitted', now, starts.day, starts.month}
for _, kind in ipairs({'requests', 'tokens'}) do
  local rate = rates[kind]
  if rate then
    local full_in = math.ceil(rate.used * rate.interval)
    keep = math.max(keep, full_in)
    answer[#answer + 1] = {math.max(0, math.floor(rate.count - rate.used)), full_in, rate.wait}
  else
    answer[#answer + 1] = {0, 0, 0}
  end
end
if budgets.day > 0 or budgets.month > 0 then
  -- Forgotten sums are asked for again.
  keep = math.max(keep, 172800000000)
end
redis.call('PEXPIRE', state, math.ceil(keep / 1000))
answer[#answer + 1] = {held, refuses.held}
answer[#answer + 1] = {spent.day or 0, refuses.day}
answer[#answer + 1] = {spent.month or 0, refuses.month}
return answer
