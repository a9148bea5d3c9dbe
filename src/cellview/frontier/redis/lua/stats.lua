-- flags: no-writes
-- Counts at this moment. ARGV: incarnation.
local it, refusal = experiment()
if not it then
  return refusal
end
local workers = {}
for _, ticket in ipairs(redis.call('ZRANGE', LEASES, 0, -1)) do
  local hash = redis.call('HGET', FLIGHTS, ticket)
  workers[#workers + 1] = hash and redis.call('HGET', ASSIGNMENTS, hash) or ''
end
return {
  phase_of(it), redis.call('ZCARD', QUEUE), redis.call('ZCARD', LEASES), it.next_ticket, redis.call('HLEN', DIGESTS),
  it.next_commit, redis.call('HLEN', SEEN),
  redis.call('HMGET', META, 'pruned', 'set_aside', 'failures', 'expiries', 'conflicts'),
  redis.call('HGETALL', DEPTHS), workers,
}
