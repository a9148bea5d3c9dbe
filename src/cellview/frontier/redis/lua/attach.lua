-- flags: no-writes
-- Answers the incarnation and the manifest of the experiment, if there is one.
return redis.call('HMGET', META, 'incarnation', 'manifest')
