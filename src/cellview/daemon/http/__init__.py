"""The daemon's front: one table of endpoints, from which routes, description and the client's test are made."""
