"""The evidence: does Evently keep its promises under concurrency, faults and crashes?

`python -m reliability COMMAND` starts a PostgreSQL and servers of its own; see RELIABILITY.md.
"""
