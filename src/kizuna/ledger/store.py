"""All SQL of the ledger: each statement named, with its purpose. Ids are 16 bytes outside and uuid inside."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from asyncpg.pgproto.pgproto import UUID

from kizuna.core.ids import bucket_of
from kizuna.core.lots import Counters
from kizuna.ledger.model import Account, Entry, Sums
from kizuna.runtime.db import Connection, Fragment

LOCK_ACCOUNTS = """
SELECT member_id, entry_count, counters, lots, memory, waiting, status, moved_to FROM account
WHERE (bucket, member_id) IN (SELECT * FROM unnest($1::smallint[], $2::uuid[]))
ORDER BY bucket, member_id FOR NO KEY UPDATE
"""
"""Member rows, locked in one fixed order, so that two writers never wait for each other in a circle."""

SELECT_ACCOUNTS = """
SELECT member_id, entry_count, counters, lots, memory, waiting, status, moved_to FROM account
WHERE (bucket, member_id) IN (SELECT * FROM unnest($1::smallint[], $2::uuid[]))
"""
"""Member rows, to look at."""

INSERT_BATCH = """
INSERT INTO batch (entries, issued, redeemed, expired, reversed, forgiven, waiting, adjusted, held, digest)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING batch_id
"""
"""The commit's own row. Later fragments read its number."""

INSERT_ENTRIES = """
INSERT INTO entry (bucket, member_id, event_key, n, batch_id, kind, unit, points, expires_on, version, rule, basis, taken)
SELECT e.bucket, e.member_id, e.event_key, e.n, posted.batch_id, e.kind, e.unit, e.points, e.expires_on, e.version, e.rule, e.basis, e.taken
FROM posted, unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::bigint[], $5::smallint[], $6::smallint[], $7::bigint[],
    $8::integer[], $9::integer[], $10::smallint[], $11::bigint[], $12::bytea[])
    AS e (bucket, member_id, event_key, n, kind, unit, points, expires_on, version, rule, basis, taken)
"""
"""The commit's entries, where none waits, is restricted, was cut or names an account."""

INSERT_FULL_ENTRIES = """
INSERT INTO entry (bucket, member_id, event_key, n, batch_id, kind, unit, points, expires_on, version, rule, basis, taken,
    restriction, release_on, cause, raw, cut, account)
SELECT e.bucket, e.member_id, e.event_key, e.n, posted.batch_id, e.kind, e.unit, e.points, e.expires_on, e.version, e.rule, e.basis,
    e.taken, e.restriction, e.release_on, e.cause, e.raw, e.cut, e.account
FROM posted, unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::bigint[], $5::smallint[], $6::smallint[], $7::bigint[],
    $8::integer[], $9::integer[], $10::smallint[], $11::bigint[], $12::bytea[], $13::smallint[], $14::integer[], $15::bigint[],
    $16::bigint[], $17::smallint[], $18::text[])
    AS e (bucket, member_id, event_key, n, kind, unit, points, expires_on, version, rule, basis, taken, restriction, release_on,
        cause, raw, cut, account)
"""
"""The commit's entries."""

INSERT_ACCOUNTS = """
INSERT INTO account (bucket, member_id, entry_count, counters, lots, memory, waiting)
SELECT a.bucket, a.member_id, a.entry_count, a.counters::bigint[], a.lots, a.memory, a.waiting
FROM unnest($1::smallint[], $2::uuid[], $3::bigint[], $4::text[], $5::bytea[], $6::bytea[], $7::bytea[])
    AS a (bucket, member_id, entry_count, counters, lots, memory, waiting)
"""
"""Rows of newcomers."""

INSERT_STATUSES = """
INSERT INTO account (bucket, member_id, entry_count, counters, lots, memory, waiting, status, moved_to)
SELECT a.bucket, a.member_id, a.entry_count, a.counters::bigint[], a.lots, a.memory, a.waiting, a.status, a.moved_to
FROM unnest($1::smallint[], $2::uuid[], $3::bigint[], $4::text[], $5::bytea[], $6::bytea[], $7::bytea[], $8::smallint[], $9::uuid[])
    AS a (bucket, member_id, entry_count, counters, lots, memory, waiting, status, moved_to)
"""
"""The same where some are closed from the first."""

UPDATE_ACCOUNTS = """
UPDATE account SET entry_count = a.entry_count, counters = a.counters::bigint[], lots = a.lots, memory = a.memory,
    waiting = a.waiting
FROM unnest($1::smallint[], $2::uuid[], $3::bigint[], $4::text[], $5::bytea[], $6::bytea[], $7::bytea[])
    AS a (bucket, member_id, entry_count, counters, lots, memory, waiting)
WHERE account.bucket = a.bucket AND account.member_id = a.member_id
"""
"""Rows of members who were there; they are locked."""

UPDATE_STATUSES = """
UPDATE account SET entry_count = a.entry_count, counters = a.counters::bigint[], lots = a.lots, memory = a.memory,
    waiting = a.waiting, status = a.status, moved_to = a.moved_to
FROM unnest($1::smallint[], $2::uuid[], $3::bigint[], $4::text[], $5::bytea[], $6::bytea[], $7::bytea[], $8::smallint[], $9::uuid[])
    AS a (bucket, member_id, entry_count, counters, lots, memory, waiting, status, moved_to)
WHERE account.bucket = a.bucket AND account.member_id = a.member_id
"""
"""The same where some are closed, merged or opened again."""

SELECT_ENTRIES = """
SELECT member_id, event_key, n, kind, unit, points, expires_on, version, rule, basis, taken, restriction, release_on, cause, raw, cut,
    account
FROM entry
WHERE bucket = $1 AND member_id = $2 AND event_key < $3 ORDER BY event_key DESC LIMIT $4
"""
"""A page of one member's history, newest first, before a key."""

SELECT_ALL_ENTRIES = """
SELECT member_id, event_key, n, batch_id, kind, unit, points, expires_on, version, rule, basis, taken, restriction, release_on,
    cause, raw, cut, account
FROM entry
WHERE bucket = $1 ORDER BY member_id, n
"""
"""A bucket's whole history in the order of its making, for the proof."""

SELECT_ALL_ACCOUNTS = """
SELECT member_id, entry_count, counters, lots, memory, waiting, status, moved_to FROM account WHERE bucket = $1 ORDER BY member_id
"""
"""A bucket's member rows, for the proof."""

SELECT_BATCHES = """
SELECT batch_id, entries, issued, redeemed, expired, reversed, forgiven, waiting, adjusted, held, digest FROM batch ORDER BY batch_id
"""
"""Every commit, for the proof."""

SELECT_SEALS = "SELECT position, batch_id, hash FROM seal ORDER BY position"
"""The chain, for the proof."""

SELECT_LAST_SEAL = "SELECT position, hash FROM seal ORDER BY position DESC LIMIT 1"
"""Where the chain goes on."""

SELECT_BATCHES_BY_ID = """
SELECT batch_id, entries, issued, redeemed, expired, reversed, forgiven, waiting, adjusted, held, digest FROM batch
WHERE batch_id = ANY($1::bigint[])
"""
"""Some commits, to seal them."""

INSERT_SEALS = (
    "INSERT INTO seal (position, batch_id, hash) SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bytea[])"
)
"""The chain's next links."""


SUM_NAMES = ("issued", "redeemed", "expired", "reversed", "forgiven", "waiting", "adjusted", "held")


async def lock_accounts(conn: Connection, members: Sequence[bytes]) -> dict[bytes, Account]:
    """Lock and return member rows; members without one are left out."""
    return _accounts(await conn.fetch(LOCK_ACCOUNTS, _buckets(members), _uuids(members)))


async def accounts(conn: Connection, members: Sequence[bytes]) -> dict[bytes, Account]:
    """Return member rows; members without one are left out."""
    return _accounts(await conn.fetch(SELECT_ACCOUNTS, _buckets(members), _uuids(members)))


def insert_batch(count: int, sums: Sums, digest: bytes) -> Fragment:
    """Return the fragment `posted`, whose batch_id later fragments read."""
    return Fragment("posted", INSERT_BATCH, [count, *(getattr(sums, name) for name in SUM_NAMES), digest])


def insert_entries(entries: Sequence[Entry]) -> Fragment:
    """Return the fragment that appends entries; stands after `posted`."""
    members, keys, *facts = zip(*entries, strict=True)
    plain, (restrictions, release_on, causes, raw, cuts, accounts) = facts[:9], facts[9:]
    columns = [_buckets(members), _uuids(members), _uuids(keys), *plain]
    if not any(map(any, facts[9:])):
        return Fragment("entered", INSERT_ENTRIES, columns)
    signed = [None if cause is None else _signed(cause) for cause in causes]
    columns += [restrictions, release_on, signed, raw, cuts, accounts]
    return Fragment("entered", INSERT_FULL_ENTRIES, columns)


def put_accounts(rows: Sequence[tuple[bytes, Account]], *, new: bool, statuses: bool = False) -> Fragment:
    """Return the fragment that writes member rows; with `statuses` also whether they are open."""
    members = [member for member, _ in rows]
    columns: list[Sequence[Any]] = [
        _buckets(members),
        _uuids(members),
        [account.entry_count for _, account in rows],
        [_text_of(account) for _, account in rows],
        [account.lots for _, account in rows],
        [account.memory for _, account in rows],
        [account.waiting for _, account in rows],
    ]
    if not statuses:
        return Fragment("opened", INSERT_ACCOUNTS, columns) if new else Fragment("updated", UPDATE_ACCOUNTS, columns)
    columns.append([account.status for _, account in rows])
    columns.append([account.moved_to and UUID(account.moved_to) for _, account in rows])
    return Fragment("opened", INSERT_STATUSES, columns) if new else Fragment("updated", UPDATE_STATUSES, columns)


def _text_of(account: Account) -> str:
    """Return the counters as the text of an array."""
    if account.further:
        return f"{{{','.join(map(str, account.flat_counters))}}}"
    return "{%d,%d,%d,%d,%d,%d,%d,%d,%d}" % account.counters  # noqa: UP031 - the fastest by far, and once a row of every commit


async def entries_before(conn: Connection, member: bytes, before: bytes, limit: int) -> list[Entry]:
    """Return up to `limit` entries older than the key `before`, newest first."""
    rows = await conn.fetch(SELECT_ENTRIES, bucket_of(member), UUID(member), UUID(before), limit)
    return [entry_of(row) for row in rows]


async def each_entry(conn: Connection, bucket: int) -> AsyncIterator[tuple[Entry, int]]:
    """Walk a bucket's entries by member and n, each with its batch."""
    async for row in conn.cursor(SELECT_ALL_ENTRIES, bucket, prefetch=5000):
        yield entry_of(row), row["batch_id"]


async def bucket_accounts(conn: Connection, bucket: int) -> dict[bytes, Account]:
    """Return a bucket's member rows."""
    return _accounts(await conn.fetch(SELECT_ALL_ACCOUNTS, bucket))


def _accounts(rows: Sequence[Any]) -> dict[bytes, Account]:
    return {
        member.bytes: account_of(entry_count, counters, lots, memory, waiting)._replace(
            status=status, moved_to=moved_to and moved_to.bytes
        )
        if status
        else account_of(entry_count, counters, lots, memory, waiting)
        for member, entry_count, counters, lots, memory, waiting, status, moved_to in rows
    }


def account_of(entry_count: int, counters: Sequence[int], lots: bytes, memory: bytes, waiting: bytes) -> Account:
    """Return a member's row."""
    width = len(Counters._fields)
    if len(counters) == width:
        return Account(entry_count, Counters(*counters), lots, memory, waiting)
    first, *further = (Counters(*counters[start : start + width]) for start in range(0, len(counters), width))
    return Account(entry_count, first, lots, memory, waiting, tuple(further))


def entry_of(row: Any) -> Entry:
    """Return a row as an entry."""
    return Entry(
        row["member_id"].bytes,
        row["event_key"].bytes,
        row["n"],
        row["kind"],
        row["unit"],
        row["points"],
        row["expires_on"],
        row["version"],
        row["rule"],
        row["basis"],
        row["taken"] or b"",
        row["restriction"],
        row["release_on"],
        None if row["cause"] is None else row["cause"] % 2**64,
        row["raw"],
        row["cut"],
        row["account"],
    )


def sums_of(row: Any) -> Sums:
    """Return a commit's sums, of a row of `batch`."""
    return Sums(*(row[name] for name in SUM_NAMES))


def _signed(cause: int) -> int:
    """Return an order's number as the database keeps it."""
    return cause - 2**64 if cause >= 2**63 else cause


def _uuids(ids: Sequence[bytes]) -> list[UUID]:
    return [UUID(one) for one in ids]


def _buckets(members: Sequence[bytes]) -> list[int]:
    return [bucket_of(member) for member in members]
