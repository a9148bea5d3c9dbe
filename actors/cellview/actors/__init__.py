"""The actors package of Cellview."""
