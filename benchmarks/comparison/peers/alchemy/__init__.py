"""SQLAlchemy 2: its Core and its ORM, both interfaces, as its documentation writes them."""
