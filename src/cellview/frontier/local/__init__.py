"""The frontier on this machine: in memory, over a socket, and the processes that work on any frontier.

``memory`` and ``socket`` are where a frontier may live; ``worker``, ``committer`` and ``coordinator`` are who works
on it, wherever it lives; ``journal_file`` and ``merger`` are what they write.
"""
