"""From shapes to SQL: tables, conditions, orders, queries and writes, spelt by SQLAlchemy Core; and decoders of their rows.

Once per shape. Never imports drivers, executors or clients.
"""
