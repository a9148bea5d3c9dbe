-- Records results that a journal file still has. ARGV: incarnation, epoch, then ticket, hash, kind, digest, children,
-- body of each. Answers as complete does.
local it, refusal = experiment()
if not it then
  return refusal
end
if ARGV[2] ~= it.committer then
  return refuse('FENCED ' .. (it.committer or ''))
end
local answers = {}
for index = 3, #ARGV, 6 do
  local ticket, hash, digest = ARGV[index], ARGV[index + 1], ARGV[index + 3]
  local flying = redis.call('HGET', FLIGHTS, ticket)
  local answer
  if not flying then
    answer = after_commit(ticket, hash, digest)
  elseif flying ~= hash then
    answer = 'unknown'
  else
    answer = record(ticket, hash, ARGV[index + 2], digest, ARGV[index + 4], ARGV[index + 5])
  end
  answers[#answers + 1] = answer
  if answer ~= 'accepted' and answer ~= 'duplicate' then
    break
  end
end
return answers
