-- Queues candidates. ARGV: incarnation, then hash, score, depth, item, carry of each. Answers 1 or 0 for each.
local it, refusal = experiment()
if not it then
  return refusal
end
local phase = phase_of(it)
if phase ~= 'open' and phase ~= 'finished' then
  return refuse('RUNNING ' .. phase)
end
redis.call('HSET', META, 'phase', 'open')
local taken = {}
for index = 2, #ARGV, 5 do
  taken[#taken + 1] = admit(it, ARGV[index], ARGV[index + 1], ARGV[index + 2], ARGV[index + 3], ARGV[index + 4])
end
prune(it.beam_width)
return taken
