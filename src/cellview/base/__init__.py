"""What every floor stands on and would otherwise write for itself: one home for each, standard library only.

``parent``: to die with one's parent. ``scratch``: temporary folders that outlive nobody. ``mixing``: splitmix64.
"""
