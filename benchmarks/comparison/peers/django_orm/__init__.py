"""Django's ORM, blocking, as its documentation writes it."""
