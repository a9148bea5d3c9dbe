-- Reports that the task raised. ARGV: incarnation, ticket, token, body. Answers 1 when the candidate is set aside now.
local it, refusal = experiment()
if not it then
  return refusal
end
local ticket = ARGV[2]
if not held(ticket, ARGV[3]) then
  return refuse('LEASE')
end
redis.call('HINCRBY', META, 'failures', 1)
free(ticket)
if redis.call('HINCRBY', FAILURES, ticket, 1) < it.max_failures then
  return 0
end
set_aside(it, ticket, 'failed', ARGV[4])
redis.call('ZREM', READY, ticket)
return 1
