"""The report of one file: its parts as HTML, what is embedded in it, and what holds it together."""
