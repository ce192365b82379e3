"""Why an entry has its number: in one sentence, and as the arithmetic behind it, in both languages. Pure.

The arithmetic is exact: a calculation is only shown where the numbers in it give the entry's own.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from kizuna.core.errors import N_
from kizuna.web import tell, why_operations
from kizuna.web.views import BrandView, EntryView, Reckoning, UnitView
from kizuna.web.words import brand_words, day, money, number, points, translate, translate_n

KINDS = {
    "earn": N_("Earned"),
    "redeem": N_("Redeemed"),
    "expire": N_("Expired"),
    "pend": N_("Pending"),
    "release": N_("Released"),
    "reverse": N_("Taken back"),
    "cancel": N_("Pending no more"),
    "forgive": N_("Written off"),
    "collect": N_("To be paid"),
    **why_operations.KINDS,
}
"""What happened, in a word, by the name of the entry's kind."""
GIVEN = ("earn", "pend")
"""Kinds that an award made."""
LOST = ("expire", "reverse", "cancel")
STILL = ("confirm", "extend")
"""Kinds that leave what a member can spend as it was: their points have no sign."""
_UNMOVED = ("pend", "cancel", *STILL)
_USABLE = ("earn", "release", "void", "restore", "revive", "extend", "adjust", "transfer")
"""Kinds that make points spendable, where they give any."""
_WAITS = ("pend", "cancel", "hold")
_ROUNDINGS = {"down": N_("rounded down"), "nearest": N_("rounded to the nearest"), "up": N_("rounded up")}
_CUTS = {
    "event": N_("Less than by the rule alone: there is a limit for one time."),
    "member": N_("Less than by the rule alone: the limit for one member is reached."),
    "store": N_("Less than by the rule alone: the limit for the store is reached."),
    "all": N_("Less than by the rule alone: the limit for everybody is reached."),
    "budget": N_("Less than by the rule alone: the campaign’s budget is used up."),
    "group": N_("Another rule of the same group gave points instead."),
    "exclusive": N_("Another rule gave points that goes with no other."),
}


def kind_name(kind: str, lang: str) -> str:
    """Return what happened in a word; a kind that has no word yet shows its code."""
    return translate(lang, KINDS.get(kind, kind))


def unit_points(n: int, unit: UnitView | None, lang: str) -> str:
    """Return points of a unit; None is the main one."""
    return points(n, lang) if unit is None else tell.sum_text(n, unit.name, unit.kind, lang, unit.is_main)


def tone(entry: EntryView) -> str:
    """Return how an entry's points are coloured: "gain" | "loss" | "waits" | "even"."""
    if entry.kind in STILL:
        return "even"
    if entry.kind in _WAITS:
        return "waits"
    return "gain" if entry.points > 0 else "loss" if entry.kind in LOST else "even"


def moved(entry: EntryView, lang: str) -> str:
    """Return an entry's points as its line shows them: with their sign, unless nothing came or went."""
    if entry.kind in STILL:
        return unit_points(abs(entry.points), entry.unit, lang)
    return signed(entry.points, entry.unit, lang)


def signed(n: int, unit: UnitView | None, lang: str) -> str:
    """Return a change of points with its sign."""
    return ("+" if n > 0 else "") + unit_points(n, unit, lang)


def why_sentence(entry: EntryView, brand: BrandView, lang: str) -> str:
    """Return in one sentence why the entry has its number; a second one says what cut it, or when it may be used."""
    told = [why_operations.sentence(entry, lang) or _sentence(entry, brand, lang)]
    if entry.kind in GIVEN and entry.why.cut in _CUTS:
        told.append(translate(lang, _CUTS[entry.why.cut]))
    if entry.kind == "pend":
        told.append(usable(entry, lang))
    return ("" if lang == "ja" else " ").join(text for text in told if text)


def usable(entry: EntryView, lang: str) -> str:
    """Return when points that wait may be used."""
    if entry.releases_on is not None:
        return translate(lang, N_("They can be used from {day}."), day=day(entry.releases_on, lang))
    if entry.awaits == "delivery":
        return translate(lang, N_("They can be used when the order has been delivered."))
    if entry.awaits == "closing":
        return translate(lang, N_("They can be used when the order can no longer be returned."))
    return ""


def _sentence(entry: EntryView, brand: BrandView, lang: str) -> str:  # noqa: PLR0911 - one for each kind
    match entry.kind:
        case "redeem":
            reward = why_operations.reward(entry, lang)
            if reward:
                return translate(lang, N_("Points were redeemed for “{reward}”."), reward=reward)
            return translate(lang, N_("Points were redeemed for a reward."))
        case "expire":
            if entry.when_idle:
                return translate(lang, N_("The points expired: there was no purchase for a while."))
            if entry.expires_on is None:
                return translate(lang, N_("The points expired unused."))
            last = day(entry.expires_on, lang)
            return translate(lang, N_("The points expired: they could be used through {day}."), day=last)
        case "earn" | "pend":
            return _earned(entry, brand, lang)
        case _:
            return _changed(entry, lang)


_CHANGES = {
    "release": (
        N_("Points of “{rule}” that waited can be used now."),
        N_("Points that waited can be used now."),
    ),
    "reverse": (
        N_("The order was changed: points of “{rule}” were taken back."),
        N_("The order was changed: points were taken back."),
    ),
    "cancel": (
        N_("The order was changed: pending points of “{rule}” will not come."),
        N_("The order was changed: pending points will not come."),
    ),
    "forgive": (
        N_("Points of “{rule}” that were spent or expired already are not asked back."),
        N_("Points that were spent or expired already are not asked back."),
    ),
    "collect": (
        N_("Points of “{rule}” that were spent already are to be paid in money."),
        N_("Points that were spent already are to be paid in money."),
    ),
}


def _changed(entry: EntryView, lang: str) -> str:
    with_rule, without = _CHANGES.get(entry.kind, ("", ""))
    rule = brand_words(entry.why.rule_name, lang) if entry.why.rule_name else ""
    return translate(lang, with_rule, rule=rule) if rule else translate(lang, without)


def _rate(made: Reckoning, entry: EntryView, brand: BrandView, lang: str) -> str:
    """Return what an award gives, as one says it."""
    unit = entry.unit
    match made.kind:
        case "rate":
            per = money(made.per, brand.currency, lang)
            return translate(lang, N_("{points} per {amount}"), points=unit_points(made.points, unit, lang), amount=per)
        case "percent":
            return translate(lang, N_("{percent}% back in points"), percent=str(made.percent))
        case "multiply":
            times = {"2": N_("double points"), "3": N_("triple points")}.get(made.times, N_("{times} times the points"))
            return translate(lang, times, times=made.times)
        case _:
            each = unit_points(made.points, unit, lang)
            if made.each == "order":
                return each
            return translate(
                lang, N_("{award} for each item") if made.each == "item" else N_("{award} for each line"), award=each
            )


def _earned(entry: EntryView, brand: BrandView, lang: str) -> str:
    why, made = entry.why, entry.why.reckoning
    rule = brand_words(why.rule_name, lang) if why.rule_name else ""
    if made is None or not rule:
        return (
            translate(lang, N_("Points were earned by “{rule}”."), rule=rule)
            if rule
            else translate(lang, N_("Points were earned."))
        )
    if made.kind == "none":
        return translate(lang, N_("“{rule}” was counted."), rule=rule)
    rate = _rate(made, entry, brand, lang)
    if why.goal is not None:
        goal = tell.tell(why.goal, brand.currency, lang)
        if entry.points == 0 and why.raw == 0:
            return translate(lang, N_("{rule}: counted towards “{goal}”."), rule=rule, goal=goal)
        return translate(lang, N_("{rule}: {rate}, {goal}."), rule=rule, rate=rate, goal=goal)
    if made.kind in {"rate", "percent"} and why.basis is not None:
        amount = money(why.basis, brand.currency, lang)
        return translate(lang, N_("{rule}: {amount} spent earns {rate}."), rule=rule, amount=amount, rate=rate)
    return translate(lang, N_("{rule}: {rate}."), rule=rule, rate=rate)


def _quotient(value: Fraction) -> str:
    """Return a fraction exactly when two decimals hold it, else cut after two with an ellipsis; no float is involved."""
    hundredths, rest = divmod(abs(value.numerator) * 100, value.denominator)
    whole, part = divmod(hundredths, 100)
    text = f"{whole:,}" + (f".{part:02d}".rstrip("0") if part else "")
    if rest:
        text = f"{whole:,}.{part:02d}…"
    return ("−" if value < 0 else "") + text


def why_arithmetic(entry: EntryView, brand: BrandView, lang: str) -> Sequence[tuple[str, str]]:
    """Return the arithmetic behind the sentence as (name, value) lines, the entry's own points last."""
    lines = [*_reckoned(entry, brand, lang), *_taken(entry, lang), *_made(entry, lang)]

    def line(name: str, value: str) -> None:
        lines.append((translate(lang, name), value))

    if entry.why.version is not None:
        line(N_("Program version"), number(entry.why.version))
    if entry.kind == "pend" and (when := usable(entry, lang)):
        line(N_("Usable"), when)
    if entry.kind in _USABLE and entry.points > 0:
        line(N_("Usable through"), _last_day(entry, lang))
    if entry.purpose is not None and entry.kind in {"pend", *_USABLE} and entry.points > 0:
        line(N_("Only for"), brand_words(entry.purpose.name, lang))
    if reason := why_operations.reason(entry, lang):
        line(N_("Reason"), reason)
    if entry.account is not None and entry.account.kind in ("reward", "charity"):
        line(N_("Reward") if entry.account.kind == "reward" else N_("Charity"), why_operations.reward(entry, lang))
    if entry.reference:
        line(_REFERENCES.get(entry.kind, N_("Order number")), entry.reference)
    if entry.balance is not None:
        before = entry.balance - (0 if entry.kind in _UNMOVED else entry.points)
        line(N_("Balance"), f"{unit_points(before, entry.unit, lang)} → {unit_points(entry.balance, entry.unit, lang)}")
    line(KINDS["pend"] if entry.kind == "pend" else N_("Points"), moved(entry, lang))
    return lines


_REFERENCES = {
    "redeem": N_("Reward"),
    "hold": N_("Reference"),
    "restore": N_("Reference"),
    "void": N_("Reference"),
}


def _last_day(entry: EntryView, lang: str) -> str:
    if entry.when_idle:
        return translate(lang, N_("until there is no purchase for a while"))
    return translate(lang, N_("Never")) if entry.expires_on is None else day(entry.expires_on, lang)


def _reckoned(entry: EntryView, brand: BrandView, lang: str) -> Iterator[tuple[str, str]]:
    """Return how an amount or a number became points, what a tier and a goal made of it, and what cut it."""
    why, made = entry.why, entry.why.reckoning
    if made is None or made.kind == "none":
        return
    if why.basis is not None and made.kind != "multiply":
        if made.kind in {"rate", "percent"}:
            yield translate(lang, N_("Amount that counted")), money(why.basis, brand.currency, lang)
        elif made.each != "order":
            yield translate(lang, N_("Number that counted")), number(why.basis)
    yield (
        translate(lang, N_("Rate") if made.kind in {"rate", "percent"} else N_("Award")),
        _rate(made, entry, brand, lang),
    )
    if made.tier is not None:
        yield translate(lang, N_("Tier")), f"{brand_words(made.tier, lang)} ×{made.tier_times}"
    if why.goal is not None:
        yield translate(lang, N_("Goal")), tell.sentence(why.goal, brand.currency, lang)
    if entry.kind not in GIVEN:
        return
    calculation = _calculation(entry, made, why.basis or 0, brand, lang)
    if calculation and made.adds_up:
        yield translate(lang, N_("Calculation")), calculation
    if why.raw is not None and why.raw != entry.points:
        yield translate(lang, N_("By the rule alone")), signed(why.raw, entry.unit, lang)
        yield translate(lang, N_("Cut")), signed(entry.points - why.raw, entry.unit, lang)


def _calculation(entry: EntryView, made: Reckoning, basis: int, brand: BrandView, lang: str) -> str:
    exact = Fraction(*made.exact)
    amount = money(basis, brand.currency, lang)
    tier = f" × {made.tier_times}" if made.tier is not None else ""
    match made.kind:
        case "rate":
            per, each = money(made.per, brand.currency, lang), unit_points(made.points, entry.unit, lang)
            steps = f"{amount} ÷ {per} × {each}{tier}"
        case "percent":
            steps = f"{amount} × {made.percent}%{tier}"
            if (made.worth_points, made.worth_amount) != (1, 1):
                cost = money(made.worth_amount, brand.currency, lang)
                steps = f"{steps} ÷ {cost} × {unit_points(made.worth_points, entry.unit, lang)}"
        case "multiply":
            steps = f"{unit_points(made.points, entry.unit, lang)} × ({made.times} − 1)"
        case _:
            if basis == 1 and not tier and made.goals == 1:
                return ""
            steps = f"{unit_points(made.points, entry.unit, lang)} × {number(basis)}{tier}"
    result = f"{steps} = {_quotient(exact)}\N{NO-BREAK SPACE}{'pt' if entry.unit is None or entry.unit.is_main else ''}".rstrip()
    if exact.denominator != 1 and made.rounding in _ROUNDINGS:
        rounded = translate(lang, _ROUNDINGS[made.rounding])
        result = translate(lang, N_("{calculation}, {rounded}"), calculation=result, rounded=rounded)
    if made.goals > 1:
        result = translate(lang, N_("{calculation}, {n} times over"), calculation=result, n=number(made.goals))
    return result


_LOTS_TOLD = 8
"""So many lots of one redemption are told one by one; the rest is told as a sum."""


def _taken(entry: EntryView, lang: str) -> Iterator[tuple[str, str]]:
    """Return which points a redemption or a return took: those that expire first."""
    for lot in entry.taken[:_LOTS_TOLD]:
        if lot.expires_on is None:
            name = translate(lang, N_("From points without expiry"))
        else:
            name = translate(lang, N_("From points usable through {day}"), day=day(lot.expires_on, lang))
        if lot.purpose is not None:
            name = translate(lang, N_("{lot} ({purpose})"), lot=name, purpose=brand_words(lot.purpose.name, lang))
        yield name, unit_points(-lot.points, entry.unit, lang)
    rest = entry.taken[_LOTS_TOLD:]
    if rest:
        name = translate_n(lang, N_("From points of {n} later date"), N_("From points of {n} later dates"), len(rest))
        yield name, unit_points(-sum(lot.points for lot in rest), entry.unit, lang)
    missing = -entry.points - sum(lot.points for lot in entry.taken)
    if entry.kind == "reverse" and missing > 0:
        yield translate(lang, N_("Not there any more")), unit_points(-missing, entry.unit, lang)
    elif entry.kind in {"adjust", "transfer"} and missing > 0:
        yield translate(lang, N_("Owed from now on")), unit_points(-missing, entry.unit, lang)


def _made(entry: EntryView, lang: str) -> Iterator[tuple[str, str]]:
    """Return what became of a lot that lapsed: how it was made, and what of it was redeemed before."""
    made = entry.made
    if made is None or made.points < -entry.points:
        return
    first = day(made.first_on, lang)
    if made.first_on == made.last_on:
        yield translate(lang, N_("Earned on {day}"), day=first), signed(made.points, entry.unit, lang)
    else:
        last = day(made.last_on, lang)
        name = translate(lang, N_("Earned from {first} to {last}"), first=first, last=last)
        yield name, signed(made.points, entry.unit, lang)
    if made.points + entry.points:
        yield translate(lang, N_("Redeemed before")), unit_points(-(made.points + entry.points), entry.unit, lang)
