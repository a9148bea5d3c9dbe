-- flags: allow-oom
-- Hands a lease back without blame. ARGV: incarnation, ticket, token.
local it, refusal = experiment()
if not it then
  return refusal
end
if not held(ARGV[2], ARGV[3]) then
  return refuse('LEASE')
end
free(ARGV[2])
return 1
