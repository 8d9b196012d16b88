"""From arguments to shapes: names and values are checked, values encoded, and what is left is the query without its values."""
