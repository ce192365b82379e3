"""A ledger of very many entries, laid down by COPY as the road would have left it: entries, events, answers, rows, holds, seals, news.

Always the same ledger from the same number of members, ten entries each (`ledger_stories.py`). Events are committed in the order of
their time, five hundred at once. Sums and digests are those of the product's own functions, read back from the entries; a few are
worked out again by the plain ones. Names and identities are left out: no proof reads them.
"""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import numpy as np

from benchmarks.ledger_stories import ENTRIES_EACH, EVENTS_EACH, JITTER_DAYS, OFFSETS, SHARES, Numbers, Step, Story
from kizuna.core.ids import BUCKETS
from kizuna.core.lots import Counters
from kizuna.engine import EntryKind as Kind
from kizuna.ledger import Entry, store
from kizuna.ledger.model import digest, link
from kizuna.ledger.proof import store as proof_store
from kizuna.ledger.proof.batches import Commits
from kizuna.ledger.proof.books import GENESIS, POSTED, SEALER_NAME

EVENTS_AT_ONCE = 500
_DAY_MS, _FIRST_DAY, _DAYS = 86_400_000, 20_089, 180
_AT_ONCE = 1 << 17
_BATCHES_AT_ONCE = 400
_CHECKED = 20
_EMPTY = "V0"
_HEAD, _END = b"PGCOPY\n\xff\r\n\x00" + bytes(8), b"\xff\xff"
_FAST = "SET synchronous_commit = off; SET maintenance_work_mem = '1GB'"
_BODY = (
    b'{"data":{"amount":4980,"channel":"store","currency":"JPY","lines":[{"amount":4980,"quantity":1,"sku":"4901234567894"}],'
    b'"order_id":"#########","store":"ginza"},"id":"#########","source":"till-1","specversion":"1.0","subject":"card:9012345678901234",'
    b'"time":"2025-04-01T10:00:00Z","type":"order.completed"}'
)


class Crowd:
    """Members, the days and keys of their events, and what they live, as columns."""

    def __init__(self, size: int) -> None:
        draw = np.random.default_rng(size)
        self.size = size
        self.parts: dict[str, range] = {}
        at = 0
        for name, (share, _) in SHARES.items():
            count = int(size * share)
            self.parts[name] = range(at, at + count)
            at += count
        self.size = at
        self.days = (
            _FIRST_DAY
            + draw.integers(0, _DAYS, at)
            + np.array(OFFSETS)[:, None]
            + draw.integers(0, JITTER_DAYS, (EVENTS_EACH, at))
        )
        self.at_ms = self.days * _DAY_MS + draw.integers(1, _DAY_MS, self.days.shape)
        gives, gets = (slice(part.start, part.stop) for part in (self.parts["giver"], self.parts["receiver"]))
        self.days[-1, gets], self.at_ms[-1, gets] = self.days[-1, gives], self.at_ms[-1, gives]
        self.members = _uuids(draw, self.at_ms[0] - draw.integers(1, _DAY_MS, at))
        self.keys = _uuids(draw, self.at_ms.reshape(-1)).reshape(EVENTS_EACH, at, 16)
        self.keys[:, :, 15] = 0
        self.keys[-1, gets] = self.keys[-1, gives]
        self.buckets = self.members[:, 15] % BUCKETS
        order = np.argsort(self.at_ms.reshape(-1), kind="stable")
        self.batch = np.empty(EVENTS_EACH * at, np.int64)
        self.batch[order] = np.arange(len(order)) // EVENTS_AT_ONCE + 1
        self.batch = self.batch.reshape(EVENTS_EACH, at)
        self.batch[-1, gets] = self.batch[-1, gives]
        self.draw = draw

    def stories(self) -> Iterator[tuple[range, Story]]:
        """Tell every story, each time the same."""
        draw, gift = np.random.default_rng(self.size), None
        for name, (_, tell) in SHARES.items():
            part = self.parts[name]
            days = self.days[:, part.start : part.stop]
            story = tell(draw, days, gift) if name == "receiver" else tell(draw, days)
            if name == "giver":
                gift = story.steps[-1]
            yield part, story


def _uuids(draw: Any, at_ms: Numbers) -> Numbers:
    """Return ids of version 7 of these times."""
    raw = draw.integers(0, 256, (len(at_ms), 16), dtype=np.uint8)
    for place in range(6):
        raw[:, place] = (at_ms >> (8 * (5 - place))) & 0xFF
    raw[:, 6], raw[:, 8] = (raw[:, 6] & 0x0F) | 0x70, (raw[:, 8] & 0x3F) | 0x80
    return raw


_ENTRY = [
    ("bucket", ">i2"), ("member_id", "V16"), ("event_key", "V16"), ("n", ">i8"), ("batch_id", ">i8"), ("kind", ">i2"), ("unit", ">i2"),
    ("points", ">i8"), ("expires_on", ">i4"), ("version", ">i4"), ("rule", ">i2"), ("basis", ">i8"), ("release_on", ">i4"),
    ("cause", ">i8"),
]  # fmt: skip
_LOT = np.dtype([("unit", "<u2"), ("restriction", "<u2"), ("expires_on", "<i4"), ("remaining", "<i8")])


def entries_of(crowd: Crowd) -> tuple[Numbers, Numbers]:
    """Return every entry, in the order of commits, and beside it the lots that it takes (up to two; none where nothing remains)."""
    rows = np.zeros(crowd.size * ENTRIES_EACH, np.dtype(_ENTRY))
    taken = np.zeros((len(rows), 2), _LOT)
    at = 0
    for part, story in crowd.stories():
        some, members = slice(part.start, part.stop), crowd.members[part.start : part.stop]
        lines = [0] * EVENTS_EACH
        for number, step in enumerate(story.steps, start=1):
            here = rows[at : at + len(part)]
            here["bucket"], here["member_id"] = crowd.buckets[some], members.reshape(-1).view("V16")
            here["n"], here["kind"], here["points"], here["expires_on"] = (
                number,
                step.kind,
                step.points,
                step.expires_on,
            )
            here["batch_id"] = crowd.batch[step.event, some]
            here["rule"] = 0 if step.kind in (Kind.EARN, Kind.PEND) else -1
            here["version"] = 0 if step.by_time else 1
            here["basis"] = np.abs(step.points) * 100 if here["rule"][0] == 0 else 0
            here["release_on"] = 0 if step.release_on is None else step.release_on
            if step.of is not None:
                here["cause"] = crowd.keys[step.of, some, :8].copy().view(">i8").reshape(-1)
            here["event_key"] = _key(crowd, part, step, lines).reshape(-1).view("V16")
            for place, (last, points) in enumerate(step.taken):
                taken["expires_on"][at : at + len(part), place] = last
                taken["remaining"][at : at + len(part), place] = points
            at += len(part)
    rows, taken = rows[:at], taken[:at]
    order = np.argsort(rows["batch_id"], kind="stable")
    return rows[order], taken[order]


def _key(crowd: Crowd, part: range, step: Step, lines: list[int]) -> Numbers:
    if step.by_time:
        day = step.expires_on + 1 if step.release_on is None else step.release_on
        return _uuids(crowd.draw, np.asarray(day) * _DAY_MS)
    lines[step.event] += 1
    keys = crowd.keys[step.event, part.start : part.stop].copy()
    keys[:, 15] = lines[step.event]
    return keys


async def lay_down(conn: Any, size: int) -> tuple[int, int]:
    """Fill a brand that is new and empty; return how many members and entries there are now."""
    crowd = Crowd(size)
    await conn.execute(_FAST)
    await _without_indexes(conn, "entry", "event", "seen")
    entries, taken = entries_of(crowd)
    await _put(conn, "entry", _ENTRY_COLUMNS, _entries(entries, taken))
    await _put(conn, "event", "bucket member_id event_key batch_id type source id body", _events(crowd))
    await _put(conn, "seen", "key payload_hash answer", _answers(crowd))
    await _put(conn, "account", "bucket member_id entry_count counters memory lots waiting", _rows(crowd))
    await _put(conn, "hold", "key bucket member_id unit points lots holder placed_at expires_at", _holds(crowd))
    for statement in _INDEXES:
        await conn.execute(statement, timeout=1800)
    await _close(conn, int(crowd.batch.max()))
    for table in ("entry", "event", "seen", "account", "batch", "seal", "outbox"):
        await conn.execute(f"VACUUM ANALYZE {table}", timeout=1800)
    return crowd.size, len(entries)


_ENTRY_COLUMNS = (
    "bucket member_id event_key n batch_id kind unit points expires_on version rule basis release_on cause taken"
)
_INDEXES = (
    "ALTER TABLE entry ADD PRIMARY KEY (bucket, member_id, event_key)",
    "CREATE INDEX entry_batch ON entry (batch_id)",
    "ALTER TABLE event ADD PRIMARY KEY (bucket, member_id, event_key)",
    "CREATE INDEX event_batch ON event (batch_id)",
    "ALTER TABLE seen ADD PRIMARY KEY (key)",
)


async def _without_indexes(conn: Any, *tables: str) -> None:
    """Take keys and indexes away; those of the schema are made again behind the rows."""
    for table in tables:
        await conn.execute(f"ALTER TABLE {table} DROP CONSTRAINT {table}_pkey")
    await conn.execute("DROP INDEX entry_batch; DROP INDEX event_batch")


async def _put(conn: Any, table: str, columns: str, pieces: Iterator[bytes]) -> None:
    async def source() -> AsyncIterator[bytes]:
        yield _HEAD
        for piece in pieces:
            yield piece
        yield _END

    await conn.copy_to_table(table, source=source(), columns=columns.split(), format="binary", timeout=3600)


def _packed(columns: dict[str, tuple[Any, str]]) -> bytes:
    """Return rows as binary COPY reads them, columns in their order."""
    fields: list[Any] = [("fields", ">i2")]
    for name, (_, type_) in columns.items():
        fields.append((f"length of {name}", ">i4"))
        if type_ != _EMPTY:
            fields.append((name, type_))
    count = next(len(values) for values, _ in columns.values() if not isinstance(values, bytes))
    rows = np.zeros(count, np.dtype(fields))
    rows["fields"] = len(columns)
    for name, (values, type_) in columns.items():
        if type_ != _EMPTY:
            rows[f"length of {name}"] = rows.dtype[name].itemsize
            rows[name] = values
    return rows.tobytes()


def _raw(values: Numbers, width: int) -> Numbers:
    return np.ascontiguousarray(values).reshape(-1).view(f"V{width}") if width else np.zeros(len(values), np.bool_)


def _entries(entries: Numbers, taken: Numbers) -> Iterator[bytes]:
    """Lay entries down commit by commit; within a stretch those of one shape stand together."""
    lots = (taken["remaining"] > 0).sum(axis=1)
    for start in range(0, len(entries), _AT_ONCE >> 2):
        rows, of, count = (column[start : start + (_AT_ONCE >> 2)] for column in (entries, taken, lots))
        shape = count * 4 + (rows["release_on"] != 0) * 2 + (rows["cause"] != 0)
        for one in np.unique(shape):
            some = rows[shape == one]
            columns = {name: (some[name], type_) for name, type_ in _ENTRY if name not in {"release_on", "cause"}}
            yield _shaped(columns, some, of[shape == one], int(one))


def _shaped(columns: dict[str, Any], rows: Numbers, taken: Numbers, shape: int) -> bytes:
    """Return entries of one shape: with or without a day of release, a cause, and lots."""
    fields: list[Any] = [("fields", ">i2")]
    for name, (_, type_) in columns.items():
        fields += [(f"_{name}", ">i4"), (name, type_)]
    count = shape >> 2
    for name, type_, there in (
        ("release_on", ">i4", shape & 2),
        ("cause", ">i8", shape & 1),
        ("taken", f"V{16 * count}", count),
    ):
        fields.append((f"_{name}", ">i4"))
        if there:
            fields.append((name, type_))
            values = rows[name] if name != "taken" else _raw(taken[:, :count], 16 * count)
            columns[name] = (values, type_)
    made = np.zeros(len(rows), np.dtype(fields))
    made["fields"] = 15
    for name in ("release_on", "cause", "taken"):
        made[f"_{name}"] = -1
    for name, (values, _) in columns.items():
        made[f"_{name}"] = made.dtype[name].itemsize
        made[name] = values
    return made.tobytes()


def _events(crowd: Crowd) -> Iterator[bytes]:
    """Lay events down in the order of their commits; what two members share is there under both."""
    order = np.argsort(crowd.batch.reshape(-1), kind="stable")
    for start in range(0, len(order), _AT_ONCE):
        some = order[start : start + _AT_ONCE]
        event, member = np.divmod(some, crowd.size)
        names = np.char.zfill(some.astype("S9"), 9)
        bodies = np.array([_BODY.replace(b"#########", name) for name in names.tolist()])
        yield _packed(
            {
                "bucket": (crowd.buckets[member], ">i2"), "member": (_raw(crowd.members[member], 16), "V16"),
                "key": (_raw(crowd.keys[event, member], 16), "V16"), "batch": (crowd.batch[event, member], ">i8"),
                "type": (b"order.completed", "S15"), "source": (b"till-1", "S6"), "id": (names, "S9"),
                "body": (bodies, bodies.dtype.str),
            }
        )  # fmt: skip


def _answers(crowd: Crowd) -> Iterator[bytes]:
    """Lay one answer down for each event, as long as most are."""
    count = EVENTS_EACH * crowd.size - len(crowd.parts["receiver"])
    draw = np.random.default_rng(count)
    for start in range(0, count, _AT_ONCE):
        some = min(_AT_ONCE, count - start)
        raw = draw.integers(0, 256, (some, 32), dtype=np.uint8)
        yield _packed(
            {
                "key": (_raw(raw[:, :16], 16), "V16"),
                "hash": (_raw(raw[:, 16:], 16), "V16"),
                "answer": (np.zeros(some, "V96"), "V96"),
            }
        )


def _rows(crowd: Crowd) -> Iterator[bytes]:
    """Lay members' rows down: what each story leads to."""
    for part, story in crowd.stories():
        lots = np.zeros((len(part), max(len(story.lots), 1)), _LOT)
        for place, (last, points) in enumerate(story.lots):
            lots["expires_on"][:, place], lots["remaining"][:, place] = last, points
        order = np.argsort(
            np.where(lots["remaining"] > 0, lots["expires_on"].astype(np.int64), 1 << 40), axis=1, kind="stable"
        )
        lots, counts = np.take_along_axis(lots, order, axis=1), (lots["remaining"] > 0).sum(axis=1)
        counters = np.zeros((len(part), len(Counters._fields)), np.int64)
        for name, values in story.counters.items():
            counters[:, Counters._fields.index(name)] = values
        waiting, waiting_type = _waiting(story, len(part))
        for count in np.unique(counts):
            some = counts == count
            here = np.arange(part.start, part.stop)[some]
            columns = {
                "bucket": (crowd.buckets[here], ">i2"), "member": (_raw(crowd.members[here], 16), "V16"),
                "count": (np.full(len(here), ENTRIES_EACH), ">i8"), "counters": (_array(counters[some]), "V128"),
                "memory": (np.zeros(len(here), "V24"), "V24"),
                "lots": (_raw(lots[some, :count], 16 * count), f"V{16 * count}"),
                "waiting": (waiting[some], waiting_type),
            }  # fmt: skip
            yield _packed(columns)


def _waiting(story: Story, size: int) -> tuple[Numbers, str]:
    if story.waiting is None:
        return np.zeros(size, np.bool_), _EMPTY
    fields = [
        ("release_on", "<i4"),
        ("cause", "<u8"),
        ("unit", "<u2"),
        ("restriction", "<u2"),
        ("expires_on", "<i4"),
        ("points", "<i8"),
    ]
    made = np.zeros(size, np.dtype(fields))
    made["release_on"], made["expires_on"], made["points"] = story.waiting
    return made.view("V28"), "V28"


def _array(values: Numbers) -> Numbers:
    """Return rows of numbers as arrays of bigint."""
    count = values.shape[1]
    cells = [("head", ">i4", (5,)), ("cells", np.dtype([("length", ">i4"), ("value", ">i8")]), (count,))]
    made = np.zeros(len(values), np.dtype(cells))
    made["head"] = (1, 0, 20, count, 1)
    made["cells"]["length"], made["cells"]["value"] = 8, values
    return made.view(f"V{made.itemsize}")


def _holds(crowd: Crowd) -> Iterator[bytes]:
    """Lay the holds down that are open."""
    for part, story in crowd.stories():
        if story.holding is None:
            continue
        here = np.arange(part.start, part.stop)
        ((last, points),) = story.holding.taken
        lots = np.zeros(len(part), _LOT)
        lots["expires_on"], lots["remaining"] = last, points
        placed = (crowd.at_ms[-1, here] - 946_684_800_000) * 1000
        yield _packed(
            {
                "key": (_raw(crowd.keys[-1, here], 16), "V16"), "bucket": (crowd.buckets[here], ">i2"),
                "member": (_raw(crowd.members[here], 16), "V16"), "unit": (np.zeros(len(part)), ">i2"), "points": (points, ">i8"),
                "lots": (lots.view("V16"), "V16"), "holder": (b"key:bench", "S9"), "placed": (placed, ">i8"),
                "expires": (placed + 10**15, ">i8"),
            }
        )  # fmt: skip


async def _close(conn: Any, last: int) -> None:
    """Write every commit's row, its news and its seal."""
    checked, every, previous = 0, max(1, last // (_CHECKED * _BATCHES_AT_ONCE)), GENESIS
    for first in range(1, last + 1, _BATCHES_AT_ONCE):
        where = proof_store.of_batches(first, min(first + _BATCHES_AT_ONCE - 1, last))
        async with conn.transaction():
            texts = await proof_store.texts(conn, where)
            commits = Commits(await proof_store.read(conn, proof_store.ENTRIES, where), texts)
            commits.sort()
            counts = (commits.ends - commits.starts).tolist()
            rows = list(zip(commits.ids, counts, commits.sums(), commits.digests(), strict=True))
            await conn.copy_records_to_table(
                "batch", columns=["batch_id", "entries", *store.SUM_NAMES, "digest"],
                records=[(one, count, *(getattr(sums, name) for name in store.SUM_NAMES), told) for one, count, sums, told in rows],
            )  # fmt: skip
            seals = []
            for one, _, sums, told in rows:
                previous = link(previous, one, sums, told)
                seals.append((one, one, previous))
            await conn.copy_records_to_table("seal", columns=["position", "batch_id", "hash"], records=seals)
            await conn.copy_records_to_table(
                "outbox", columns=["topic", "payload"], records=[(POSTED, one) for one, *_ in rows]
            )
        if first // _BATCHES_AT_ONCE % every == 0:
            one, _, _, told = rows[len(rows) // 2]
            await _check(conn, one, told)
            checked += 1
    if not checked:
        raise RuntimeError("no commit was checked")
    await conn.execute(
        "INSERT INTO outbox_cursor SELECT $1, xid, id FROM outbox ORDER BY xid DESC, id DESC LIMIT 1", SEALER_NAME
    )


async def _check(conn: Any, batch_id: int, told: bytes) -> None:
    """Work one commit's digest out again, entry by entry, by the plain function."""
    found = await conn.fetch("SELECT * FROM entry WHERE batch_id = $1", batch_id)
    entries: list[Entry] = [store.entry_of(row) for row in found]
    if digest(entries) != told:
        raise RuntimeError(f"the digest of commit {batch_id} is another one")
