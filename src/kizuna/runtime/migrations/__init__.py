"""Migrations: one file a revision, its SQL beside it."""
