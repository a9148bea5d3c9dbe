-- Records results in order, up to the first that is refused. ARGV: incarnation, then ticket, token, hash, digest,
-- children, body of each. Answers accepted, duplicate, aside …, conflict … or unknown for each that was looked at.
local it, refusal = experiment()
if not it then
  return refusal
end
local answers = {}
for index = 2, #ARGV, 6 do
  local ticket, token, hash, digest = ARGV[index], ARGV[index + 1], ARGV[index + 2], ARGV[index + 3]
  local flying = redis.call('HGET', FLIGHTS, ticket)
  local answer
  if not flying then
    answer = after_commit(ticket, hash, 'committed', digest)
  else
    local tokens = redis.call('HGET', TOKENS, ticket) or ''
    if flying ~= hash or not string.find(tokens, ',' .. token .. ',', 1, true) then
      answer = 'unknown'
    else
      answer = record(ticket, hash, 'committed', digest, ARGV[index + 4], ARGV[index + 5])
    end
  end
  answers[#answers + 1] = answer
  if answer ~= 'accepted' and answer ~= 'duplicate' then
    break
  end
end
return answers
