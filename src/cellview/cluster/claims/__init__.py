"""Claims and results: who drains the queues, and the database that holds the claims."""
