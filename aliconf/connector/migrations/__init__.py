"""Alembic's environment; ``aliconf.connector.migrate`` runs it."""
