// What runs inside a Valkey or Redis (Lua 5.1), as text, so that it is part of the built program.

export const reserveScript = `
-- Reserves all of a call's limits, or none. Exact: no interval (t, t + window] ever holds more than the limit, by this server's
-- clock, whatever the clocks of the gateways say. All keys are in one hash slot.
--
-- KEYS: a counter for each reservation; last, where the gateway's calls are noted, so that it can find out about one whose answer was
-- lost. ARGV: slot and id of the call; then five for each reservation: kind, from, to, amount, most;
--   kind "s" (sliding: from is the window in ms, to is unused) or "c" (calendar: the window's start and end in ms).
--   Amounts are text, whole.billionths: doubles are exact to 2^53, and so are both halves.
-- Answers {"ok", now}, {"full", now, index, ms to wait or -1}, or {"window", now} when a calendar window is not the one of now.
--
-- A counter is a list: its head is the sum of what is in the window, then one entry for each millisecond, "at sum", oldest first;
-- a calendar counter's only other entry is the start of its window.

local clock = redis.call("TIME")
local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)
local billion = 1000000000
local counters = #KEYS - 1

local function read(text)
  local dot = string.find(text, ".", 1, true)
  return tonumber(string.sub(text, 1, dot - 1)), tonumber(string.sub(text, dot + 1))
end

local function write(whole, part)
  return string.format("%.0f.%09.0f", whole, part)
end

local function plus(whole, part, whole2, part2)
  whole, part = whole + whole2, part + part2
  if part >= billion then return whole + 1, part - billion end
  return whole, part
end

local function minus(whole, part, whole2, part2)
  whole, part = whole - whole2, part - part2
  if part < 0 then whole, part = whole - 1, part + billion end
  if whole < 0 then return 0, 0 end
  return whole, part
end

local function isOver(whole, part, whole2, part2)
  return whole > whole2 or (whole == whole2 and part > part2)
end

local function entry(text)
  local blank = string.find(text, " ", 1, true)
  local whole, part = read(string.sub(text, blank + 1))
  return tonumber(string.sub(text, 1, blank - 1)), whole, part
end

-- The clock of a server that took over may be behind: the latest time that was counted stands for it, which can only refuse sooner.
for index = 1, counters do
  local key = KEYS[index]
  if ARGV[index * 5 - 2] == "s" then
    local last = redis.call("LINDEX", key, -1)
    if last and string.find(last, " ", 1, true) then now = math.max(now, (entry(last))) end
  end
end
for index = 1, counters do
  local at = index * 5 - 2
  if ARGV[at] == "c" and (now < tonumber(ARGV[at + 1]) or now >= tonumber(ARGV[at + 2])) then return { "window", now } end
end

-- What is in the window now.
local function sumOf(index, key)
  local at = index * 5 - 2
  local head = redis.call("LINDEX", key, 0)
  if not head then return 0, 0 end
  if ARGV[at] == "c" then
    local start = tonumber(redis.call("LINDEX", key, 1))
    if start == tonumber(ARGV[at + 1]) then return read(head) end
    redis.call("DEL", key)
    return 0, 0
  end
  local whole, part = read(head)
  local gone = 0
  local before = now - tonumber(ARGV[at + 1])
  while true do
    local first = redis.call("LINDEX", key, 1 + gone)
    if not first then break end
    local time, whole2, part2 = entry(first)
    if time > before then break end
    whole, part = minus(whole, part, whole2, part2)
    gone = gone + 1
  end
  if gone > 0 then
    redis.call("LTRIM", key, gone, -1)
    redis.call("LSET", key, 0, write(whole, part))
  end
  return whole, part
end

local function waitOf(index, key, whole, part, mostWhole, mostPart, amountWhole, amountPart)
  local at = index * 5 - 2
  if isOver(amountWhole, amountPart, mostWhole, mostPart) then return -1 end
  if ARGV[at] == "c" then return math.max(1, tonumber(ARGV[at + 2]) - now) end
  local from, wait = 1, 1
  while from < 10000 do
    local entries = redis.call("LRANGE", key, from, from + 199)
    for _, text in ipairs(entries) do
      local time, whole2, part2 = entry(text)
      whole, part = minus(whole, part, whole2, part2)
      wait = math.max(1, time + tonumber(ARGV[at + 1]) - now)
      local sum, sumPart = plus(whole, part, amountWhole, amountPart)
      if not isOver(sum, sumPart, mostWhole, mostPart) then return wait end
    end
    if #entries < 200 then break end
    from = from + 200
  end
  return wait
end

local sums = {}
local failed, longest = nil, 0
for index = 1, counters do
  local key = KEYS[index]
  local at = index * 5 - 2
  local whole, part
  -- A counter that is named twice has to hold both.
  if sums[key] then whole, part = sums[key][1], sums[key][2] else whole, part = sumOf(index, key) end
  local amountWhole, amountPart = read(ARGV[at + 3])
  local mostWhole, mostPart = read(ARGV[at + 4])
  local sum, sumPart = plus(whole, part, amountWhole, amountPart)
  sums[key] = { sum, sumPart }
  if isOver(sum, sumPart, mostWhole, mostPart) then
    local wait = waitOf(index, key, whole, part, mostWhole, mostPart, amountWhole, amountPart)
    failed = failed or index
    if wait == -1 or longest == -1 then longest = -1 else longest = math.max(longest, wait) end
  end
end
if failed then return { "full", now, failed, longest } end

for index = 1, counters do
  local key = KEYS[index]
  local at = index * 5 - 2
  local amount = ARGV[at + 3]
  local amountWhole, amountPart = read(amount)
  if amountWhole > 0 or amountPart > 0 then
    local head = redis.call("LINDEX", key, 0)
    if not head then
      if ARGV[at] == "c" then redis.call("RPUSH", key, amount, ARGV[at + 1])
      else redis.call("RPUSH", key, amount, string.format("%.0f ", now) .. amount) end
    else
      local whole, part = read(head)
      redis.call("LSET", key, 0, write(plus(whole, part, amountWhole, amountPart)))
      if ARGV[at] == "s" then
        local last = redis.call("LINDEX", key, -1)
        local isEntry = string.find(last, " ", 1, true)
        local time, whole2, part2
        if isEntry then time, whole2, part2 = entry(last) end
        if time == now then
          redis.call("LSET", key, -1, string.format("%.0f ", now) .. write(plus(whole2, part2, amountWhole, amountPart)))
        else
          redis.call("RPUSH", key, string.format("%.0f ", now) .. amount)
        end
      end
    end
    if ARGV[at] == "c" then redis.call("PEXPIREAT", key, string.format("%.0f", tonumber(ARGV[at + 2]) + 60000))
    else redis.call("PEXPIRE", key, string.format("%.0f", tonumber(ARGV[at + 1]) + 60000)) end
  end
end
redis.call("HSET", KEYS[#KEYS], ARGV[1], ARGV[2] .. string.format(" %.0f", now))
if ARGV[1] == "0" then redis.call("PEXPIRE", KEYS[#KEYS], 86400000) end
return { "ok", now }
`;

export const giveBackScript = `
-- Takes back what was reserved; what has left its window by now stays gone.
-- KEYS: a counter for each. ARGV: four for each: when it was counted by this server's clock, kind, from, amount (as above).

local billion = 1000000000

local function read(text)
  local dot = string.find(text, ".", 1, true)
  return tonumber(string.sub(text, 1, dot - 1)), tonumber(string.sub(text, dot + 1))
end

local function less(text, text2)
  local whole, part = read(text)
  local whole2, part2 = read(text2)
  whole, part = whole - whole2, part - part2
  if part < 0 then whole, part = whole - 1, part + billion end
  if whole < 0 then return nil end
  return string.format("%.0f.%09.0f", whole, part)
end

-- Index of the entry of that very millisecond: anything else was counted for another call.
local function indexOf(key, at)
  local low, high = 1, redis.call("LLEN", key)
  while low < high do
    local middle = math.floor((low + high) / 2)
    local text = redis.call("LINDEX", key, middle)
    if tonumber(string.sub(text, 1, string.find(text, " ", 1, true) - 1)) < at then low = middle + 1 else high = middle end
  end
  local text = redis.call("LINDEX", key, low)
  local blank = text and string.find(text, " ", 1, true)
  if not blank or tonumber(string.sub(text, 1, blank - 1)) ~= at then return nil end
  return low, string.sub(text, blank + 1)
end

for index, key in ipairs(KEYS) do
  local at = tonumber(ARGV[index * 4 - 3])
  local kind, from, amount = ARGV[index * 4 - 2], ARGV[index * 4 - 1], ARGV[index * 4]
  local head = redis.call("LINDEX", key, 0)
  if head and kind == "c" then
    local left = less(head, amount)
    if left and tonumber(redis.call("LINDEX", key, 1)) == tonumber(from) then redis.call("LSET", key, 0, left) end
  elseif head then
    local place, held = indexOf(key, at)
    local left = place and less(held, amount)
    local sum = less(head, amount)
    if left and sum then
      redis.call("LSET", key, place, string.format("%.0f ", at) .. left)
      redis.call("LSET", key, 0, sum)
    end
  end
end
return 1
`;
