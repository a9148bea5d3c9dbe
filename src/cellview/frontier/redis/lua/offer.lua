-- Records results that a journal file still has. ARGV: incarnation, epoch, then ticket, hash, kind, digest, children,
-- body of each. Answers as complete does. Where one of the two set the candidate aside and the other did not, the journal
-- counts, as long as nothing was committed here.
local it, refusal = experiment()
if not it then
  return refusal
end
if ARGV[2] ~= it.committer then
  return refuse('FENCED ' .. (it.committer or ''))
end
local answers = {}
for index = 3, #ARGV, 6 do
  local ticket, hash, kind, digest = ARGV[index], ARGV[index + 1], ARGV[index + 2], ARGV[index + 3]
  local flying = redis.call('HGET', FLIGHTS, ticket)
  local answer
  if not flying then
    answer = after_commit(ticket, hash, kind, digest)
  elseif flying ~= hash then
    answer = 'unknown'
  elseif (redis.call('HGET', KINDS, ticket) or kind) ~= kind then
    answer = keep(ticket, kind, digest, ARGV[index + 4], ARGV[index + 5])
  else
    answer = record(ticket, hash, kind, digest, ARGV[index + 4], ARGV[index + 5])
  end
  answers[#answers + 1] = answer
  if answer ~= 'accepted' and answer ~= 'duplicate' then
    break
  end
end
return answers
