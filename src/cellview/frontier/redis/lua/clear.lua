-- flags: allow-oom
-- Deletes the experiment, whatever its incarnation. Answers 1 when there was one.
local existed = redis.call('EXISTS', META)
redis.call(
  'UNLINK', META, QUEUE, SEEN, DEPTHS, ITEMS, CANDIDATE_DEPTHS, SCORES, CARRIES, ASSIGNMENTS, FLIGHTS, READY, LEASES,
  TOKENS, FAILURES, EXPIRIES, KINDS, DIGESTS, CHILDREN, BODIES, JOURNAL
)
return existed
