"""Reading a live database into a catalog: one module per dialect."""
