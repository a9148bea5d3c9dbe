-- Extends a lease to a whole lease time from now. ARGV: incarnation, ticket, token.
local it, refusal = experiment()
if not it then
  return refusal
end
if not held(ARGV[2], ARGV[3]) then
  return refuse('LEASE')
end
redis.call('ZADD', LEASES, now_ms() + it.lease_ms, ARGV[2])
return 1
