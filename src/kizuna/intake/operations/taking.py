"""Taking members over from another program: who they are, what they bring, where they stand.

Always true: whoever is taken over twice is one member; nobody gets an identity of somebody else; opening lots keep their own last
days. What was put into the memory is kept with the answer, so that it can be taken off again.
"""

from typing import Any

from kizuna.core.days import DAY_NEVER, day_date, day_number, day_start_ms
from kizuna.core.ids import member_id
from kizuna.engine import FRESH, Placing, last_day_of, place
from kizuna.engine.state import NO_DAY
from kizuna.intake.model import ProfileTold
from kizuna.intake.operations.case import Asking, Case, Roles
from kizuna.intake.operations.model import BalanceOpened, MemberTakenOver, OpeningLot
from kizuna.intake.operations.problems import ClosedThere, DateInThePast, IdentityOfAnother, TierUnknown
from kizuna.ledger import AccountStatus
from kizuna.members import Identity, Newcomer, SelfTold, identifying, identities_of, parse_subject, telling
from kizuna.program import UnitKind

OPENING = "opening_balance"
"""The account of what members bring."""
PLACED = "placed"
"""What an answer calls the memory before, what was placed alone, and the memory after."""
_ALL = (UnitKind.SPENDABLE, UnitKind.MONEY, UnitKind.STAMPS, UnitKind.STATUS)


def names_of(asked: MemberTakenOver, country: str) -> list[Identity]:
    """Return the identities that are told beside the subject. Raises `SubjectInvalid`."""
    return list(dict.fromkeys(parse_subject(one, country) for one in asked.identities))


async def whose(asking: Asking) -> Roles:
    """Return who is taken over: whom one of the identities names, or somebody new. Raises `IdentityOfAnother`."""
    asked, subject = asking.arrival.told.operation, asking.arrival.identity
    others = [one for one in names_of(asked, asking.brand.country) if one != subject]
    named = {one: found for one in (subject, *others) if (found := await asking.find(one)) is not None}
    if not named:
        joined = asking.arrival.day if asked.joined_on is None else day_number(asked.joined_on)
        id_ = member_id(day_start_ms(joined, asking.brand.zone), *subject)
        told = _told(asked.profile)
        newcomer = Newcomer(id_, subject, asked.joined_on or day_date(joined), told, others)  # type: ignore[arg-type]
        return Roles(id_, newcomer=newcomer, names=(subject, *others))
    member = named.get(subject) or next(iter(named.values()))
    stranger = next((one for one, found in named.items() if found != member), None)
    if (
        stranger is None and subject not in named
    ):  # known by another name: unless this one is another person's of its kind
        known = await identities_of(asking.conn, member)
        stranger = next((name for name in named if any(one.kind == subject.kind for one in known)), None)
    if stranger is not None:
        raise IdentityOfAnother(field="subject", identity=str(stranger), subject=str(subject))
    return Roles(member, names=[one for one in (subject, *others) if one not in named])


async def take_over(case: Case) -> None:
    """Enrol a member, or add what is not known yet. Raises `TierUnknown`, `ClosedThere`."""
    asked, roles = case.asked, case.roles
    assert isinstance(asked, MemberTakenOver)  # noqa: S101 - the door is this type's
    known = [level.id for level in case.program.tiers.levels]
    if asked.tier is not None and asked.tier not in known:
        raise TierUnknown(field="tier", tier=asked.tier, known=", ".join(known))
    if asked.closed:
        if roles.newcomer is None:
            raise ClosedThere(field="closed", subject=str(case.arrival.identity))
        case.statuses[roles.subject] = (AccountStatus.CLOSED, None)
    if roles.newcomer is None:
        told = _told(asked.profile)
        if any(told):
            case.fragments.append(telling([(roles.subject, told)]))
        if roles.names:
            case.fragments.append(identifying("also_known", [(one, roles.subject) for one in roles.names]))
    birthday = asked.profile.birthday
    _place(
        case,
        Placing(
            level=asked.tier,
            kept_through=None if asked.tier_through is None else day_number(asked.tier_through),
            joined=NO_DAY if asked.joined_on is None else day_number(asked.joined_on),
            born=0 if birthday is None else birthday.month * 100 + birthday.day,
        ),
    )
    case.about |= {"taken_over": True, "new": roles.newcomer is not None, "tier": asked.tier}


async def open_balance(case: Case) -> None:
    """Open lots, let a debt be owed, count what was bought so far. Raises `DateInThePast`, `UnitUnknown`, `PurposeUnknown`."""
    asked, day = case.asked, case.arrival.day
    assert isinstance(asked, BalanceOpened)  # noqa: S101 - the door is this type's
    if asked.lots or asked.debt:
        unit = case.unit(asked.unit, _ALL)
        own = last_day_of(case.plan.expiries[unit], day)
        for lot in asked.lots:
            last, restriction = _last_day(lot, own, day), case.restriction(lot.only_for)
            case.hand.adjust(unit, lot.points, OPENING, expires_on=last, restriction=restriction)
        if asked.debt:
            case.hand.adjust(unit, -asked.debt, OPENING, owes=True)
        opened = sum(lot.points for lot in asked.lots)
        case.about |= {"opened": opened, "owed": asked.debt, "unit": case.unit_id(unit)}
    if asked.has_figures:
        last_order = NO_DAY if asked.last_order is None else day_number(asked.last_order)
        _place(case, Placing(orders=asked.orders, spend=asked.spend, figure=asked.figure, last_order=last_order))
        case.orders, case.amount = asked.orders, asked.spend


def _last_day(lot: OpeningLot, own: int, day: int) -> int:
    if lot.forever or lot.expires_on is None:
        return DAY_NEVER if lot.forever else own
    last = day_number(lot.expires_on)
    if last < day:
        raise DateInThePast(field="lots", date=lot.expires_on.isoformat())
    return last


def _place(case: Case, placing: Placing) -> None:
    before, day = case.hand.account.memory or FRESH, case.arrival.day
    alone = place(case.plan, FRESH, placing, day)
    after = alone if before == FRESH else place(case.plan, before, placing, day)
    case.memories[case.roles.subject], case.level = after.memory, after.level
    memories: Any = [before, alone.memory, after.memory]
    case.about |= {PLACED: memories}


def _told(profile: ProfileTold) -> SelfTold:
    return SelfTold(profile.name, profile.name_kana, profile.language, profile.birthday)
