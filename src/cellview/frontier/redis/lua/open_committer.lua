-- Takes over as the only committer. ARGV: incarnation, name. Answers the epoch; every earlier one is fenced off.
local it, refusal = experiment()
if not it then
  return refusal
end
local epoch = redis.call('HINCRBY', META, 'epoch', 1) .. ':' .. ARGV[2]
redis.call('HSET', META, 'committer', epoch)
return epoch
