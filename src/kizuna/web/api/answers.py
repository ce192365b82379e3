"""From views and outcomes to what the API answers (`structs`)."""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Literal

from kizuna.core.days import day_date, from_ms
from kizuna.core.errors import Kind, Problem
from kizuna.core.ids import digest
from kizuna.engine import Cut, EntryKind, Plan
from kizuna.intake import Answered, Move, Outcome, refusal_problem
from kizuna.ledger import line_key, waits_for_event
from kizuna.program import main_unit
from kizuna.publishing import PlanBook
from kizuna.web.api.problems import answer
from kizuna.web.api.structs import (
    NO_WHY,
    EntriesAnswer,
    EntryAnswer,
    EventAnswer,
    IdentityAnswer,
    LotAnswer,
    MemberAnswer,
    PocketAnswer,
    ProgressAnswer,
    StageAnswer,
    Status,
    StepAnswer,
    TierAnswer,
    WaitingAnswer,
    WhyAnswer,
)
from kizuna.web.entries import KIND_NAMES, account_view, awaits, last_day, why
from kizuna.web.offer import unit_view
from kizuna.web.reads import uuid_text
from kizuna.web.standings import tier_view
from kizuna.web.views import (
    AccountView,
    BrandView,
    EntryView,
    LotView,
    MemberView,
    Page,
    PurposeView,
    TierView,
    UnitView,
    WaitingView,
    WhyView,
)
from kizuna.web.why import why_sentence

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STATUS_OF: Mapping[Kind, Status] = {Kind.CONFLICT: "conflict", Kind.UNAVAILABLE: "unavailable"}


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
            kind=entry.kind,  # type: ignore[arg-type]  # the view's kinds are these
            points=entry.points,
            why=self.why(entry),
            key=entry.key or None,
            at=entry.at,
            expires_on=entry.expires_on,
            reference=entry.reference,
            source=entry.source,
            unit=entry.unit.id if entry.unit else None,
            only_for=entry.purpose.name if entry.purpose else None,
            releases_on=entry.releases_on,
            awaits=entry.awaits or None,  # type: ignore[arg-type]  # one of both
            account=_account(entry.account),
        )

    def event(self, answered: Answered) -> EventAnswer:
        """Return the answer for one event, decided or not."""
        event_id, source, asked, result = answered
        if isinstance(result, Problem):
            name = _STATUS_OF.get(result.kind, "invalid")
            return EventAnswer(status=name, id=event_id, source=source, problem=answer(result, self.lang))
        plan = self.book.version(result.version)
        tier = _rung(plan, result.level)
        terms, units = plan.program.redemption, plan.names.units
        refusal = refusal_problem(result.refusal, asked, result.balance, terms.minimum, terms.step)
        stages = plan.program.journey.stages if plan.program.journey else []
        return EventAnswer(
            status="refused" if refusal else "accepted",
            id=event_id,
            source=source,
            replayed=result.replayed,
            redemption=_redemption(answered),
            member=uuid_text(result.member),
            points=result.points,
            balance=result.balance,
            tier=TierAnswer(tier.id, tier.name, changed=result.level != result.level_before),
            progress=progress(tier, result.figure),
            entries=self.moves(result),
            problem=answer(refusal, self.lang) if refusal else None,
            balances=by_unit(units, result.balances) if len(units) > 1 else None,
            pending=by_unit(units, result.pending) if any(result.pending) else None,
            collect=result.collect,
            stage=stages[result.stage].id if result.stage < len(stages) else None,
        )

    def moves(self, outcome: Outcome) -> list[EntryAnswer]:
        """Return the movements of an outcome, each with its why."""
        entries, line, at = [], 0, from_ms(int.from_bytes(outcome.event_key[:6], "big"))
        plan = self.book.version(outcome.version)
        for move in outcome.moves:
            kind, version, key = KIND_NAMES[EntryKind(move.kind)], move.version or outcome.version, None
            if move.by_time:
                version = 0
            elif move.points:
                line += 1
                key = uuid_text(line_key(outcome.event_key, line))
            expires_on = last_day(kind, move.expires_on)
            entry = EntryAnswer(kind, move.points, NO_WHY, key, at, expires_on)  # type: ignore[arg-type]  # as above
            unit = self._unit(plan, move.unit) if move.unit else None
            if unit is not None:
                entry.unit = unit.id
            if move.restriction:
                entry.only_for = self._purpose(plan, move.restriction).name
            if kind == "pend":
                entry.releases_on = None if waits_for_event(move.release_on) else day_date(move.release_on)
                entry.awaits = awaits(move.release_on) or None  # type: ignore[assignment]  # one of both
            entry.account = move.account
            entry.why = self._why(entry, unit, version, move)
            entries.append(entry)
        return entries

    def _why(self, entry: EntryAnswer, unit: UnitView | None, version: int, move: Move) -> WhyAnswer:
        """Return why a movement has its number: with its words where they are asked for, else only the facts, which are cheap."""
        rule = -1 if version == 0 else move.rule
        if self.texts:
            facts = why(self.book, entry.kind, version, rule, move.basis, move.raw, move.cut)
            view = EntryView(
                entry.key or "", entry.kind, entry.points, entry.at or EPOCH, entry.expires_on, None, None, facts, unit=unit,
                releases_on=entry.releases_on, awaits=entry.awaits or "",
                account=account_view(self.book.plans[::-1], entry.kind, move.account),
            )  # fmt: skip
            return self.why(view)
        told = _why(self.book, entry.kind, version, rule)
        if told.rule is None:
            return told
        told = copy(told)
        told.basis = move.basis
        if move.cut:
            told.raw, told.cut = move.raw, Cut(move.cut).name.lower()  # type: ignore[assignment]  # the names are these
        return told

    def _unit(self, plan: Plan, number: int) -> UnitView | None:
        main = main_unit(plan.program)
        for unit in plan.program.units:
            if unit.id == plan.names.units[number]:
                return None if unit.id == main.id else unit_view(plan.program, unit)
        return UnitView(plan.names.units[number], {}, is_main=False)

    def _purpose(self, plan: Plan, restriction: int) -> PurposeView:
        id_ = plan.names.purposes[restriction - 1]
        found = next((one.name for one in plan.program.purposes if one.id == id_), None)
        return PurposeView({"ja": found.ja, "en": found.en} if found else {"ja": id_, "en": id_})

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
            lots=lots_answer(view.lots),
            earned=view.earned,
            spent=view.spent,
            lapsed=view.lapsed,
            tier=TierAnswer(view.tier.id, view.tier.name, valid_through=view.tier.valid_through),
            progress=progress(view.tier, view.tier.figure),
            orders=view.orders,
            as_of=view.as_of,
            status=view.status,  # type: ignore[arg-type]  # one of these
            pending=view.pending,
            debt=view.debt,
            waiting=waiting_answer(view.waiting),
            units=[
                PocketAnswer(
                    unit=one.unit.id,
                    name=one.unit.name,
                    kind=one.unit.kind,  # type: ignore[arg-type]  # its kinds
                    balance=one.balance,
                    pending=one.waiting,
                    lots=lots_answer(one.lots),
                )
                for one in view.pockets
            ],
            tracks=[TierAnswer(track.id, track.name, valid_through=track.valid_through) for track in view.tracks],
            journey=[
                StageAnswer(
                    stage.id,
                    stage.name,
                    stage.state,  # type: ignore[arg-type]  # its states
                    [StepAnswer(step.id, step.name, step.done, step.times) for step in stage.steps],
                )
                for stage in (view.journey.stages if view.journey else ())
            ],
        )

    def page(self, page: Page) -> EntriesAnswer:
        """Return one page of history."""
        return EntriesAnswer([self.entry(entry) for entry in page.entries], page.next_cursor)


def progress(tier: TierView, spend: int) -> ProgressAnswer | None:
    """Return the way to the next rung from `spend`, None on the highest."""
    if tier.next_id is None or tier.next_name is None or tier.next_at is None:
        return None
    by: Literal["spend", "visits", "points"] = tier.by  # type: ignore[assignment]  # a track counts one of these
    return ProgressAnswer(tier.next_id, tier.next_name, tier.next_at, spend, tier.next_at - spend, by)


@lru_cache(maxsize=1024)
def _rung(plan: Plan, level: int) -> TierView:
    """Return a rung and the next, with no spend: many members stand on few rungs."""
    return tier_view(plan, level, 0)


@lru_cache(maxsize=1024)
def _why(book: PlanBook, kind: str, version: int, rule: int) -> WhyAnswer:
    """Return a rule's part of every why, without the numbers of one entry: many entries follow few rules."""
    view = why(book, kind, version, rule, 0)
    told = _facts(view)
    told.tier = None
    return told


def _facts(view: WhyView) -> WhyAnswer:
    made = view.reckoning
    told = WhyAnswer(
        version=view.version,
        rule=view.rule_id,
        name=view.rule_name,
        basis=view.basis,
        rate=None if view.rate_points is None else f"{view.rate_points}/{view.rate_per}",
        rounding=view.rounding,
    )
    if made is None or made.kind == "none":
        return told
    told.award = made.kind  # type: ignore[assignment]  # the kinds are these
    match made.kind:
        case "percent":
            told.percent = made.percent
        case "fixed" | "stamps":
            told.each = made.points
        case "multiply":
            told.times, told.of = made.times, made.base_id
    told.tier = made.tier_times or None
    if view.cut:
        told.raw, told.cut = view.raw, view.cut  # type: ignore[assignment]  # the names are these
    return told


def _redemption(answered: Answered) -> str | None:
    """Return the id by which a redemption that was told as an event can be given back."""
    event_id, source, _, result = answered
    if event_id is None or source is None or isinstance(result, Problem):
        return None
    redeems = any(move.kind == EntryKind.REDEEM for move in result.moves)
    return uuid_text(digest(source, event_id)) if redeems else None


def _account(account: AccountView | None) -> str | None:
    if account is None:
        return None
    return f"{account.kind}:{account.id}" if account.kind in ("reward", "charity") else account.id


def waiting_answer(waiting: Sequence[WaitingView]) -> list[WaitingAnswer]:
    """Return points that wait."""
    return [
        WaitingAnswer(
            one.points,
            one.unit.id,
            one.releases_on,
            one.awaits or None,  # type: ignore[arg-type]  # one of both
            one.purpose.name if one.purpose else None,
        )
        for one in waiting
    ]


def lots_answer(lots: Sequence[LotView]) -> list[LotAnswer]:
    """Return open lots."""
    return [
        LotAnswer(lot.points, lot.expires_on, lot.purpose.name if lot.purpose else None, lot.when_idle) for lot in lots
    ]


def by_unit(units: Sequence[str], numbers: Sequence[int]) -> dict[str, int]:
    """Return numbers by the ids of their units."""
    return dict(zip(units, numbers, strict=False))
