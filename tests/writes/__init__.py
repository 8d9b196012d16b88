"""Writes: rows, nested writes, upserts, referential actions, change sets, and how many statements they take."""
