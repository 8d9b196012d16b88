"""Steps around the executor: what an application adds to whole operations."""
