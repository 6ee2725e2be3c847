import { HALF_LIVES_REMEMBERED, SLOTS_IN_A_WINDOW } from '../core/ports/rate-counters.ts'

/**
 * All scopes of a request in one run, which nothing else comes between. KEYS: for each scope its window and its penalty.
 * ARGV: cost, base, half-life, longest penalty, highest level, the time or an empty string for the server's own; then for each
 * scope limit, window, and 1 where it is penalised.
 *
 * A window is a list: the total, then slot and count of each slot, oldest first. A penalty is a hash: level, at, until.
 * Gives whether it is allowed, then for each scope what remains, when there is more (-1: nothing is used), how long to wait.
 */
export const TAKE_SCRIPT = `
local cost, base, half, longest, highest = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local now = tonumber(ARGV[6])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end

local function free_at(slot, scope)
  return (slot + 1) * scope.step + scope.span - now
end

local scopes = {}
local allowed = true
for i = 1, #KEYS / 2 do
  local scope = { window = KEYS[2 * i - 1], penalty = KEYS[2 * i], limit = tonumber(ARGV[4 + 3 * i]), span = tonumber(ARGV[5 + 3 * i]), penalised = ARGV[6 + 3 * i] == '1' }
  scope.step = math.max(1, math.floor(scope.span / ${SLOTS_IN_A_WINDOW}))
  local first = math.floor((now - scope.span) / scope.step)
  local total = tonumber(redis.call('LINDEX', scope.window, 0) or 0)
  while total > 0 and tonumber(redis.call('LINDEX', scope.window, 1)) < first do
    total = total - tonumber(redis.call('LPOP', scope.window, 3)[3])
    if total > 0 then redis.call('LPUSH', scope.window, total) end
  end
  scope.total = total

  local full = 0
  local excess = total + cost - scope.limit
  if excess > 0 then
    full = scope.span
    local at, freed = 1, 0
    while at < 2 * ${SLOTS_IN_A_WINDOW} + 4 do
      local slot = redis.call('LINDEX', scope.window, at)
      if not slot then break end
      freed = freed + tonumber(redis.call('LINDEX', scope.window, at + 1))
      if freed >= excess then
        full = free_at(tonumber(slot), scope)
        break
      end
      at = at + 2
    end
  end
  local known = redis.call('HMGET', scope.penalty, 'level', 'at', 'until')
  scope.level, scope.at = tonumber(known[1] or 0), tonumber(known[2] or 0)
  scope.closed = math.max(0, tonumber(known[3] or 0) - now)
  scope.full = full
  allowed = allowed and full == 0 and scope.closed == 0
  scopes[i] = scope
end

local answer = { allowed and 1 or 0 }
for _, scope in ipairs(scopes) do
  if allowed then
    local slot = math.floor(now / scope.step)
    if scope.total > 0 and tonumber(redis.call('LINDEX', scope.window, -2)) == slot then
      redis.call('LSET', scope.window, -1, redis.call('LINDEX', scope.window, -1) + cost)
      redis.call('LSET', scope.window, 0, scope.total + cost)
    else
      if scope.total > 0 then
        redis.call('LSET', scope.window, 0, scope.total + cost)
      else
        redis.call('RPUSH', scope.window, cost)
      end
      redis.call('RPUSH', scope.window, slot, cost)
    end
    redis.call('PEXPIRE', scope.window, scope.span + 2 * scope.step)
    scope.total = scope.total + cost
  elseif scope.full > 0 and scope.closed == 0 and scope.penalised and longest > 0 then
    local lives = (now - scope.at) / half
    local before = 0
    if lives < ${HALF_LIVES_REMEMBERED} then before = scope.level * 2 ^ -lives end
    local level = math.min(highest, before + 1)
    scope.closed = math.ceil(math.max(0, math.min(longest, base * (2 ^ (level - 1) - 1))))
    redis.call('HSET', scope.penalty, 'level', string.format('%.9f', level), 'at', now, 'until', now + scope.closed)
    redis.call('PEXPIRE', scope.penalty, math.ceil(math.max(scope.closed, half * ${HALF_LIVES_REMEMBERED})))
  end
  local more = -1
  if scope.total > 0 then more = free_at(tonumber(redis.call('LINDEX', scope.window, 1)), scope) end
  local remaining = math.max(0, scope.limit - scope.total)
  if scope.closed > 0 then remaining = 0 end
  table.insert(answer, remaining)
  table.insert(answer, more)
  table.insert(answer, allowed and 0 or math.max(scope.full, scope.closed))
end
return answer
`
