"""The frontier package of Cellview."""
