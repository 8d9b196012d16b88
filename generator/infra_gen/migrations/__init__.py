"""Migrations in Prisma's own form: folders of SQL, the table `_prisma_migrations`, and what leads from one state to the next.

Prisma can go on where these functions stopped, and the reverse. Imports `database`, `ir`, `failure` and the runtime's drivers.
"""
