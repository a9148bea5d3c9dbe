"""The trace package of Cellview."""
