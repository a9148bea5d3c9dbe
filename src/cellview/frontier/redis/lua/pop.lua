-- Leases tickets, lowest number first. ARGV: incarnation, worker, count.
-- Answers the phase, then for each lease: ticket, token, hash, item, score, depth, carry.
local it, refusal = experiment()
if not it then
  return refusal
end
local leases = {}
local phase = phase_of(it)
if phase == 'running' then
  local now = now_ms()
  for _, ticket in ipairs(redis.call('ZRANGEBYSCORE', LEASES, '-inf', now)) do
    local times = redis.call('HINCRBY', EXPIRIES, ticket, 1)
    redis.call('HINCRBY', META, 'expiries', 1)
    free(ticket)
    if times >= it.max_expiries then
      set_aside(it, ticket, 'abandoned', '')
      redis.call('ZREM', READY, ticket)
    end
  end
  local free_tickets = redis.call('ZPOPMIN', READY, ARGV[3])
  for index = 1, #free_tickets, 2 do
    local ticket = free_tickets[index]
    local hash = redis.call('HGET', FLIGHTS, ticket)
    local token = it.token + 1
    it.token = token
    redis.call('HSET', TOKENS, ticket, (redis.call('HGET', TOKENS, ticket) or ',') .. token .. ',')
    redis.call('ZADD', LEASES, now + it.lease_ms, ticket)
    redis.call('HSET', ASSIGNMENTS, hash, ARGV[2])
    leases[#leases + 1] = {
      ticket, tostring(token), hash, redis.call('HGET', ITEMS, hash), redis.call('HGET', SCORES, hash),
      redis.call('HGET', CANDIDATE_DEPTHS, hash), redis.call('HGET', CARRIES, hash) or '',
    }
  end
  if #leases > 0 then
    redis.call('HSET', META, 'token', it.token)
  end
end
return { phase, leases }
