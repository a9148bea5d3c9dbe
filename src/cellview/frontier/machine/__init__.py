"""The frontier as a pure state machine, and what it is made of: no clock, no I/O, no random source.

``machine`` has the rules, ``operations`` what may be asked of them; ``model`` has the records that both speak of.
"""
