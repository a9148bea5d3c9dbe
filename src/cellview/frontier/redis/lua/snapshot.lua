-- flags: no-writes
-- The state to compare, without the journal, whose entries never change. ARGV: incarnation.
local it, refusal = experiment()
if not it then
  return refusal
end
return {
  it.next_ticket, it.next_commit, redis.call('ZRANGE', QUEUE, 0, -1), redis.call('HGETALL', SCORES),
  redis.call('HGETALL', FLIGHTS), redis.call('HGETALL', SEEN), redis.call('HGETALL', ITEMS),
  redis.call('HGETALL', DEPTHS), redis.call('HGETALL', CANDIDATE_DEPTHS),
}
