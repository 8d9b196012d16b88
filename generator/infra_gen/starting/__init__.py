"""`init`: what a new project begins with.

`project` looks at a folder, `plan` decides on values what is to be written there, from the texts in `files`; the command asks and writes.
"""
