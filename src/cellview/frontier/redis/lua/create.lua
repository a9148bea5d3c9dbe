-- Creates the experiment unless it exists. ARGV: incarnation, manifest, then field and value of the numbers.
-- Answers the incarnation and the manifest that hold now.
if redis.call('EXISTS', META) == 0 then
  redis.call('HSET', META, 'incarnation', ARGV[1], 'manifest', ARGV[2])
  for index = 3, #ARGV, 2 do
    redis.call('HSET', META, ARGV[index], ARGV[index + 1])
  end
end
return redis.call('HMGET', META, 'incarnation', 'manifest')
