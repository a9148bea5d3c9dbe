-- flags: no-writes
-- Commits from a ticket on. ARGV: incarnation, ticket, limit.
local it, refusal = experiment()
if not it then
  return refusal
end
return redis.call('XRANGE', JOURNAL, (tonumber(ARGV[2]) + 1) .. '-0', '+', 'COUNT', ARGV[3])
