"""What every floor stands on and would otherwise write for itself: one home for each. The standard library suffices.

``parent``: to die with one's parent. ``scratch``: temporary folders that outlive nobody. ``mixing``: splitmix64.
``groups``: the error inside exception groups. ``seal``: authentication codes, and the key for them.
``log``: where the operational log goes when no program has said so; it needs structlog, so it is imported by itself.
"""
