"""Brokers: one bounded queue of messages with acknowledgement, in memory, in Redis or in a Ray actor."""
