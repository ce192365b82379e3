"""A brand with every kind of entry: whatever is planted in it, one thing after the other, the proof finds; healed, it finds nothing."""

import re
from datetime import UTC, datetime, timedelta

from kizuna.engine import EntryKind
from kizuna.intake import Outcome
from road import HANAKO, TARO, event, order, redemption

PROGRAM = """
program: 1
name: {ja: 試し, en: Trial}
units:
  - {id: points, name: {ja: ポイント, en: points}, expiry: {after_days: 30}}
  - {id: miles, name: {ja: マイル, en: miles}, expiry: never, pending: {days: 5}}
tiers:
  by: spend
  window: calendar_year
  levels: [{id: base, name: {ja: 一般, en: Base}, at: 0}]
earning_rules:
  - {id: base, event: order.completed, unit: points, name: {ja: 買物, en: Purchases}, award: {points: 1, per: 10}}
  - {id: miles, event: order.completed, name: {ja: マイル, en: Miles}, unit: miles, award: {points: 1, per: 100}}
redemption: {minimum: 1, step: 1}
returns: {grace_days: 10}
holds: {minutes_max: 43200}
transfers: {minimum: 5, maximum: 500}
adjustments: {reasons: [{id: lost_card, name: {ja: 紛失, en: Lost card}}]}
"""
START = datetime.now(UTC) - timedelta(days=60)
TODAY = datetime.now(UTC).date()
JIRO = "customer:jiro"
TABLES = ("entry", "account", "batch", "seal", "hold", "outbox", "outbox_cursor", "event", "seen")
KINDS = {
    EntryKind.EARN, EntryKind.REDEEM, EntryKind.EXPIRE, EntryKind.PEND, EntryKind.RELEASE, EntryKind.REVERSE, EntryKind.CANCEL,
    EntryKind.HOLD, EntryKind.VOID, EntryKind.CONFIRM, EntryKind.RESTORE, EntryKind.EXTEND, EntryKind.ADJUST, EntryKind.TRANSFER,
}  # fmt: skip


def day(number: int) -> str:
    return (START + timedelta(days=number)).isoformat()


async def done(asked) -> Outcome:
    result = await asked
    assert isinstance(result, Outcome), str(result)
    return result


async def every_kind(on) -> None:
    """Let three members live through everything; one hold stays open, one member owes."""
    await on.tell(
        order("1", 1000, at=day(0)), order("2", 2000, who=TARO, at=day(1)), order("3", 900, who=JIRO, at=day(2))
    )
    await on.tell(redemption("r", 30, at=day(3)), order("4", 700, at=day(3)))
    await on.tell(event("x", "order.returned", {"order_id": "4"}, at=day(4)))
    held = await done(on.ask("hold.placed", {"points": 40, "minutes": 60}, who=TARO, at=day(10)))
    await done(on.ask("hold.confirmed", {"hold": held.about["hold"], "points": 25}, at=day(10)))
    await done(on.ask("redemption.voided", {"redemption": held.about["hold"], "points": 5}, at=day(11)))
    await done(on.ask("points.transferred", {"to": JIRO, "points": 20}, who=TARO, at=day(12)))
    await done(on.ask("points.adjusted", {"points": 50, "reason": "lost_card"}, who=JIRO, at=day(13)))
    through = (START + timedelta(days=200)).date().isoformat()
    await done(on.ask("points.extended", {"through": through, "reason": "goodwill"}, who=JIRO, at=day(14)))
    await on.tell(order("5", 300, at=day(45)))
    await done(
        on.ask("points.adjusted", {"points": -75, "reason": "correction", "may_owe": True}, who=HANAKO, at=day(46))
    )
    await done(on.ask("hold.placed", {"points": 33, "minutes": 43_000}, who=JIRO, at=day(50)))
    await on.tell(order("6", 500, who=TARO, at=day(58)))
    await on.seal()


def of(kind: EntryKind) -> str:
    """The first entry of a kind."""
    return (
        f"(bucket, member_id, event_key) = (SELECT bucket, member_id, event_key FROM entry WHERE kind = {int(kind)}"
        " ORDER BY batch_id, n LIMIT 1)"
    )


def who(name: str) -> str:
    kind, value = name.split(":")
    return f"member_id = (SELECT member_id FROM identity WHERE kind = '{kind}' AND value = '{value}')"


E = EntryKind
LAST = "(SELECT max(batch_id) FROM batch)"
LAST_GONE = (
    f"DELETE FROM seal WHERE batch_id = {LAST}; DELETE FROM entry WHERE batch_id = {LAST}; DELETE FROM event WHERE batch_id = {LAST};"
    "UPDATE account a SET entry_count = s.entry_count, counters = s.counters, lots = s.lots, waiting = s.waiting FROM before_last s"
    " WHERE a.member_id = s.member_id;"
)
CORRUPTIONS = {
    "an entry is removed": (f"DELETE FROM entry WHERE {of(E.RESTORE)}", "missing or doubled"),
    "points are changed": (f"UPDATE entry SET points = points + 1 WHERE {of(E.ADJUST)}", "counters"),
    "a last day is changed": (f"UPDATE entry SET expires_on = expires_on + 1 WHERE {of(E.VOID)}", "does not agree"),
    "a kind is changed": (f"UPDATE entry SET kind = {E.EARN} WHERE {of(E.RESTORE)}", "counters"),
    "a rule is changed": (f"UPDATE entry SET rule = 7 WHERE {of(E.PEND)}", "does not agree"),
    "a version is changed": (f"UPDATE entry SET version = 9 WHERE {of(E.HOLD)}", "does not agree"),
    "a version is hidden": (f"UPDATE entry SET version = 0 WHERE {of(E.HOLD)}", "does not agree"),
    "a basis is changed": (f"UPDATE entry SET basis = 9 WHERE {of(E.EARN)}", "does not agree"),
    "a unit is changed": (f"UPDATE entry SET unit = 1 WHERE {of(E.EARN)}", "counters"),
    "a cause is changed": (f"UPDATE entry SET cause = cause + 1 WHERE {of(E.CONFIRM)}", "ends a hold of"),
    "an entry is doubled": (
        f"""UPDATE entry SET n = n + 1 WHERE {who(TARO)} AND n > 1;
            INSERT INTO entry SELECT bucket, member_id, gen_random_uuid(), 2, batch_id, kind, unit, points, expires_on, version,
                rule, basis, taken, restriction FROM entry WHERE {who(TARO)} AND n = 1""",
        "entry count",
    ),
    "a key has another date": (
        f"UPDATE entry SET event_key = overlay(event_key::text PLACING '00' FROM 4 FOR 2)::uuid WHERE {of(E.EARN)}",
        "leads to no event",
    ),
    "a key names another line": (
        f"UPDATE entry SET event_key = (substr(event_key::text, 1, 34) || 'ff')::uuid WHERE {of(E.EARN)}",
        "does not agree",
    ),
    "other lots were taken": (
        f"UPDATE entry SET taken = set_byte(taken, 4, 255 - get_byte(taken, 4)) WHERE {of(E.REDEEM)}", "other lots",
    ),
    "lots taken cannot be read": (f"UPDATE entry SET taken = substr(taken, 1, 9) WHERE {of(E.HOLD)}", "cannot be read"),
    "an account has another name": (f"UPDATE entry SET account = 'apology' WHERE {of(E.ADJUST)}", "does not agree"),
    "an account has no name": (f"UPDATE entry SET account = NULL WHERE {of(E.ADJUST)}", "does not agree"),
    "two entries change places": (
        f"UPDATE entry SET n = CASE n WHEN 1 THEN 3 ELSE 1 END WHERE {who(TARO)} AND n IN (1, 3)", "does not agree",
    ),
    "an entry is in another’s account": (
        f"""UPDATE entry SET (bucket, member_id) = (SELECT bucket, member_id FROM account WHERE {who(HANAKO)}), n = 99
            WHERE {of(E.EXTEND)}""",
        "leads to no event",
    ),
    "an entry is in another bucket": (f"UPDATE entry SET bucket = (bucket + 1) % 64 WHERE {of(E.EARN)}", "lies in bucket"),
    "an entry is in no bucket": (f"UPDATE entry SET bucket = 4711 WHERE {of(E.EARN)}", "lies in bucket"),
    "one side of a transfer is gone": (f"DELETE FROM entry WHERE {of(E.TRANSFER)}", "not to none"),
    "a lot is changed": (f"UPDATE account SET lots = set_byte(lots, 8, 255) WHERE {who(TARO)}", "open lots"),
    "a counter is changed": (f"UPDATE account SET counters[8] = counters[8] + 1 WHERE {who(JIRO)}", "counters"),
    "a counter of the second unit is changed": (
        f"UPDATE account SET counters[10] = counters[10] + 1 WHERE {who(JIRO)}", "counters",
    ),
    "what is held is changed": (f"UPDATE account SET counters[7] = 0 WHERE {who(JIRO)}", "counters"),
    "what was transferred is changed": (f"UPDATE account SET counters[9] = 0 WHERE {who(TARO)}", "counters"),
    "a debt is hidden": (f"UPDATE account SET counters[4] = 0 WHERE {who(HANAKO)}", "counters"),
    "what waits is changed": (f"UPDATE account SET waiting = set_byte(waiting, 20, 255) WHERE {who(TARO)}", "waiting"),
    "a member’s row is missing": (f"DELETE FROM account WHERE {who(JIRO)}", "has entries but no row"),
    "a member’s row is in another bucket": (
        f"UPDATE account SET bucket = (bucket + 1) % 64 WHERE {who(JIRO)}", "lies in bucket",
    ),
    "a batch is missing": (f"DELETE FROM batch WHERE batch_id = {LAST}", "is missing, though"),
    "a batch adjusted more": (f"UPDATE batch SET adjusted = adjusted + 1 WHERE batch_id = {LAST}", "does not agree"),
    "a batch holds more": (f"UPDATE batch SET held = held + 1 WHERE batch_id = {LAST}", "does not agree"),
    "a batch has another digest": (
        f"UPDATE batch SET digest = set_byte(digest, 0, 255 - get_byte(digest, 0)) WHERE batch_id = {LAST}", "does not agree",
    ),
    "an empty batch appears": (
        "INSERT INTO batch (entries, issued, redeemed, expired, digest) VALUES (0, 0, 0, 0, ''::bytea)", "0 times",
    ),
    "a seal is missing": ("DELETE FROM seal WHERE position = 2", "the chain breaks"),
    "a seal is changed": ("UPDATE seal SET hash = set_byte(hash, 0, 255 - get_byte(hash, 0)) WHERE position = 2", "breaks"),
    "the chain has another order": (
        """UPDATE seal SET position = -position WHERE position IN (2, 3);
           UPDATE seal SET position = 5 + position WHERE position < 0""",
        "the outbox tells of batch",
    ),
    "a hold is changed": ("UPDATE hold SET points = points - 1 WHERE state = 0", "a replay gives 33"),
    "a hold’s lots are changed": ("UPDATE hold SET lots = set_byte(lots, 4, 0) WHERE state = 0", "other lots"),
    "a hold’s lots cannot be read": ("UPDATE hold SET lots = '' WHERE state = 0", "other lots"),
    "a hold is missing": ("DELETE FROM hold WHERE state = 0", "no open hold says so"),
    "a hold is closed": ("UPDATE hold SET state = 2 WHERE state = 0", "no open hold says so"),
    "a hold is opened again": ("UPDATE hold SET state = 0 WHERE state = 1", "a replay gives 0"),
    "a hold is another’s": (
        f"UPDATE hold SET (bucket, member_id) = (SELECT bucket, member_id FROM account WHERE {who(TARO)}) WHERE state = 0",
        "no open hold says so",
    ),
    "a hold appears": (
        """INSERT INTO hold SELECT decode(md5('x'), 'hex'), bucket, member_id, unit, points, lots, 0, holder, reference, account,
               placed_at, expires_at, NULL FROM hold WHERE state = 0""",
        "a replay gives 0",
    ),
    "no news of a batch": (f"DELETE FROM outbox WHERE payload = {LAST}", "0 times, not once"),
    "news of a batch came twice": (
        f"INSERT INTO outbox (topic, payload) VALUES ('ledger.posted', {LAST})", "2 times, not once",
    ),
    "news of a batch that there is not": ("INSERT INTO outbox (topic, payload) VALUES ('ledger.posted', 99)", "99 is missing"),
    "the cursor is put back": (
        "UPDATE outbox_cursor SET (xid, id) = (SELECT xid, id FROM outbox ORDER BY xid, id LIMIT 1)", "though the sealer",
    ),
    "an event is missing": (
        "DELETE FROM event WHERE (member_id, event_key) IN (SELECT member_id, event_key FROM event ORDER BY batch_id LIMIT 1)",
        "leads to no event",
    ),
    "an event names another batch": ("UPDATE event SET batch_id = 99 WHERE type = 'points.extended'", "leads to no event"),
    "an event is in another bucket": (
        "UPDATE event SET bucket = (bucket + 1) % 64 WHERE type = 'points.extended'", "which is not its",
    ),
    "an event without a batch": (
        """INSERT INTO event (bucket, member_id, event_key, batch_id, type, source, id, body)
           SELECT bucket, member_id, gen_random_uuid(), 99, type, source, 'y', body FROM event LIMIT 1""",
        "99 is missing",
    ),
    "an answer is missing": ("DELETE FROM seen WHERE key = (SELECT min(key) FROM seen)", "answers to"),
    "an answer without an event": (
        "INSERT INTO seen SELECT decode(md5('x'), 'hex'), payload_hash, answer FROM seen LIMIT 1", "answers to",
    ),
    "the newest batch is gone with all its points": (f"{LAST_GONE} DELETE FROM batch WHERE batch_id = {LAST}", "though the outbox"),
    "the newest batch is gone with its news too": (
        f"{LAST_GONE} DELETE FROM outbox WHERE payload = {LAST}; DELETE FROM batch WHERE batch_id = {LAST}",
        "has read news that the outbox does not have",
    ),
}  # fmt: skip


async def heal(conn, tables) -> None:
    for table in tables:
        await conn.execute(f"TRUNCATE {table}; INSERT INTO {table} OVERRIDING SYSTEM VALUE SELECT * FROM saved_{table}")


def test_every_planted_corruption_is_found_and_nothing_is_found_once_healed(make_brand, road_of):
    async def story(on):
        await every_kind(on)
        kinds = {row["kind"] for row in await on.sql("SELECT DISTINCT kind FROM entry")}
        assert kinds >= KINDS, KINDS - kinds
        await on.sql("CREATE TABLE before_last AS TABLE account")
        await on.tell(order("7", 400, at=day(59)))
        await on.seal()
        proof = await on.verify(TODAY)
        assert proof.faults == []
        assert (proof.held, proof.events) == (33, len(await on.sql("SELECT DISTINCT event_key FROM event")))
        for table in TABLES:
            await on.sql(f"CREATE TABLE saved_{table} AS TABLE {table}")
        missed = {}
        for name, (statement, says) in CORRUPTIONS.items():
            async with on.db.lend(on.brand.schema) as conn:
                done_ = await conn.execute(statement)
                assert not done_.endswith(" 0"), f"{name}: the corruption touched nothing"
                proof = await on.verify(TODAY)
                if proof.ok or says not in "\n".join(proof.faults):
                    missed[name] = proof.faults
                await heal(conn, {table for table in TABLES if re.search(rf"\b{table}\b", statement)})
        assert missed == {}
        assert (await on.verify(TODAY)).faults == []

    road_of(make_brand(PROGRAM)).run(story)
