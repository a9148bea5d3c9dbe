-- Creates the experiment unless it exists. ARGV: incarnation, manifest, its seal, then field and value of the numbers.
-- Answers the incarnation, the manifest and the seal that hold now.
if redis.call('EXISTS', META) == 0 then
  redis.call('HSET', META, 'incarnation', ARGV[1], 'manifest', ARGV[2], 'seal', ARGV[3])
  for index = 4, #ARGV, 2 do
    redis.call('HSET', META, ARGV[index], ARGV[index + 1])
  end
end
return redis.call('HMGET', META, 'incarnation', 'manifest', 'seal')
