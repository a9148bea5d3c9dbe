"""The app package of Cellview."""
