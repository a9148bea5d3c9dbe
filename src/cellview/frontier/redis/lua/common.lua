-- What every operation shares. Python puts this file before the operation's own, under one shebang line.
--
-- KEYS[1] is frontier:{<experiment>}:meta. The other keys are made from it: they carry the same hash tag, so they lie
-- in the same cluster slot. Declaring all of them would cost more than most operations do.
-- ARGV[1] is the incarnation that the client attached to. Numbers that matter travel as text: Lua prints floats with 14
-- digits, so scores are compared as numbers but never printed.

local prefix = string.sub(KEYS[1], 1, -5)
local META, QUEUE, SEEN, DEPTHS = KEYS[1], prefix .. 'queue', prefix .. 'seen', prefix .. 'depths'
local ITEMS, CANDIDATE_DEPTHS = prefix .. 'items', prefix .. 'candidate_depths'
local SCORES, CARRIES, ASSIGNMENTS = prefix .. 'scores', prefix .. 'carries', prefix .. 'assignments'
local FLIGHTS, READY, LEASES, TOKENS = prefix .. 'flights', prefix .. 'ready', prefix .. 'leases', prefix .. 'tokens'
local FAILURES, EXPIRIES = prefix .. 'failures', prefix .. 'expiries'
local KINDS, DIGESTS = prefix .. 'kinds', prefix .. 'digests'
local CHILDREN, BODIES, JOURNAL = prefix .. 'children', prefix .. 'bodies', prefix .. 'journal'

local function refuse(text)
  return redis.error_reply('FRONTIER ' .. text)
end

local FIELDS = {
  'incarnation', 'phase', 'window', 'beam_width', 'readmit', 'max_tickets', 'max_failures', 'max_expiries', 'lease_ms',
  'next_ticket', 'next_commit', 'token', 'committer', 'conflict', 'failed_digest', 'abandoned_digest',
}

-- The experiment's numbers, or nil and the refusal when it is not the one that the client attached to.
local function experiment()
  local values = redis.call('HMGET', META, unpack(FIELDS))
  if not values[1] then
    return nil, refuse('MISSING')
  end
  if ARGV[1] ~= values[1] then
    return nil, refuse('REPLACED')
  end
  local it = {}
  for index, name in ipairs(FIELDS) do
    it[name] = values[index] or nil
  end
  for _, name in ipairs({
    'window', 'beam_width', 'max_tickets', 'max_failures', 'max_expiries', 'lease_ms', 'next_ticket', 'next_commit',
    'token',
  }) do
    it[name] = tonumber(it[name])
  end
  return it
end

-- The server's clock in milliseconds: the only clock of a frontier.
local function now_ms()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

local function may_issue(it)
  return (not it.max_tickets or it.next_ticket < it.max_tickets) and redis.call('ZCARD', QUEUE) > 0
end

local function phase_of(it)
  if it.phase ~= 'open' and it.next_ticket == it.next_commit and not may_issue(it) then
    return 'finished'
  end
  return it.phase
end

local function count_depth(depth, by)
  if redis.call('HINCRBY', DEPTHS, depth, by) == 0 then
    redis.call('HDEL', DEPTHS, depth)
  end
end

-- Queues a candidate unless it is a duplicate; 1 when it was taken.
local function admit(it, hash, score, depth, item, carry)
  local state = redis.call('HGET', SEEN, hash)
  if state then
    local kind = string.sub(state, 1, 1)
    if it.readmit == 'never' or (kind ~= 'q' and kind ~= 'p') then
      return 0
    end
    local known = kind == 'q' and redis.call('HGET', SCORES, hash) or string.sub(state, 2)
    if tonumber(score) >= tonumber(known) then
      return 0
    end
    if kind == 'q' then
      count_depth(redis.call('HGET', CANDIDATE_DEPTHS, hash), -1)
    end
  end
  redis.call('HSET', SEEN, hash, 'q')
  redis.call('ZADD', QUEUE, score, hash)
  redis.call('HSET', ITEMS, hash, item)
  redis.call('HSET', SCORES, hash, score)
  redis.call('HSET', CANDIDATE_DEPTHS, hash, depth)
  if carry ~= '' then
    redis.call('HSET', CARRIES, hash, carry)
  else
    redis.call('HDEL', CARRIES, hash)
  end
  count_depth(depth, 1)
  return 1
end

local function forget(hash)
  redis.call('HDEL', ITEMS, hash)
  redis.call('HDEL', SCORES, hash)
  redis.call('HDEL', CANDIDATE_DEPTHS, hash)
  redis.call('HDEL', CARRIES, hash)
end

-- Drops the worst beyond `width`; a tombstone is all that stays of them.
local function prune(width)
  if not width then
    return 0
  end
  local surplus = redis.call('ZCARD', QUEUE) - width
  if surplus <= 0 then
    return 0
  end
  local gone = redis.call('ZPOPMAX', QUEUE, surplus)
  for index = 1, #gone, 2 do
    local hash = gone[index]
    count_depth(redis.call('HGET', CANDIDATE_DEPTHS, hash), -1)
    redis.call('HSET', SEEN, hash, 'p' .. redis.call('HGET', SCORES, hash))
    forget(hash)
  end
  redis.call('HINCRBY', META, 'pruned', surplus)
  return surplus
end

-- Issues tickets while the window has room: after the start and after every commit, never elsewhere.
local function fill(it)
  while it.next_ticket - it.next_commit < it.window and may_issue(it) do
    local hash = redis.call('ZPOPMIN', QUEUE)[1]
    count_depth(redis.call('HGET', CANDIDATE_DEPTHS, hash), -1)
    redis.call('HSET', SEEN, hash, 'i')
    redis.call('HSET', FLIGHTS, it.next_ticket, hash)
    redis.call('ZADD', READY, it.next_ticket, it.next_ticket)
    it.next_ticket = it.next_ticket + 1
  end
  redis.call('HSET', META, 'next_ticket', it.next_ticket)
end

-- Takes apart `5:abcde` strings one after the other: exact for any bytes, which cjson and cmsgpack are not.
local function strings(packed)
  local parts, at = {}, 1
  while at <= #packed do
    local colon = string.find(packed, ':', at, true)
    local size = tonumber(string.sub(packed, at, colon - 1))
    parts[#parts + 1] = string.sub(packed, colon + 1, colon + size)
    at = colon + size + 1
  end
  return parts
end

-- 1 when `token` is the ticket's current lease and the ticket has no result yet.
local function held(ticket, token)
  local tokens = redis.call('HGET', TOKENS, ticket)
  return tokens
    and redis.call('ZSCORE', LEASES, ticket)
    and redis.call('HEXISTS', DIGESTS, ticket) == 0
    and string.sub(tokens, -(#token + 2)) == ',' .. token .. ','
end

local function free(ticket)
  redis.call('ZADD', READY, ticket, ticket)
  redis.call('ZREM', LEASES, ticket)
end

local function set_aside(it, ticket, kind, body)
  redis.call('HSET', DIGESTS, ticket, it[kind .. '_digest'])
  redis.call('HSET', KINDS, ticket, kind)
  if body ~= '' then
    redis.call('HSET', BODIES, ticket, body)
  end
end

local function conflict(hash, first, second)
  local text = hash .. ' ' .. first .. ' ' .. second
  redis.call('HINCRBY', META, 'conflicts', 1)
  redis.call('HSETNX', META, 'conflict', text)
  return 'conflict ' .. text
end

-- What a second result of a candidate comes to: a decision to set it aside stands against any result.
local function compare(hash, first_kind, first, kind, digest)
  if first_kind ~= kind then
    return 'aside ' .. first_kind
  end
  if first == digest then
    return 'duplicate'
  end
  return conflict(hash, first, digest)
end

local function keep(ticket, kind, digest, children, body)
  redis.call('HSET', DIGESTS, ticket, digest)
  redis.call('HSET', KINDS, ticket, kind)
  redis.call('HSET', CHILDREN, ticket, children)
  redis.call('HSET', BODIES, ticket, body)
  redis.call('ZREM', READY, ticket)
  redis.call('ZREM', LEASES, ticket)
  return 'accepted'
end

-- Records the result of a ticket; the answer is accepted, duplicate, aside … or conflict ….
local function record(ticket, hash, kind, digest, children, body)
  local first = redis.call('HGET', DIGESTS, ticket)
  if not first then
    return keep(ticket, kind, digest, children, body)
  end
  return compare(hash, redis.call('HGET', KINDS, ticket), first, kind, digest)
end

-- Compares a late result with what was committed. Entry n of the journal has the id n+1, since a stream starts at 1.
local function after_commit(ticket, hash, kind, digest)
  local id = (tonumber(ticket) + 1) .. '-0'
  local entry = redis.call('XRANGE', JOURNAL, id, id)[1]
  if not entry then
    return 'unknown'
  end
  local fields = {}
  for index = 1, #entry[2], 2 do
    fields[entry[2][index]] = entry[2][index + 1]
  end
  if fields.candidate ~= hash then
    return 'unknown'
  end
  return compare(hash, fields.kind, fields.digest, kind, digest)
end
