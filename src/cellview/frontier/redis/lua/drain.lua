-- flags: allow-oom
-- Hands out no more leases until the next start. ARGV: incarnation.
local it, refusal = experiment()
if not it then
  return refusal
end
if it.phase == 'running' then
  redis.call('HSET', META, 'phase', 'draining')
end
return 1
