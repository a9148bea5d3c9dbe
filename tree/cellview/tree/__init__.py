"""The tree package of Cellview."""
