"""The parts of ``soak.py``: what is submitted, a daemon, who torments it, and what must hold at the end."""
