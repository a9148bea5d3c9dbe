-- Prunes the queue. ARGV: incarnation, width. Answers how many went.
local it, refusal = experiment()
if not it then
  return refusal
end
local phase = phase_of(it)
if phase ~= 'open' and phase ~= 'finished' then
  return refuse('RUNNING ' .. phase)
end
redis.call('HSET', META, 'phase', 'open')
return prune(tonumber(ARGV[2]))
