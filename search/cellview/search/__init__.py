"""The search package of Cellview."""
