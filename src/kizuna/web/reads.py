"""Reading for the faces and the API: rooms are asked, views come out. Every function sees one moment, `at`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from kizuna import intake, ledger, members
from kizuna.core.days import day_date, day_number, day_of, day_start_ms, from_ms
from kizuna.core.errors import CursorInvalid as CursorInvalid  # noqa: PLC0414 - offered on: whoever reads pages knows it from here
from kizuna.core.errors import NotFound
from kizuna.core.ids import parse_member_id
from kizuna.core.lots import Counters, unpack
from kizuna.engine import EntryKind, Plan, State, kept_through, standing
from kizuna.program import Text
from kizuna.publishing import PlanBook
from kizuna.runtime.brands import Brand
from kizuna.runtime.db import Connection, Database
from kizuna.web.look import look_view
from kizuna.web.views import (
    BrandView,
    EntryView,
    IdentityView,
    LotView,
    MemberView,
    Page,
    TierView,
    WhyView,
)

PAGE_SIZE = 50
KIND_NAMES = {EntryKind.EARN: "earn", EntryKind.REDEEM: "redeem", EntryKind.EXPIRE: "expire"}


class Standing(NamedTuple):
    """Where a member stands: tier, last day with an event (None before the first order), orders and spend of a lifetime."""

    tier: TierView
    last_day: date | None
    orders: int
    spend: int


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

    def member_view(self, member: members.Member, account: ledger.Account) -> MemberView:
        """Return a member as shown, from the rows of who and of points."""
        open_lots = ledger.spendable(account.lots, self.today)
        balance = sum(lot.remaining for lot in open_lots)
        tier, _, orders, _ = _standing(self.plan, account.memory, self.today)
        return MemberView(
            id=uuid_text(member.id),
            name=member.profile.name,
            name_kana=member.profile.name_kana,
            name_is_generated=member.profile.name_is_generated,
            language=member.profile.language or self.brand.languages[0],
            joined_on=member.joined_on,
            identities=[IdentityView(identity.kind, identity.value) for identity in member.identities],
            card_number=member.card_number,
            balance=balance,
            lots=[LotView(lot.remaining, day_date(lot.expires_on)) for lot in open_lots],
            earned=account.counters.earned,
            spent=account.counters.spent,
            lapsed=account.counters.earned - account.counters.spent - balance,
            tier=tier,
            orders=orders,
            as_of=self.at,
        )

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
        told: Mapping[bytes, tuple[str, str | None]],
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

    def entry_view(self, entry: ledger.Entry, told: Mapping[bytes, tuple[str, str | None]]) -> EntryView:
        """Return an entry as shown, with the source and reference that its event told."""
        source, reference = told.get(event_of(entry), (None, None))
        kind = KIND_NAMES[EntryKind(entry.kind)]
        return EntryView(
            key=uuid_text(entry.key),
            kind=kind,
            points=entry.points,
            at=from_ms(entry.at_ms),
            expires_on=None if kind == "redeem" else day_date(entry.expires_on),
            reference=reference,
            source=source,
            why=why(self.book, kind, entry.version, entry.rule, entry.basis),
            taken=[LotView(lot.remaining, day_date(lot.expires_on)) for lot in unpack(entry.taken)],
        )

    def standings(self, accounts: Sequence[ledger.Account]) -> list[Standing]:
        """Return where each account's member stands."""
        return _standings(self.plan, [account.memory for account in accounts], self.today)


def _standings(plan: Plan, memories: Sequence[bytes], today: int) -> list[Standing]:
    """Return where the members with these memories stand on a day: a pure function of the three."""
    if not memories:
        return []
    day, rows = np.full(len(memories), today, np.int32), np.arange(len(memories))
    state = State.unpack(list(memories), [Counters()] * len(memories), [b""] * len(memories))
    now = standing(plan, state, rows, day)
    until = [day_date(last) for last in kept_through(plan, state, rows, day).tolist()]
    return [
        Standing(
            tier_view(plan, level, spend, through),
            day_date(memory["last_day"].item()) if memory["orders"] else None,
            int(memory["orders"]),
            int(memory["spend"]),
        )
        for level, spend, through, memory in zip(
            now.level.tolist(), now.spend.tolist(), until, state.memory, strict=True
        )
    ]


@lru_cache(maxsize=4096)  # who opens one page opens another: an array for one member costs more than the page's reading
def _standing(plan: Plan, memory: bytes, today: int) -> Standing:
    (one,) = _standings(plan, [memory], today)
    return one


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
        words(program.units[0].name) if program else {},
        brand.is_demo,
        look_view(brand),
    )


def words(text: Text) -> Mapping[str, str]:
    """Return a brand's own words by language."""
    return {"ja": text.ja, "en": text.en}


async def tier_counts(db: Database, brand: Brand, day: date) -> dict[str, int]:
    """Return how many members stand on each tier at the end of `day`, by what has been recorded until now."""
    async with db.transaction(brand.schema, readonly=True) as conn:
        book = PlanBook()
        await book.refresh(conn)
        accounts = await ledger.all_accounts(conn)
    plan = book.at(from_ms(day_start_ms(day_number(day) + 1, brand.zone) - 1))
    state = State.unpack(
        [account.memory for account in accounts], [account.counters for account in accounts], [b""] * len(accounts)
    )
    rows = np.arange(len(accounts))
    levels = standing(plan, state, rows, np.full(len(accounts), day_number(day), np.int32)).level
    counts = np.bincount(levels, minlength=len(plan.tier_at)).tolist()
    return {level.id: count for level, count in zip(plan.program.tiers.levels, counts, strict=True)}


def tier_view(plan: Plan, level: int, spend: int, valid_through: date | None = None) -> TierView:
    """Return a tier and the way to the next."""
    levels = plan.program.tiers.levels
    this, following = levels[level], levels[level + 1] if level + 1 < len(levels) else None
    return TierView(
        id=this.id,
        name=words(this.name),
        rank=level,
        spend=spend,
        valid_through=valid_through,
        next_id=following.id if following else None,
        next_name=words(following.name) if following else None,
        next_at=following.at if following else None,
        remaining=following.at - spend if following else None,
        share=min(1.0, spend / following.at) if following else 1.0,
    )


def why(book: PlanBook, kind: str, version: int, rule: int, basis: int) -> WhyView:
    """Return why an entry has its number, from the version that decided it."""
    if rule < 0:
        return WhyView(kind, version or None, None, None, None, None, None, None)
    earning = book.version(version).program.earning_rules[rule]
    award = earning.award
    return WhyView(kind, version, earning.id, words(earning.name), basis, award.points, award.per, award.rounding.value)


async def find_member(conn: Connection, name: str, country: str) -> bytes:
    """Return whom an id or an identity (`kind:value`) names. Raises `NotFound`, `SubjectInvalid`."""
    member = parse_member_id(name)
    if member is not None:
        return member
    identity = members.parse_subject(name, country)
    found = await members.resolve(conn, [identity])
    if identity not in found:
        raise NotFound(what="member", key=name)
    return found[identity]


def uuid_text(raw: bytes) -> str:
    """Return an id as it is written everywhere."""
    text = raw.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def event_of(entry: ledger.Entry) -> bytes:
    """Return the key of the event that caused an entry."""
    return entry.key[:15] + b"\x00"
