"""Reading for the member's screens: the rooms are asked by key, views come out. Every function sees one moment of the brand."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypeVar

from kizuna import intake, ledger, members
from kizuna.core.days import day_date, day_number, from_ms
from kizuna.core.errors import N_, Kind, NotFound, Problem
from kizuna.core.ids import parse_member_id
from kizuna.engine import EntryKind, Plan
from kizuna.program import AfterDays, Tiers, telling_terms
from kizuna.runtime.db import Connection
from kizuna.web.console.deeds.reads import deeds_of
from kizuna.web.console.member.happened import REDEMPTIONS, behind_of, told_of
from kizuna.web.console.member.views import (
    TYPES,
    AnswerView,
    KnownAs,
    NotePage,
    NoteView,
    OrderPage,
    OrderView,
    OrderWhole,
    RungView,
    SpendView,
    TrackView,
    WholeView,
    Wish,
)
from kizuna.web.entries import KIND_NAMES
from kizuna.web.reads import CursorInvalid, Reader, event_of, read_cursor, uuid_text
from kizuna.web.standings import Whole, words
from kizuna.web.views import EntryView, MakingView, Page, TierView

ENTRIES_SHOWN = 30
ORDERS_SHOWN = 30
NOTES_SHOWN = 20
_EXPORTED_AT_ONCE = 500
_KINDS = {name: kind for kind, name in KIND_NAMES.items()}
_TYPES = dict(zip(TYPES, ((intake.ORDER_COMPLETED,), REDEMPTIONS), strict=True))

_T = TypeVar("_T")


class ChoiceUnknown(Problem):
    """A filter that is not on offer."""

    code = "choice_unknown"
    kind = Kind.INVALID
    title = N_("“{choice}” cannot be chosen here.")
    remedy = N_("Choose one of {known}, or leave it out to see everything.")


def member_of(text: str) -> bytes:
    """Return the id that an address names. Raises `NotFound`."""
    member = parse_member_id(text)
    if member is None:
        raise NotFound(what="member", key=text)
    return member


@dataclass(frozen=True, slots=True)
class Subject:
    """One member under one reader: who, and the row of points, at the reader's moment."""

    reader: Reader
    conn: Connection
    who: members.Member
    account: ledger.Account

    @classmethod
    async def open(cls, reader: Reader, conn: Connection, member: bytes) -> "Subject":
        """Return a member as a subject. Raises `NotFound`."""
        return cls(reader, conn, await members.get(conn, member), await ledger.account(conn, member))

    async def whole(self, last_order_at: datetime | None) -> WholeView:
        """Return what stands above every tab; `last_order_at` comes with the tab's own events."""
        view, plan = self.reader.member_view(self.who, self.account), self.reader.plan
        note, notes = await members.newest_note(self.conn, self.who.id)
        whole = self.reader.whole(self.account)
        year = (day_date(self.reader.today) or date.max).year
        tracks = zip(plan.program.tracks, view.tracks, strict=True)
        return WholeView(
            member=view,
            last_active_on=whole.standing.last_day,
            spend=_spend(whole, year, last_order_at),
            track=_track(plan, plan.program.tiers, view.tier),
            further=[_track(plan, tiers, tier) for tiers, tier in tracks],
            identities=[KnownAs(*one, self.who.since(one)) for one in self.who.identities],
            notes=notes,
            newest_note=_note(note) if note else None,
            deeds=await deeds_of(self.conn, self.reader, self.who.id, self.account),
        )

    async def last_order_at(self) -> datetime | None:
        """Return when the member's last order was."""
        return (await intake.told(self.conn, self.who.id, [])).last_order_at

    async def history(self, wish: Wish) -> tuple[Page, datetime | None]:
        """Return one page of history, newest first, and when the last order was. Raises `CursorInvalid`, `ChoiceUnknown`."""
        found, following = await self._tell(self.ledger_wish(wish), ENTRIES_SHOWN)
        told = await intake.told(self.conn, self.who.id, _events_of(found))
        entries = await self._entries(found, told.events)
        return Page(entries, uuid_text(following) if following else None), told.last_order_at

    async def kinds(self) -> Sequence[str]:
        """Return the kinds of entries that the member has."""
        return [KIND_NAMES[EntryKind(kind)] for kind in await ledger.kinds(self.conn, self.who.id)]

    async def whole_history(self, wish: Wish) -> AsyncIterator[Sequence[EntryView]]:
        """Yield all of a history, newest first, a few hundred entries at a time."""
        asked: ledger.Wish | None = self.ledger_wish(wish)
        while asked is not None:
            found, following = await self._tell(asked, _EXPORTED_AT_ONCE)
            told = await intake.told(self.conn, self.who.id, _events_of(found))
            yield await self._entries(found, told.events)
            asked = asked._replace(before=following) if following else None

    def ledger_wish(self, wish: Wish) -> ledger.Wish:
        """Return a wish as the ledger reads it. Raises `CursorInvalid`, `ChoiceUnknown`."""
        zone, first, last = self.reader.brand.zone, wish.period.first, wish.period.last
        before = read_cursor(wish.cursor)
        if last is not None:
            before = min(before, ledger.first_key(day_number(last) + 1, zone))
        oldest = ledger.OLDEST if first is None else ledger.first_key(day_number(first), zone)
        return ledger.Wish(_chosen(wish.kind, _KINDS), oldest, before)

    async def _tell(self, wish: ledger.Wish, limit: int) -> tuple[list[ledger.Told], bytes | None]:
        day, zone = self.reader.today, self.reader.brand.zone
        return await ledger.tell(self.conn, self.who.id, self.account, wish, day=day, zone=zone, limit=limit)

    async def _entries(self, found: Sequence[ledger.Told], told: Mapping[bytes, intake.Behind]) -> list[EntryView]:
        """Return entries as shown, those that lapsed with how their lots were made."""
        lots = [one.entry.expires_on for one in found if one.entry.kind == EntryKind.EXPIRE]
        lifetimes = {
            unit.expiry.after_days
            for plan in self.reader.book.plans
            for unit in plan.program.units
            if isinstance(unit.expiry, AfterDays)
        }
        zone = self.reader.brand.zone
        made = await ledger.makings(self.conn, self.who.id, lots, list(lifetimes), zone) if lots else {}
        return [
            replace(
                self.reader.entry_view(one.entry, told),
                balance=one.balance if one.entry.unit == 0 else None,
                made=self._made(made.get(one.entry.expires_on)) if one.entry.kind == EntryKind.EXPIRE else None,
            )
            for one in found
        ]

    def _made(self, makings: Sequence[ledger.Making] | None) -> MakingView | None:
        if not makings:
            return None
        first, last = (self._day_of(making.key) for making in (makings[0], makings[-1]))
        return MakingView(len(makings), sum(making.points for making in makings), first, last)

    def _day_of(self, key: bytes) -> date:
        return from_ms(int.from_bytes(key[:6], "big")).astimezone(self.reader.brand.zone).date()

    async def orders(self, type_: str, cursor: str | None) -> tuple[OrderPage, datetime | None]:
        """Return one page of orders and redemptions, newest first, and when the last order was.

        Raises `CursorInvalid`, `ChoiceUnknown`.
        """
        asked, before = _chosen(type_, _TYPES), read_cursor(cursor)
        found = await intake.past(self.conn, self.who.id, before=before, types=asked, limit=ORDERS_SHOWN)
        moved = await ledger.entries_of(self.conn, self.who.id, [event.key for event in found.events])
        silent = [event for event in found.events if event.key not in moved and not _is_order(event)]
        refused = await intake.outcomes(self.conn, silent) if silent else {}
        orders = [self._order(event, moved.get(event.key, []), refused.get(event.key)) for event in found.events]
        last = found.last_order_at if found.events else await self.last_order_at()
        return OrderPage(orders, type_, uuid_text(found.following) if found.following else None, cursor), last

    async def order(self, key: str) -> tuple[OrderWhole, datetime | None]:
        """Return one order or redemption with what it moved and what was answered, and when the last order was.

        Raises `NotFound`.
        """
        raw = parse_member_id(key)
        if raw is None:
            raise NotFound(what="order", key=key)
        found = await intake.happened(self.conn, self.who.id, raw)
        (event,) = found.events
        moved = await ledger.entries_of(self.conn, self.who.id, [raw])
        outcome = (await intake.outcomes(self.conn, [event])).get(raw)
        answer = None
        if outcome is not None and outcome.member == self.who.id:
            levels = self.reader.book.version(outcome.version).program.tiers.levels
            before, after = (words(levels[level].name) for level in (outcome.level_before, outcome.level))
            answer = AnswerView(outcome.balance, before, after)
        order = self._order(event, moved.get(raw, []), outcome)
        return OrderWhole(order, event.id, event.received_at, answer), found.last_order_at

    def _order(
        self, event: intake.Happened, moved: Sequence[ledger.Entry], outcome: intake.Outcome | None
    ) -> OrderView:
        what = told_of(event, self.reader.plan.program)
        refusal = None
        if outcome is not None and outcome.refusal:
            terms = self.reader.book.version(outcome.version).program.redemption
            refusal = intake.refusal_problem(outcome.refusal, what.amount, outcome.balance, terms.minimum, terms.step)
        told = {event.key: behind_of(event, what.reference)}
        return replace(
            what,
            entries=[self.reader.entry_view(entry, told) for entry in moved],
            refusal=refusal,
        )

    async def notes(self, cursor: str | None) -> NotePage:
        """Return one page of notes, newest first, and what can be brought back. Raises `CursorInvalid`."""
        before = members.NEWEST_NOTE if cursor is None else note_number(cursor)
        if before is None:
            raise CursorInvalid(field="cursor", cursor=cursor)
        found, following = await members.notes(self.conn, self.who.id, before=before, limit=NOTES_SHOWN)
        removed = await members.removed_notes(self.conn, self.who.id, self.reader.at) if cursor is None else ()
        shown = [_note(note) for note in found]
        return NotePage(shown, [_note(note) for note in removed], str(following) if following else None, cursor)


def note_number(text: str) -> int | None:
    """Return the note that an address names, None when it names none that could be."""
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else 0
    return number if 0 < number <= members.NEWEST_NOTE else None


def _chosen(name: str, choices: Mapping[str, _T]) -> _T | None:
    """Return a choice by name, None for all. Raises `ChoiceUnknown`."""
    if name and name not in choices:
        raise ChoiceUnknown(field="kind", choice=name[:40], known=", ".join(choices))
    return choices.get(name)


def _is_order(event: intake.Happened) -> bool:
    return isinstance(event.data, intake.OrderCompleted)


def _events_of(found: Sequence[ledger.Told]) -> list[bytes]:
    return list({event_of(one.entry) for one in found if one.entry.version})


def _note(note: members.Note) -> NoteView:
    return NoteView(note.id, note.author, note.body, note.written_at, note.removed_at)


def _spend(whole: Whole, year: int, last_order_at: datetime | None) -> SpendView:
    now = whole.standing
    this_year, last_year = whole.by_year or (None, None)
    return SpendView(
        orders=now.orders,
        year=year,
        this_year=this_year,
        last_year=last_year,
        lifetime=now.spend,
        average=now.spend // now.orders if now.orders else None,
        last_order_at=last_order_at if now.orders else None,
    )


def _track(plan: Plan, tiers: Tiers, tier: TierView) -> TrackView:
    """Return a tier track with the member's place on it."""
    ends = [*(level.at for level in tiers.levels[1:]), None]
    rungs = [
        RungView(
            id=level.id,
            name=words(level.name),
            rank=rank,
            at=level.at,
            is_here=rank == tier.rank,
            share=None if end is None else max(0, min(100, (tier.figure - level.at) * 100 // max(1, end - level.at))),
        )
        for rank, (level, end) in enumerate(zip(tiers.levels, ends, strict=True))
    ]
    counted = telling_terms.counted(plan.program, tiers)
    return TrackView(tier, rungs, counted, is_held=tier.figure < tiers.levels[tier.rank].at)
