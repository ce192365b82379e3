"""Reading for the faces and the API: rooms are asked, views come out. Every function sees one moment, `at`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from kizuna import intake, ledger, members
from kizuna.core.days import (
    DAY_IDLE,
    day_date,
    day_number,
    day_of,
    day_start_ms,
    from_ms,
)
from kizuna.core.errors import CursorInvalid as CursorInvalid  # noqa: PLC0414 - offered on: whoever reads pages knows it from here
from kizuna.core.errors import NotFound
from kizuna.core.ids import parse_member_id
from kizuna.core.lots import Counters, Lot, unpack
from kizuna.core.waiting import unpack as unpack_waiting
from kizuna.engine import EntryKind, Plan, standing
from kizuna.program import AfterIdle, main_unit
from kizuna.publishing import PlanBook
from kizuna.runtime.brands import Brand
from kizuna.runtime.db import Connection, Database
from kizuna.web.entries import KIND_NAMES, account_view, awaits, last_day, release_day, why
from kizuna.web.look import look_view
from kizuna.web.offer import unit_view
from kizuna.web.standings import Standing, Whole, standings, state_of, whole_standing, words
from kizuna.web.views import (
    AccountView,
    BrandView,
    EntryView,
    IdentityView,
    LotView,
    MemberView,
    Page,
    PocketView,
    PurposeView,
    UnitView,
    WaitingView,
)

PAGE_SIZE = 50
STATUSES = {
    ledger.AccountStatus.OPEN: "open",
    ledger.AccountStatus.CLOSED: "closed",
    ledger.AccountStatus.MERGED: "merged",
}
NOBODY = intake.Behind("")


@dataclass(frozen=True, slots=True)
class Reader:
    """A brand, its plans (refreshed when it was made), and the moment at which everything is seen."""

    brand: Brand
    book: PlanBook
    at: datetime

    @classmethod
    async def open(cls, conn: Connection, brand: Brand, book: PlanBook, at: datetime) -> "Reader":
        """Return a reader whose plans are current."""
        await book.refresh(conn)
        return cls(brand, book, at)

    @property
    def plan(self) -> Plan:
        """The plan in force. Raises `NothingPublished`."""
        return self.book.at(self.at)

    @property
    def today(self) -> int:
        """The brand's local day."""
        return day_of(self.at, self.brand.zone)

    def brand_view(self) -> BrandView:
        """Return the brand as shown. Raises `NothingPublished`."""
        return brand_view(self.brand, self.plan)

    async def member(self, conn: Connection, member_id: bytes) -> MemberView:
        """Return a member. Raises `NotFound`."""
        return self.member_view(await members.get(conn, member_id), await ledger.account(conn, member_id))

    def whole(self, account: ledger.Account) -> Whole:
        """Return where an account's member stands."""
        return whole_standing(self.plan, account.memory, self.today)

    def member_view(self, member: members.Member, account: ledger.Account) -> MemberView:
        """Return a member as shown, from the rows of who and of points."""
        held, whole = ledger.as_of(account, self.today), self.whole(account)
        main = self.main
        of = counters_of(held, main)
        lots = self.lots(held, main, whole.standing.last_order)
        waiting = self.waiting(held)
        return MemberView(
            id=uuid_text(member.id),
            name=member.profile.name,
            name_kana=member.profile.name_kana,
            name_is_generated=member.profile.name_is_generated,
            language=member.profile.language or self.brand.languages[0],
            joined_on=member.joined_on,
            identities=[IdentityView(identity.kind, identity.value) for identity in member.identities],
            card_number=member.card_number,
            balance=sum(lot.points for lot in lots) - of.debt,
            lots=lots,
            earned=of.earned,
            spent=of.spent,
            lapsed=of.lapsed + self._idle(held, main, whole),
            tier=whole.standing.tier,
            orders=whole.standing.orders,
            as_of=self.at,
            waiting=waiting,
            debt=of.debt,
            reversed=of.reversed,
            forgiven=of.forgiven,
            held=of.held,
            status=STATUSES[ledger.AccountStatus(account.status)],
            pockets=self._pockets(held, main, whole.standing.last_order, waiting),
            tracks=whole.tracks,
            journey=whole.journey,
        )

    @property
    def main(self) -> int:
        """The number of the main unit. Raises `NothingPublished`."""
        return self.plan.names.unit(main_unit(self.plan.program).id)

    def pocket(self, account: ledger.Account, last_order: date | None) -> PocketView:
        """Return what a member has of the main unit today; what waits is not asked for."""
        held, main = ledger.as_of(account, self.today), self.main
        lots = self.lots(held, main, last_order)
        return PocketView(self.unit(main), sum(lot.points for lot in lots) - counters_of(held, main).debt, lots)

    def lots(self, held: ledger.Account, unit: int, last_order: date | None) -> list[LotView]:
        """Return a unit's open lots, soonest to expire first; those that lapse by idleness with their day as it stands."""
        idle = self._idle_day(unit, last_order)
        found = []
        for lot in ledger.spendable(held.lots, self.today, unit):
            when_idle = lot.expires_on == DAY_IDLE
            expires_on = idle if when_idle else day_date(lot.expires_on)
            if not (when_idle and expires_on is not None and expires_on < self._date(self.today)):
                found.append(LotView(lot.remaining, expires_on, self.purpose(lot.restriction), when_idle))
        return sorted(found, key=lambda lot: lot.expires_on or date.max)

    def _idle(self, held: ledger.Account, unit: int, whole: Whole) -> int:
        """Return the points that idleness has ended though nothing has touched the account since."""
        open_ = sum(lot.remaining for lot in ledger.spendable(held.lots, self.today, unit))
        return open_ - sum(lot.points for lot in self.lots(held, unit, whole.standing.last_order))

    def _idle_day(self, unit: int, last_order: date | None) -> date | None:
        """Return the last day of a unit's idle lots as it stands, None where the member has no order yet or nothing lapses so."""
        id_ = self.plan.names.units[unit]
        terms = next((one.expiry for one in self.plan.program.units if one.id == id_), None)
        if not isinstance(terms, AfterIdle) or last_order is None:
            return None
        return last_order + timedelta(days=terms.after_idle_days - 1)

    def waiting(self, held: ledger.Account) -> list[WaitingView]:
        """Return what waits, the soonest first."""
        shown = [
            WaitingView(
                one.points,
                self.unit(one.unit),
                None if ledger.waits_for_event(one.release_on) else day_date(one.release_on),
                awaits(one.release_on),
                self.purpose(one.restriction),
            )
            for one in unpack_waiting(held.waiting)
        ]
        return sorted(shown, key=lambda one: one.releases_on or date.max)

    def _pockets(
        self, held: ledger.Account, main: int, last_order: date | None, waiting: Sequence[WaitingView]
    ) -> list[PocketView]:
        """Return what the member has of the further units: those of the plan in force, and older ones that still hold points."""
        known = {unit.id for unit in self.plan.program.units}
        pockets = []
        for number, id_ in enumerate(self.plan.names.units):
            lots = self.lots(held, number, last_order)
            if number != main and (id_ in known or lots):
                unit = self.unit(number)
                coming = sum(one.points for one in waiting if one.unit.id == id_)
                balance = sum(lot.points for lot in lots) - counters_of(held, number).debt
                pockets.append(PocketView(unit, balance, lots, coming))
        return pockets

    def unit(self, number: int) -> UnitView:
        """Return a unit by its number; one that the plan in force does not have, as the newest version knew it."""
        id_ = self.plan.names.units[number]
        for plan in (self.plan, *reversed(self.book.plans)):
            for unit in plan.program.units:
                if unit.id == id_:
                    return unit_view(plan.program, unit)
        return UnitView(id_, {"ja": id_, "en": id_}, is_main=False)

    def purpose(self, restriction: int) -> PurposeView | None:
        """Return where points of a restriction may be spent, None where everywhere."""
        if restriction == 0:
            return None
        id_ = self.plan.names.purposes[restriction - 1]
        for plan in (self.plan, *reversed(self.book.plans)):
            for one in plan.program.purposes:
                if one.id == id_:
                    return PurposeView(words(one.name), tuple(one.stores), tuple(one.channels))
        return PurposeView({"ja": id_, "en": id_})

    def _date(self, day: int) -> date:
        return day_date(day) or date.max

    async def history(self, conn: Connection, member_id: bytes, cursor: str | None, limit: int) -> Page:
        """Return one page of history, newest first. Raises `CursorInvalid`, `NotFound`.

        Points that have lapsed though nothing has touched the account since are shown as the entries that they will be.
        """
        before = read_cursor(cursor)
        account = await ledger.account(conn, member_id)
        entries, following = await ledger.history(conn, member_id, before=before, limit=limit)
        told = await intake.events(conn, member_id, [event_of(entry) for entry in entries if entry.version])
        return self.page(member_id, account, (entries, following), told, before)

    def page(
        self,
        member_id: bytes,
        account: ledger.Account,
        found: tuple[list[ledger.Entry], bytes | None],
        told: Mapping[bytes, intake.Behind],
        before: bytes = ledger.NEWEST,
    ) -> Page:
        """Return a page of history from the entries found, the key of the following page and the events behind them."""
        entries, following = found
        due = [
            entry
            for entry in ledger.due(member_id, account, self.today, self.brand.zone)
            if entry.key < before and (following is None or entry.key > following)
        ]
        shown = sorted([*entries, *due], key=lambda entry: entry.key, reverse=True)
        return Page([self.entry_view(entry, told) for entry in shown], uuid_text(following) if following else None)

    def entry_view(self, entry: ledger.Entry, told: Mapping[bytes, intake.Behind]) -> EntryView:
        """Return an entry as shown, with what its event told."""
        behind = told.get(event_of(entry), NOBODY)
        kind = KIND_NAMES[EntryKind(entry.kind)]
        unit = self.unit(entry.unit)
        is_pend = kind == "pend"
        return EntryView(
            key=uuid_text(entry.key),
            kind=kind,
            points=entry.points,
            at=from_ms(entry.at_ms),
            expires_on=last_day(kind, entry.expires_on),
            reference=behind.reference,
            source=behind.source or None,
            why=why(
                self.book, kind, entry.version, entry.rule, entry.basis,
                entry.points if entry.raw is None else entry.raw, entry.cut or 0,
            ),
            taken=[self.taken(lot) for lot in unpack(entry.taken)],
            unit=None if unit.is_main else unit,
            purpose=self.purpose(entry.restriction),
            releases_on=release_day(entry.release_on) if is_pend else None,
            awaits=awaits(entry.release_on or 0) if is_pend else "",
            when_idle=entry.expires_on == DAY_IDLE,
            account=self.account(kind, entry.account or (behind.reason if kind == "extend" else None)),
            event=behind.type,
            note=behind.note,
            timed_out=behind.timed_out,
        )  # fmt: skip

    def account(self, kind: str, told: str | None) -> AccountView | None:
        """Return what an operation's entry of a kind says beside it; a name that the program in force lacks, as it was last."""
        return account_view([self.plan, *reversed(self.book.plans)], kind, told)

    def taken(self, lot: Lot) -> LotView:
        """Return a part of a lot that was taken."""
        return LotView(lot.remaining, last_day("", lot.expires_on), self.purpose(lot.restriction))

    def standings(self, accounts: Sequence[ledger.Account]) -> list[Standing]:
        """Return where each account's member stands."""
        return standings(self.plan, [account.memory for account in accounts], self.today)


def counters_of(account: ledger.Account, unit: int) -> Counters:
    """Return what is counted of a unit's points."""
    if unit == 0:
        return account.counters
    return account.further[unit - 1] if unit <= len(account.further) else Counters()


def read_cursor(cursor: str | None) -> bytes:
    """Return the key before which a page of history begins. Raises `CursorInvalid`."""
    before = ledger.NEWEST if cursor is None else parse_member_id(cursor)
    if before is None:
        raise CursorInvalid(field="cursor", cursor=cursor)
    return before


def brand_view(brand: Brand, plan: Plan | None) -> BrandView:
    """Return a brand as shown, with the words of a plan where there is one."""
    program = plan.program if plan else None
    return BrandView(
        brand.slug,
        brand.name,
        brand.currency,
        brand.timezone,
        brand.languages,
        words(program.name) if program else {},
        words(main_unit(program).name) if program else {},
        brand.is_demo,
        look_view(brand),
    )


async def tier_counts(db: Database, brand: Brand, day: date) -> dict[str, int]:
    """Return how many members stand on each tier at the end of `day`, by what has been recorded until now."""
    async with db.transaction(brand.schema, readonly=True) as conn:
        book = PlanBook()
        await book.refresh(conn)
        accounts = await ledger.all_accounts(conn)
    plan = book.at(from_ms(day_start_ms(day_number(day) + 1, brand.zone) - 1))
    state = state_of(plan, [account.memory for account in accounts])
    rows = np.arange(len(accounts))
    levels = standing(plan, state, rows, np.full(len(accounts), day_number(day), np.int32)).level
    named = plan.program.tiers.levels
    counts = np.bincount(levels, minlength=len(named)).tolist()
    return {level.id: count for level, count in zip(named, counts, strict=True)}


async def find_member(conn: Connection, name: str, country: str) -> bytes:
    """Return whom an id or an identity (`kind:value`) names; of one who was merged, who they are now.

    Raises `NotFound`, `SubjectInvalid`.
    """
    member = parse_member_id(name)
    if member is not None:
        return await ledger.whereabouts(conn, member)
    identity = members.parse_subject(name, country)
    found = await members.resolve(conn, [identity])
    if identity not in found:
        raise NotFound(what="member", key=name)
    return await ledger.whereabouts(conn, found[identity])


def uuid_text(raw: bytes) -> str:
    """Return an id as it is written everywhere."""
    text = raw.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def event_of(entry: ledger.Entry) -> bytes:
    """Return the key of the event that caused an entry."""
    return entry.key[:15] + b"\x00"
