"""What a program says beside its rules, in sentences: how long points last and wait, tiers, redeeming, returns, the journey. Pure."""

from kizuna.core.errors import N_
from kizuna.program.events import ORDER_DELIVERED
from kizuna.program.journey import Stage
from kizuna.program.messages import (
    Message,
    Money,
    Said,
    after,
    both,
    main_unit,
    n_,
    noted,
    say,
    sum_of,
    unit_of,
    values,
)
from kizuna.program.model import Program, Redemption, Returns
from kizuna.program.rules import ReferralOffer
from kizuna.program.telling_conditions import condition
from kizuna.program.tiers import Downgrade, Held, TierOnReturn, Tiers, Window
from kizuna.program.units import (
    AfterDays,
    AfterIdle,
    AfterMonths,
    CalendarEnd,
    EndOf,
    Expiry,
    OnDate,
    Pending,
    PendingDays,
    Purpose,
    RunsFrom,
    Unit,
    UnitKind,
    Worth,
)

_END_OF = {
    CalendarEnd.MONTH: N_("Points can be used to the end of the month in which they are earned."),
    CalendarEnd.QUARTER: N_("Points can be used to the end of the quarter in which they are earned."),
    CalendarEnd.YEAR: N_("Points can be used to the end of the year in which they are earned."),
}
_END_OF_NEXT = {
    CalendarEnd.MONTH: N_("Points can be used to the end of the month after the one in which they are earned."),
    CalendarEnd.QUARTER: N_("Points can be used to the end of the quarter after the one in which they are earned."),
    CalendarEnd.YEAR: N_("Points can be used to the end of the year after the one in which they are earned."),
}
_END_OF_LATER = {
    CalendarEnd.MONTH: N_("Points can be used to the end of the {n}th month after the one in which they are earned."),
    CalendarEnd.QUARTER: N_(
        "Points can be used to the end of the {n}th quarter after the one in which they are earned."
    ),
    CalendarEnd.YEAR: N_("Points can be used to the end of the {n}th year after the one in which they are earned."),
}
_SHORT_END = {
    CalendarEnd.MONTH: N_("usable to the end of the month"),
    CalendarEnd.QUARTER: N_("usable to the end of the quarter"),
    CalendarEnd.YEAR: N_("usable to the end of the year"),
}
_COUNTED = {
    (Window.CALENDAR_YEAR, "spend"): N_("What is spent from 1 January to 31 December counts."),
    (Window.CALENDAR_QUARTER, "spend"): N_("What is spent within a quarter of the calendar counts."),
    (Window.CALENDAR_MONTH, "spend"): N_("What is spent within a calendar month counts."),
    (Window.LIFETIME, "spend"): N_("Everything spent since joining counts."),
    (Window.CALENDAR_YEAR, "visits"): N_("Purchases from 1 January to 31 December are counted."),
    (Window.CALENDAR_QUARTER, "visits"): N_("Purchases within a quarter of the calendar are counted."),
    (Window.CALENDAR_MONTH, "visits"): N_("Purchases within a calendar month are counted."),
    (Window.LIFETIME, "visits"): N_("All purchases since joining are counted."),
    (Window.CALENDAR_YEAR, "points"): N_("{unit} earned from 1 January to 31 December count."),
    (Window.CALENDAR_QUARTER, "points"): N_("{unit} earned within a quarter of the calendar count."),
    (Window.CALENDAR_MONTH, "points"): N_("{unit} earned within a calendar month count."),
    (Window.LIFETIME, "points"): N_("All {unit} earned since joining count."),
}
_ROLLING = {
    "spend": (
        N_("What is spent within {n} month counts."),
        N_("What is spent within {n} months, this one included, counts."),
    ),
    "visits": (
        N_("Purchases within {n} month are counted."),
        N_("Purchases within {n} months, this one included, are counted."),
    ),
    "points": (
        N_("{unit} earned within {n} month count."),
        N_("{unit} earned within {n} months, this one included, count."),
    ),
}
_HELD = {
    (Window.CALENDAR_YEAR, Held.WINDOW): N_("It is kept to the end of the year."),
    (Window.CALENDAR_YEAR, Held.NEXT_WINDOW): N_("It is kept to the end of the next year."),
    (Window.CALENDAR_QUARTER, Held.WINDOW): N_("It is kept to the end of the quarter."),
    (Window.CALENDAR_QUARTER, Held.NEXT_WINDOW): N_("It is kept to the end of the next quarter."),
    (Window.CALENDAR_MONTH, Held.WINDOW): N_("It is kept to the end of the month."),
    (Window.CALENDAR_MONTH, Held.NEXT_WINDOW): N_("It is kept to the end of the next month."),
    (Window.ROLLING, Held.WINDOW): N_("It is looked at again at the end of every month."),
}
_SPENT = {
    "debt": N_("Points that were spent already are owed: the balance goes below zero, and the next earnings repay it."),
    "other_points": N_("Points that were spent already are taken from other points; what is still missing is owed."),
    "ask_for_payment": N_("Points that were spent already are asked for in money."),
    "write_off": N_("Points that were spent already are forgiven."),
}


def expiry(terms: Expiry, pending: Pending | None = None) -> Message:  # noqa: PLR0911, C901 - one return for each kind
    """Return how long points may be used, as one sentence."""
    released = pending is not None and pending.expiry_runs_from is RunsFrom.RELEASE
    match terms:
        case AfterDays():
            if terms.after_days == 1 and not released:
                return say(N_("Points can be used only on the day they are earned."))
            if released:
                return n_(
                    "Points can be used for {n} day from the day they become usable.",
                    "Points can be used for {n} days from the day they become usable.",
                    terms.after_days,
                )
            return n_(
                "Points can be used for {n} day, the day they are earned included.",
                "Points can be used for {n} days, the day they are earned included.",
                terms.after_days,
            )
        case AfterMonths():
            if released:
                return n_(
                    "Points can be used for {n} month from the day they become usable.",
                    "Points can be used for {n} months from the day they become usable.",
                    terms.after_months,
                )
            return n_(
                "Points can be used for {n} month from the day they are earned.",
                "Points can be used for {n} months from the day they are earned.",
                terms.after_months,
            )
        case EndOf():
            if terms.later == 0:
                return say(_END_OF[terms.end_of])
            if terms.later == 1:
                return say(_END_OF_NEXT[terms.end_of])
            return say(_END_OF_LATER[terms.end_of], n=terms.later)
        case OnDate():
            return say(N_("Points can be used through {day}."), day=terms.on)
        case AfterIdle():
            return n_(
                "Points expire when there was no purchase for {n} day.",
                "Points expire when there was no purchase for {n} days.",
                terms.after_idle_days,
            )
        case _:
            return say(N_("Points never expire."))


def expiry_short(terms: Expiry) -> Message:
    """Return how long points may be used, as a remark: "usable for 30 days"."""
    match terms:
        case AfterDays():
            return n_("usable for {n} day", "usable for {n} days", terms.after_days)
        case AfterMonths():
            return n_("usable for {n} month", "usable for {n} months", terms.after_months)
        case EndOf():
            end = say(_SHORT_END[terms.end_of])
            return n_("{end}, {n} later", "{end}, {n} later", terms.later, end=end) if terms.later else end
        case OnDate():
            return say(N_("usable through {day}"), day=terms.on)
        case AfterIdle():
            return n_("until {n} day without a purchase", "until {n} days without a purchase", terms.after_idle_days)
        case _:
            return say(N_("without expiry"))


def pending(terms: Pending) -> Message:
    """Return how long points wait before they may be used."""
    if isinstance(terms, PendingDays):
        return n_(
            "Points become usable {n} day after they were earned.",
            "Points become usable {n} days after they were earned.",
            terms.days,
        )
    if terms.until == ORDER_DELIVERED:
        return say(N_("Points become usable when the order is delivered."))
    return say(N_("Points become usable when the return window is over."))


def unit(program: Program, one: Unit) -> Said:
    """Return what a unit's points are, in sentences."""
    if one.kind is UnitKind.MONEY:
        return say(
            N_("Money that is paid in, as on a gift card: {expiry}; no rule gives it."), expiry=expiry_short(one.expiry)
        )
    told = [expiry(one.expiry, one.pending)]
    if one.pending is not None:
        told.insert(0, pending(one.pending))
    if one.worth is not None:
        told.append(worth(program, one, one.worth))
    return after(told)


def worth(program: Program, one: Unit, cost: Worth) -> Message:
    """Return what points cost the brand."""
    points = sum_of(program, cost.points, one.id)
    return say(N_("{points} cost you {amount} when they are redeemed."), points=points, amount=Money(cost.amount))


def purpose_name(program: Program, purpose: str) -> Said:
    """Return a purpose by its name."""
    return next((one.name for one in program.purposes if one.id == purpose), purpose)


def where(purpose: Purpose) -> Message:
    """Return where restricted points may be spent: "only in Shibuya or Ueno, through app"."""
    parts: list[Message] = []
    if purpose.stores:
        parts.append(say(N_("at {stores}"), stores=values(purpose.stores)))
    if purpose.channels:
        parts.append(say(N_("through {channels}"), channels=values(purpose.channels)))
    return say(N_("only {where}"), where=both(parts)) if parts else say(N_("everywhere"))


def reached(program: Program, track: Tiers, at: int) -> Message:
    """Return from which figure on a rung is reached: "from ¥30,000", "from 10 purchases"."""
    if at == 0:
        return say(N_("from the first day"))
    return say(N_("from {amount}"), amount=figure(program, track, at))


def figure(program: Program, track: Tiers, n: int) -> Said:
    """Return a figure of a track: money, purchases, or points of its unit."""
    if track.by == "spend":
        return Money(n)
    if track.by == "visits":
        return n_("{n} purchase", "{n} purchases", n)
    return sum_of(program, n, track.unit or main_unit(program).id)


def counted(program: Program, track: Tiers) -> Message:
    """Return what counts towards a track, and when."""
    found = unit_of(program, track.unit) if track.unit else main_unit(program)
    name: Said = found.name if found else track.unit or ""
    if track.window is Window.ROLLING:
        one, many = _ROLLING[track.by]
        return Message(one, {"n": track.months, "unit": name}, many)
    return say(_COUNTED[track.window, track.by], unit=name)


def held(track: Tiers) -> Said:
    """Return how long a rung is kept, and what a review does."""
    if track.window is Window.LIFETIME:
        return say(N_("A tier that was reached is kept for good."))
    told: list[Said] = [say(N_("A new tier counts at once."))]
    if (track.window, track.held) in _HELD:
        told.append(say(_HELD[track.window, track.held]))
    else:
        told.append(n_("It is kept for {n} month more.", "It is kept for {n} months more.", track.months))
    if track.grace_days:
        told.append(n_("Then {n} day of grace follows.", "Then {n} days of grace follow.", track.grace_days))
    if track.downgrade is Downgrade.ONE_STEP:
        told.append(say(N_("After that it falls by one tier at most.")))
    return after(told)


def tiers_on_return(track: Tiers) -> Message:
    """Return what a return does to a tier."""
    if track.on_return is TierOnReturn.KEEP:
        return say(N_("A return does not take a tier back."))
    return say(N_("A return takes the tier back that the purchase had reached."))


def redemption(program: Program, terms: Redemption) -> Message:
    """Return which sums may be redeemed."""
    if terms.minimum == 1 and terms.step == 1:
        return say(N_("Members redeem any number of points up to their balance."))
    unit_id = main_unit(program).id
    return say(
        N_("Members redeem points from {minimum} up, in steps of {step}."),
        minimum=sum_of(program, terms.minimum, unit_id),
        step=sum_of(program, terms.step, unit_id),
    )


def returns(terms: Returns, *, with_days: bool = True) -> Said:
    """Return what becomes of points when an order is returned; members need not know for how long a shop may change one."""
    told = [say(N_("A return takes back what the order had earned.")), say(_SPENT[terms.spent])]
    if terms.grace_days:
        told.append(
            n_(
                "Points that come back after their last day can be used for {n} day.",
                "Points that come back after their last day can be used for {n} days.",
                terms.grace_days,
            )
        )
    if with_days:
        told.append(n_("Orders can be changed for {n} day.", "Orders can be changed for {n} days.", terms.days))
    return after(told)


def referral(program: Program, offer: ReferralOffer) -> Message:
    """Return when a friend who was brought counts."""
    days = n_("{n} day", "{n} days", offer.within_days)
    told = say(N_("A friend counts with the first purchase within {days} of joining."), days=days)
    if offer.event != "order.completed":
        name = next((one.name for one in program.event_types if one.type == offer.event), None)
        told = say(N_("A friend counts with “{event}” within {days} of joining."), event=name or offer.event, days=days)
    if offer.condition is None:
        return told
    clause = condition(program, offer.condition, offer.event)
    return say(N_("{sentence} Only when {clause}."), sentence=told, clause=clause)


def stage(one: Stage) -> Message:
    """Return a stage with its steps, and how many of them lead on."""
    if not one.steps:
        return say(N_("{stage}: no steps"), stage=one.name)
    steps = noted(
        say(N_("{step} ×{times}"), step=step.name, times=str(step.times)) if step.times > 1 else step.name
        for step in one.steps
    )
    if one.needs is None or one.needs >= len(one.steps):
        return say(N_("{stage}: {steps}"), stage=one.name, steps=steps)
    return say(N_("{stage}: {needs} of {steps}"), stage=one.name, needs=one.needs, steps=steps)
