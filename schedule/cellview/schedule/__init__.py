"""The schedule package of Cellview."""
