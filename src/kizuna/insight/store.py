"""All SQL of the figures: each statement named, with its purpose. Of other rooms' tables it reads what a commit wrote.

Ids are 16 bytes outside and uuid inside; days are numbers outside and dates inside. Every write touches rows in the order of
their key.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from asyncpg.pgproto.pgproto import UUID

from kizuna.core.days import DAY_DELIVERED, DAY_NEVER, day_date, day_number
from kizuna.core.ids import bucket_of
from kizuna.insight.model import Row, Tally
from kizuna.runtime.db import Connection

BY_KEY = "SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off"
"""A few rows of very many, each by its key; left to itself PostgreSQL reads whole tables (see intake)."""

COUNT_EVENTS = """
SELECT asked.batch_id, (SELECT count(*) FROM event e WHERE e.batch_id = asked.batch_id) AS events
FROM unnest($1::bigint[]) WITH ORDINALITY AS asked (batch_id, place) ORDER BY asked.place
"""
"""How many events came with each of some commits."""

COUNT_ROWS = """
SELECT asked.batch_id, greatest(b.entries, (SELECT count(*) FROM event e WHERE e.batch_id = asked.batch_id)) AS rows
FROM unnest($1::bigint[]) WITH ORDINALITY AS asked (batch_id, place) JOIN batch b USING (batch_id) ORDER BY asked.place
"""
"""How much there is to read of each of some commits: its events or its entries, whichever are more."""

SELECT_EVENTS = """
SELECT uuid_send(member_id) AS member, uuid_send(event_key) AS key, type,
    CASE WHEN amount IS NULL AND type = 'order.completed' THEN (body #>> '{data,amount}')::bigint ELSE amount END AS amount,
    coalesce(level_before, level) AS level_before, level, fell_on
FROM event WHERE batch_id = ANY($1::bigint[]) ORDER BY array_position($1::bigint[], batch_id), place
"""
"""Whom some commits touched, what they ordered or changed, and their tiers; in the order of arrival."""

SELECT_UNDONE = """
SELECT uuid_send(member_id) AS member, uuid_send(event_key) AS key, type,
    CASE WHEN amount IS NULL AND type = 'order.completed' THEN (body #>> '{data,amount}')::bigint ELSE amount END AS amount
FROM event WHERE undone = ANY($1::bigint[])
"""
"""What some commits took back."""

SELECT_ORDERED = """
SELECT uuid_send(e.member_id) AS member, uuid_send(e.event_key) AS key
FROM unnest($1::smallint[], $2::uuid[]) AS asked (bucket, member_id)
JOIN event e ON e.bucket = asked.bucket AND e.member_id = asked.member_id
WHERE e.type = 'order.completed' AND e.undone IS NULL
"""
"""The orders of some members that were not taken back."""

SELECT_ENTRIES = """
SELECT uuid_send(member_id) AS member, uuid_send(event_key) AS key, kind, version, rule, points, expires_on
FROM entry WHERE batch_id = ANY($1::bigint[]) AND unit = 0
"""
"""What some commits posted of the first unit."""

LOCK_ROWS = """
SELECT uuid_send(member_id) AS member, joined_on, tier, tier_through, balance, expires_on, orders, spend, last_order_on,
    last_redemption_on, as_of, version, order_days, redemption_days, due, waiting, release_on, tier_seen, released, moves, stage,
    kept_order_on
FROM insight_member WHERE (bucket, member_id) IN (SELECT * FROM unnest($1::smallint[], $2::uuid[]))
ORDER BY bucket, member_id FOR NO KEY UPDATE
"""
"""Members' rows, locked in one fixed order."""

SELECT_JOINED = """
SELECT uuid_send(member_id) AS member, joined_on FROM member
WHERE (bucket, member_id) IN (SELECT * FROM unnest($1::smallint[], $2::uuid[]))
"""
"""The days on which some members joined."""

PUT_ROWS = """
INSERT INTO insight_member (bucket, member_id, joined_on, tier, tier_through, balance, expires_on, orders, spend,
    last_order_on, last_redemption_on, as_of, version, order_days, redemption_days, due, waiting, release_on, tier_seen, released, moves,
    stage, kept_order_on)
SELECT * FROM unnest($1::smallint[], $2::uuid[], $3::date[], $4::smallint[], $5::date[], $6::bigint[], $7::date[], $8::integer[],
    $9::bigint[], $10::date[], $11::date[], $12::date[], $13::integer[], $14::bytea[], $15::bytea[], $16::bytea[], $17::bigint[],
    $18::date[], $19::smallint[], $20::bytea[], $21::bytea[], $22::smallint[], $23::date[])
ON CONFLICT (bucket, member_id) DO UPDATE SET tier = excluded.tier, tier_through = excluded.tier_through,
    balance = excluded.balance, expires_on = excluded.expires_on, orders = excluded.orders, spend = excluded.spend,
    last_order_on = excluded.last_order_on, last_redemption_on = excluded.last_redemption_on, as_of = excluded.as_of,
    version = excluded.version, order_days = excluded.order_days, redemption_days = excluded.redemption_days, due = excluded.due,
    waiting = excluded.waiting, release_on = excluded.release_on, tier_seen = excluded.tier_seen, released = excluded.released,
    moves = excluded.moves, stage = excluded.stage, kept_order_on = excluded.kept_order_on
"""
"""Members' rows as they are now."""

ADD_POINTS = """
INSERT INTO insight_points AS p (day, kind, version, rule, entries, points)
SELECT * FROM unnest($1::date[], $2::smallint[], $3::integer[], $4::smallint[], $5::bigint[], $6::bigint[])
ON CONFLICT (day, kind, version, rule) DO UPDATE SET entries = p.entries + excluded.entries, points = p.points + excluded.points
"""
"""Points that moved on a day."""

ADD_DAYS = """
INSERT INTO insight_day AS d (day, joined, orders, sales)
SELECT * FROM unnest($1::date[], $2::bigint[], $3::bigint[], $4::bigint[])
ON CONFLICT (day) DO UPDATE SET joined = d.joined + excluded.joined, orders = d.orders + excluded.orders,
    sales = d.sales + excluded.sales
"""
"""Newcomers, orders and sales of a day."""

ADD_ACTIVE = """
INSERT INTO insight_active AS a (what, days, day, delta)
SELECT * FROM unnest($1::smallint[], $2::smallint[], $3::date[], $4::bigint[])
ON CONFLICT (what, days, day) DO UPDATE SET delta = a.delta + excluded.delta
"""
"""Steps of the number of active members."""

ADD_TIERS = """
INSERT INTO insight_tier AS t (tier, members) SELECT * FROM unnest($1::smallint[], $2::bigint[])
ON CONFLICT (tier) DO UPDATE SET members = t.members + excluded.members
"""
"""Members who came to a tier, less those who left it."""

ADD_STAGES = """
INSERT INTO insight_stage AS s (stage, members) SELECT * FROM unnest($1::smallint[], $2::bigint[])
ON CONFLICT (stage) DO UPDATE SET members = s.members + excluded.members
"""
"""Members who came to a stage of the journey, less those who left it."""

ADD_MOVES = """
INSERT INTO insight_tier_move AS m (day, from_tier, to_tier, members)
SELECT * FROM unnest($1::date[], $2::smallint[], $3::smallint[], $4::bigint[])
ON CONFLICT (day, from_tier, to_tier) DO UPDATE SET members = m.members + excluded.members
"""
"""Members who moved from one tier to another on a day."""

SELECT_OVERDUE = """
(SELECT uuid_send(member_id) AS member FROM insight_member WHERE expires_on < $1 LIMIT $2)
UNION (SELECT uuid_send(member_id) FROM insight_member WHERE tier_through < $1 LIMIT $2)
UNION (SELECT uuid_send(member_id) FROM insight_member WHERE release_on <= $1 LIMIT $2)
"""
"""Some of those whom the passing of time has changed: points that have lapsed or were released, tiers that have ended."""

SELECT_OUTDATED = """
SELECT uuid_send(member_id) AS member FROM insight_member WHERE bucket = $1 AND version < $2 LIMIT $3
"""
"""Some of a bucket's rows that an older version of the program made."""

SELECT_CLOCK = "SELECT day, version FROM insight_clock"
"""Up to when the passing of time was followed."""

PUT_CLOCK = """
INSERT INTO insight_clock (day, version) VALUES ($1, $2)
ON CONFLICT (one) DO UPDATE SET day = excluded.day, version = excluded.version
"""
"""Remember up to when the passing of time was followed."""

CLEAR = """
TRUNCATE insight_member, insight_points, insight_day, insight_active, insight_tier, insight_tier_move, insight_stage,
    insight_clock
"""
"""Take every figure away, to make it again."""


async def count_events(conn: Connection, batches: Sequence[int]) -> list[tuple[int, int]]:
    """Return each batch with the number of its events, in the order given."""
    return [(row["batch_id"], row["events"]) for row in await conn.fetch(COUNT_EVENTS, batches)]


async def count_rows(conn: Connection, batches: Sequence[int]) -> list[tuple[int, int]]:
    """Return each batch with how much there is to read of it, in the order given."""
    return [(row["batch_id"], row["rows"]) for row in await conn.fetch(COUNT_ROWS, batches)]


async def lock_rows(conn: Connection, members: Sequence[bytes]) -> dict[bytes, Row]:
    """Lock and return members' rows; members without one are left out."""
    found = await conn.fetch(LOCK_ROWS, *_keys(members))
    return {
        member: Row(
            joined_on, tier, number_or_never(tier_through), balance, number_or_never(expires_on), orders, spend,
            _number(last_order_on), _number(last_redemption_on), day_number(as_of), version, order_days, redemption_days, due,
            waiting, number_or_never(release_on), tier_seen, released, moves, stage, _number(kept_order_on),
        )
        for member, joined_on, tier, tier_through, balance, expires_on, orders, spend, last_order_on, last_redemption_on,
            as_of, version, order_days, redemption_days, due, waiting, release_on, tier_seen, released, moves, stage,
            kept_order_on in found
    }  # fmt: skip


async def ordered(conn: Connection, members: Sequence[bytes]) -> list[tuple[bytes, bytes]]:
    """Return the orders of some members that were not taken back, by member and key."""
    return [(row["member"], row["key"]) for row in await conn.fetch(SELECT_ORDERED, *_keys(members))]


async def joined(conn: Connection, members: Sequence[bytes]) -> dict[bytes, date]:
    """Return the days on which members joined."""
    return {row["member"]: row["joined_on"] for row in await conn.fetch(SELECT_JOINED, *_keys(members))}


async def put_rows(conn: Connection, members: Sequence[bytes], rows: Sequence[Row]) -> None:
    """Write members' rows."""
    columns = list(zip(*rows, strict=True))
    for place in (2, 4, 7, 8, 9, 15, 20):
        columns[place] = tuple(_date(day) for day in columns[place])
    await conn.execute(PUT_ROWS, *_keys(members), *columns)


async def add(conn: Connection, tally: Tally) -> None:
    """Add everything that was counted."""
    for statement, facts in (
        (ADD_POINTS, [(day, *of, *sums) for (day, *of), sums in sorted(tally.points.items()) if any(sums)]),
        (ADD_DAYS, [(day, *sums) for day, sums in sorted(tally.days.items()) if any(sums)]),
        (ADD_ACTIVE, [(what, days, day, n) for (what, days, day), n in sorted(tally.active.items()) if n]),
        (ADD_TIERS, [(tier, n) for tier, n in sorted(tally.tiers.items()) if n]),
        (ADD_STAGES, [(stage, n) for stage, n in sorted(tally.stages.items()) if n]),
        (ADD_MOVES, [(day, was, now, n) for (day, was, now), n in sorted(tally.moves.items()) if n]),
    ):
        if facts:
            columns: list[Sequence[Any]] = list(zip(*facts, strict=True))
            day = {ADD_ACTIVE: 2, ADD_TIERS: None, ADD_STAGES: None}.get(statement, 0)
            if day is not None:
                columns[day] = [day_date(number) for number in columns[day]]
            await conn.execute(statement, *columns)


async def overdue(conn: Connection, today: int, limit: int) -> list[bytes]:
    """Return some members whom the passing of time has changed."""
    return [row["member"] for row in await conn.fetch(SELECT_OVERDUE, day_date(today), limit)]


async def outdated(conn: Connection, bucket: int, version: int, limit: int) -> list[bytes]:
    """Return some members of a bucket whose rows were made by a version before `version`."""
    return [row["member"] for row in await conn.fetch(SELECT_OUTDATED, bucket, version, limit)]


def number_or_never(day: date | None) -> int:
    """Return a day's number, `DAY_NEVER` for none."""
    return DAY_NEVER if day is None else day_number(day)


def _number(day: date | None) -> int | None:
    return None if day is None else day_number(day)


def _date(day: int | None) -> date | None:
    return (
        None if day is None or day >= DAY_DELIVERED else day_date(day)
    )  # what waits for an event, or for idleness, has no date


def _keys(members: Sequence[bytes]) -> tuple[list[int], list[UUID]]:
    return [bucket_of(member) for member in members], [UUID(member) for member in members]
