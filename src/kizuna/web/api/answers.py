"""What the API answers, as msgspec structs: the same shapes are encoded, documented and tested."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Literal

import msgspec

from kizuna.core.days import day_date, from_ms
from kizuna.core.errors import Kind, Problem
from kizuna.core.ids import entry_key
from kizuna.engine import EntryKind, Plan
from kizuna.intake import Answered, Outcome, refusal_problem
from kizuna.publishing import PlanBook
from kizuna.web.api.problems import ProblemAnswer, answer
from kizuna.web.reads import KIND_NAMES, tier_view, uuid_text, why
from kizuna.web.views import BrandView, EntryView, MemberView, Page, TierView, WhyView
from kizuna.web.words import why_sentence

Words = Mapping[str, str]
Status = Literal["accepted", "refused", "invalid", "conflict", "unavailable"]
_STATUS_OF: Mapping[Kind, Status] = {Kind.CONFLICT: "conflict", Kind.UNAVAILABLE: "unavailable"}


class WhyAnswer(msgspec.Struct, omit_defaults=True):
    """Why an entry has its number: points = basis × rate, rounded, by this rule of this version. `text` says it in words."""

    version: int | None = None
    rule: str | None = None
    name: Words | None = None
    basis: int | None = None
    rate: str | None = None
    rounding: str | None = None
    text: Words | None = None


class EntryAnswer(msgspec.Struct, omit_defaults=True):
    """One movement of points. `expires_on` is the last day on which the points may be spent (or might have been)."""

    kind: Literal["earn", "redeem", "expire"]
    points: int
    why: WhyAnswer
    key: str | None = None
    at: datetime | None = None
    expires_on: date | None = None
    reference: str | None = None
    source: str | None = None


class TierAnswer(msgspec.Struct, omit_defaults=True):
    """A rung of the tier track; `changed` is true when this event moved the member to it."""

    id: str
    name: Words
    changed: bool = False
    valid_through: date | None = None


class ProgressAnswer(msgspec.Struct):
    """The way to the next rung, in minor units of the brand's currency."""

    next_tier: str
    name: Words
    at: int
    spend: int
    remaining: int


class EventAnswer(msgspec.Struct, omit_defaults=True):
    """What became of one event. `points` is what it moved, signed; `balance` is the member's right after it.

    `accepted`: recorded. `refused`: recorded, nothing moved, `problem` says why. `invalid` and `conflict`: not recorded,
    `problem` says why. `unavailable`: not recorded, send it again. `replayed`: this is the first answer once more.
    """

    status: Status
    id: str | None = None
    source: str | None = None
    replayed: bool = False
    member: str | None = None
    points: int | None = None
    balance: int | None = None
    tier: TierAnswer | None = None
    progress: ProgressAnswer | None = None
    entries: list[EntryAnswer] | None = None
    problem: ProblemAnswer | None = None


class LotAnswer(msgspec.Struct):
    """Points that expire together; null for never."""

    points: int
    expires_on: date | None


class IdentityAnswer(msgspec.Struct):
    """A name that the member is known by."""

    kind: str
    value: str


class MemberAnswer(msgspec.Struct):
    """A member, as of `as_of`."""

    id: str
    name: str | None
    name_kana: str | None
    language: str
    joined_on: date
    identities: list[IdentityAnswer]
    balance: int
    lots: list[LotAnswer]
    earned: int
    spent: int
    lapsed: int
    tier: TierAnswer
    progress: ProgressAnswer | None
    orders: int
    as_of: datetime


class EntriesAnswer(msgspec.Struct):
    """One page of history, newest first. Pass `next_cursor` as `cursor` for the next; null on the last page."""

    entries: list[EntryAnswer]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Reading:
    """Who reads an answer: the plans it came from, the brand for money, `lang` for problems, `texts` for every why."""

    book: PlanBook
    brand: BrandView
    lang: str
    texts: Sequence[str]

    def why(self, entry: EntryView) -> WhyAnswer:
        """Return why an entry has its number: the facts, and the sentence in each of `texts`."""
        told = _facts(entry.why)
        if self.texts:
            told.text = {lang: why_sentence(entry, self.brand, lang) for lang in self.texts}
        return told

    def entry(self, entry: EntryView) -> EntryAnswer:
        """Return one line of history."""
        return EntryAnswer(
            kind=entry.kind,  # type: ignore[arg-type]  # the view's kinds are these three
            points=entry.points,
            why=self.why(entry),
            key=entry.key or None,
            at=entry.at,
            expires_on=entry.expires_on,
            reference=entry.reference,
            source=entry.source,
        )

    def event(self, answered: Answered) -> EventAnswer:
        """Return the answer for one event, decided or not."""
        event_id, source, asked, result = answered
        if isinstance(result, Problem):
            name = _STATUS_OF.get(result.kind, "invalid")
            return EventAnswer(status=name, id=event_id, source=source, problem=answer(result, self.lang))
        plan = self.book.version(result.version)
        tier = _rung(plan, result.level)
        refusal = refusal_problem(result.refusal, asked, result.balance, plan.redeem_minimum, plan.redeem_step)
        return EventAnswer(
            status="refused" if refusal else "accepted",
            id=event_id,
            source=source,
            replayed=result.replayed,
            member=uuid_text(result.member),
            points=result.points,
            balance=result.balance,
            tier=TierAnswer(tier.id, tier.name, changed=result.level != result.level_before),
            progress=progress(tier, result.spend),
            entries=self._moves(result),
            problem=answer(refusal, self.lang) if refusal else None,
        )

    def _moves(self, outcome: Outcome) -> list[EntryAnswer]:
        entries, line, at = [], 0, from_ms(int.from_bytes(outcome.event_key[:6], "big"))
        for move in outcome.moves:
            kind, version, key = KIND_NAMES[EntryKind(move.kind)], outcome.version, None
            if kind == "expire":
                version = 0
            elif move.points:
                line += 1
                key = uuid_text(entry_key(outcome.event_key, line))
            expires_on = None if kind == "redeem" else day_date(move.expires_on)
            if self.texts:
                facts = why(self.book, kind, version, move.rule, move.basis)
                told = self.why(EntryView(key or "", kind, move.points, at, expires_on, None, None, facts))
            else:
                told = _why(self.book, kind, version, move.rule)
                if told.rule is not None:
                    told = WhyAnswer(told.version, told.rule, told.name, move.basis, told.rate, told.rounding)
            entries.append(EntryAnswer(kind, move.points, told, key, at, expires_on))  # type: ignore[arg-type]  # as above
        return entries

    def member(self, view: MemberView) -> MemberAnswer:
        """Return a member."""
        return MemberAnswer(
            id=view.id,
            name=view.name,
            name_kana=view.name_kana,
            language=view.language,
            joined_on=view.joined_on,
            identities=[IdentityAnswer(identity.kind, identity.value) for identity in view.identities],
            balance=view.balance,
            lots=[LotAnswer(lot.points, lot.expires_on) for lot in view.lots],
            earned=view.earned,
            spent=view.spent,
            lapsed=view.lapsed,
            tier=TierAnswer(view.tier.id, view.tier.name, valid_through=view.tier.valid_through),
            progress=progress(view.tier, view.tier.spend),
            orders=view.orders,
            as_of=view.as_of,
        )

    def page(self, page: Page) -> EntriesAnswer:
        """Return one page of history."""
        return EntriesAnswer([self.entry(entry) for entry in page.entries], page.next_cursor)


def progress(tier: TierView, spend: int) -> ProgressAnswer | None:
    """Return the way to the next rung from `spend`, None on the highest."""
    if tier.next_id is None or tier.next_name is None or tier.next_at is None:
        return None
    return ProgressAnswer(tier.next_id, tier.next_name, tier.next_at, spend, tier.next_at - spend)


@lru_cache(maxsize=1024)
def _rung(plan: Plan, level: int) -> TierView:
    """Return a rung and the next, with no spend: many members stand on few rungs."""
    return tier_view(plan, level, 0)


@lru_cache(maxsize=1024)
def _why(book: PlanBook, kind: str, version: int, rule: int) -> WhyAnswer:
    """Return a rule's part of every why, without the basis: many entries follow few rules."""
    return _facts(why(book, kind, version, rule, 0))


def _facts(view: WhyView) -> WhyAnswer:
    return WhyAnswer(
        version=view.version,
        rule=view.rule_id,
        name=view.rule_name,
        basis=view.basis,
        rate=None if view.rate_points is None else f"{view.rate_points}/{view.rate_per}",
        rounding=view.rounding,
    )
