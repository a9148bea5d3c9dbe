-- Issues the first tickets; lifts a drain. ARGV: incarnation.
local it, refusal = experiment()
if not it then
  return refusal
end
redis.call('HSET', META, 'phase', 'running')
fill(it)
return 1
