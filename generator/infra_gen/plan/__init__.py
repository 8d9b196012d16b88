"""From a schema's metadata to views: every name, type and line that a generated package shows is decided here.

Imports nothing of the toolkit but itself; of the runtime, `schema`.
"""
