-- Takes back what was reserved; what has left its window by now stays gone.
-- KEYS: a counter for each. ARGV: four for each: when it was counted by this server's clock, kind, from, amount (reserve.lua).

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
