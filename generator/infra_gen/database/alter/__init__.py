"""The SQL that takes a database from one catalog to another: one module per dialect."""
