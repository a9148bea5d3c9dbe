"""The frontier on a Redis server: the same rules as the machine's, as one Lua script for each operation."""
