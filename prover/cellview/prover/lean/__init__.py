"""Lean: the embedded one, and a user's own."""
