"""All SQL of the ledger made again: a schema of its own beside the brand's, filled from entries alone."""

from collections.abc import Sequence
from typing import Any

from kizuna.runtime.db import Connection

DROP = 'DROP SCHEMA IF EXISTS "{}" CASCADE'
"""Take away what an earlier run left, or what this one made."""

CREATE = """
CREATE SCHEMA "{0}";
CREATE TABLE "{0}".account (bucket smallint, member_id uuid, entry_count bigint, counters bigint[], lots bytea, waiting bytea);
CREATE INDEX ON "{0}".account (bucket, member_id);
CREATE TABLE "{0}".hold (bucket smallint, member_id uuid, unit smallint, number bigint, points bigint);
CREATE TABLE "{0}".batch (batch_id bigint PRIMARY KEY, entries integer, issued bigint, redeemed bigint, expired bigint, reversed bigint,
    forgiven bigint, waiting bigint, adjusted bigint, held bigint, digest bytea);
CREATE TABLE "{0}".seal (position bigint PRIMARY KEY, batch_id bigint, hash bytea)
"""
"""The tables that follow from entries, as the live ones are but for what entries do not say."""

SELECT_ACCOUNTS = "SELECT member_id, entry_count, counters, lots, waiting FROM account WHERE "
"""Member rows, live or made again; the condition follows."""

SELECT_HELD = "SELECT member_id, unit, number, points FROM hold WHERE "
"""What is held, made again."""

SELECT_LIVE_HELD = """
SELECT member_id, unit, coalesce(nullif(('x' || encode(substr(key, 1, 8), 'hex'))::bit(64)::bigint, 0), 1) AS number, points
FROM hold WHERE state = 0 AND
"""
"""What is held, by the numbers that entries know holds by; the condition follows."""

SELECT_BATCHES = """
SELECT batch_id, entries, issued, redeemed, expired, reversed, forgiven, waiting, adjusted, held, digest FROM batch
WHERE batch_id BETWEEN $1 AND $2
"""
"""Commits, live or made again."""

SELECT_SEALS = "SELECT position, batch_id, hash FROM seal WHERE position > $1 ORDER BY position LIMIT $2"
"""The chain, a stretch at a time."""

SELECT_SEALED = """
SELECT batch_id, issued, redeemed, expired, reversed, forgiven, waiting, adjusted, held, digest FROM batch
WHERE batch_id = ANY($1::bigint[])
"""
"""Commits that a stretch of the chain seals."""


async def make(conn: Connection, schema: str) -> None:
    """Make the schema anew."""
    await conn.execute(DROP.format(schema))
    await conn.execute(CREATE.format(schema))


async def drop(conn: Connection, schema: str) -> None:
    """Take the schema away."""
    await conn.execute(DROP.format(schema))


async def put(conn: Connection, schema: str, table: str, columns: Sequence[str], rows: Sequence[Any]) -> None:
    """Add rows to a table of the schema."""
    if rows:
        await conn.copy_records_to_table(table, schema_name=schema, columns=columns, records=rows, timeout=3600)
