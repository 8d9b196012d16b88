"""The database's side of a schema: its tables as values, their DDL, and `db push`. Reads the IR; knows no Python names."""
