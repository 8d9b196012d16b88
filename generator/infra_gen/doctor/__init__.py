"""`infra-gen doctor`: what is so in a project and its surroundings, and what mends it. Each module holds the checks of one subject.

A check is a function from what it looks at to findings; `examination` runs them all. May import what the commands import, never `cli`.
"""
