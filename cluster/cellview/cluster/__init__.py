"""The cluster package of Cellview."""
