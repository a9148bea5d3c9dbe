-- flags: no-writes
-- Answers the incarnation, the manifest and its seal, if there is such an experiment.
return redis.call('HMGET', META, 'incarnation', 'manifest', 'seal')
