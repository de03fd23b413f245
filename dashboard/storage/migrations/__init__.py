"""Alembic's migrations: `env` is what it runs, `versions` holds one file per schema version.

A new version is three things in one commit: the change in `schema.py` with the next
`SCHEMA_VERSION`, a file here that makes the same change to a database of the version before, and a
dump of a database of the version before in `tests/data`. Released files are never edited. They go
forward only: the way back is a backup.

SQLite adds columns, tables and indexes in place. Whatever else changes a table copies it (Alembic's
batch mode), and dropping the original fails while other tables refer to it: switch `foreign_keys`
off before the transaction begins, and check them before it ends.
"""
