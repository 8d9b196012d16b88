"""Watching what a run depends on, and running again when it has changed.

`inputs` decides, from values alone, what is watched and what has changed; `reading` looks at the disk; `watching` waits and runs. It is
always the content that decides: what the system tells of events only says when to look.
"""
