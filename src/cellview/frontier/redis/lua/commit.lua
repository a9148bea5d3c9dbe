-- Commits results in order of tickets, as far as they are there. ARGV: incarnation, epoch, limit.
-- Answers how many, how many in all, leases that have not expired, phase.
local it, refusal = experiment()
if not it then
  return refusal
end
if ARGV[2] ~= it.committer then
  return refuse('FENCED ' .. (it.committer or ''))
end
if it.conflict then
  return refuse('CONFLICT ' .. it.conflict)
end

local done, limit = 0, tonumber(ARGV[3])
while done < limit do
  local ticket = it.next_commit
  local digest = redis.call('HGET', DIGESTS, ticket)
  if not digest then
    break
  end
  local hash = redis.call('HGET', FLIGHTS, ticket)
  local kind = redis.call('HGET', KINDS, ticket)
  local packed = redis.call('HGET', CHILDREN, ticket) or ''
  local children = strings(packed)
  redis.call(
    'XADD', JOURNAL, (ticket + 1) .. '-0', 'candidate', hash, 'item', redis.call('HGET', ITEMS, hash), 'score',
    redis.call('HGET', SCORES, hash), 'depth', redis.call('HGET', CANDIDATE_DEPTHS, hash), 'kind', kind, 'digest',
    digest, 'children', packed, 'body', redis.call('HGET', BODIES, ticket) or ''
  )
  redis.call('HSET', SEEN, hash, kind == 'committed' and 'c' or 'x')
  if kind ~= 'committed' then
    redis.call('HINCRBY', META, 'set_aside', 1)
  end
  forget(hash)
  redis.call('HDEL', ASSIGNMENTS, hash)
  for _, key in ipairs({ FLIGHTS, TOKENS, FAILURES, EXPIRIES, KINDS, DIGESTS, CHILDREN, BODIES }) do
    redis.call('HDEL', key, ticket)
  end
  redis.call('ZREM', LEASES, ticket)
  it.next_commit = ticket + 1
  for index = 1, #children, 5 do
    admit(it, children[index], children[index + 1], children[index + 2], children[index + 3], children[index + 4])
  end
  prune(it.beam_width)
  fill(it)
  done = done + 1
end
if done > 0 then
  redis.call('HSET', META, 'next_commit', it.next_commit)
end
return { done, it.next_commit, redis.call('ZCOUNT', LEASES, '(' .. now_ms(), '+inf'), phase_of(it) }
