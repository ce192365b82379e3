"""Designs side by side, up to four: what differs in cost and use, who gains by another design, and who loses. Pure."""

from collections.abc import Callable, Mapping, Sequence
from string import ascii_uppercase
from typing import Any, NamedTuple

from markupsafe import Markup

from kizuna.core.errors import N_
from kizuna.web import charts
from kizuna.web.backtest.telling import NONE, Voice, assumption, brief, ratio, share, shortened
from kizuna.web.backtest.views import Column, Comparison, Figure, Row, Sides, Table
from kizuna.web.icons import icon
from kizuna.web.words import number

LETTERS = ascii_uppercase
Told = Mapping[str, Any]


class Measure(NamedTuple):
    """A row of the table: its name, how a design's value reads, and which is best: the lowest (−1), the highest (1) or none (0)."""

    name: str
    value: Callable[[Told], int | None]
    say: Callable[[Any], str]
    best: int = 0


def sides(results: Sequence[Told], comparisons: Sequence[Told], lang: str, currency: str) -> Sides:
    """Return designs side by side, and who is better and worse off by each beside the first."""
    voice = Voice(lang, currency)
    return Sides(
        assumptions=_assumptions(results, voice),
        table=_table(results, voice),
        costs=_costs(results, voice),
        comparisons=[comparison(one, lang, currency, n) for n, one in enumerate(comparisons, start=1)],
    )


def _assumptions(results: Sequence[Told], voice: Voice) -> list[str]:
    """Return each assumption once, with the letters of the designs that it is made of."""
    found: dict[str, list[str]] = {}
    for n, told in enumerate(results):
        found.setdefault(assumption(told, voice), []).append(LETTERS[n])
    return [f"{', '.join(letters)} — {said}" for said, letters in found.items()]


def _table(results: Sequence[Told], voice: Voice) -> Table:
    rows = [Row(voice.words(N_("Redemption assumed")), [brief(one, voice) for one in results])]
    rows += [_row(one, results, voice) for one in _measures(results, voice)]
    return Table(
        "sides",
        _title(results, voice),
        voice.words(N_("The same purchases, decided by each design.")),
        [
            Column(voice.words(N_("Candidate")), is_figure=False),
            *(Column(lettered(n, one["name"])) for n, one in enumerate(results)),
        ],
        rows,
        note=voice.words(N_("A check marks the lowest cost, the least expired and the most used of a row.")),
    )


def lettered(place: int, name: str) -> str:
    """Return a design's name with the letter that charts call it by."""
    return f"{LETTERS[place % len(LETTERS)]}: {name}"


def _title(results: Sequence[Told], voice: Voice) -> str:
    known = [(one["cost"]["of_sales"], n) for n, one in enumerate(results) if _of_sales(one) is not None]
    if len(known) < 2 or min(known)[0] == max(known)[0]:
        return voice.words(N_("Designs side by side"))
    (low, low_at), (high, high_at) = min(known), max(known)
    return voice.words(
        N_("Of sales, {low_name} costs least with {low}, {high_name} most with {high}"),
        low_name=LETTERS[low_at],
        low=share(low),
        high_name=LETTERS[high_at],
        high=share(high),
    )


def _of_sales(told: Told) -> int | None:
    found: int | None = told["cost"]["of_sales"] if told["cost"] else None
    return found


def _measures(results: Sequence[Told], voice: Voice) -> list[Measure]:
    def cost(field: str) -> Callable[[Told], int | None]:
        return lambda told: told["cost"][field] if told["cost"] else None

    def of_issued(field: str) -> Callable[[Told], int | None]:
        return lambda told: ratio(told[field], told["issued"])

    found = [
        Measure(N_("Cost"), cost("total"), voice.money, -1),
        Measure(N_("Cost, of sales"), cost("of_sales"), share, -1),
        Measure(N_("Cost, of the gross margin"), cost("of_margin"), share, -1),
        Measure(N_("Pays from a rise of"), cost("break_even"), share, -1),
        Measure(N_("Still owed"), cost("liability"), voice.money, -1),
        Measure(N_("Issued"), lambda told: told["issued"], voice.points),
        Measure(N_("Used, of what was issued"), of_issued("redeemed"), share, 1),
        Measure(N_("Expired, of what was issued"), of_issued("expired"), share, -1),
        Measure(N_("Left at the end"), lambda told: told["outstanding"], voice.points),
        Measure(N_("Members who receive points"), _reached, share, 1),
        Measure(N_("Members above the lowest tier"), _above, share),
    ]
    return [one for one in found if any(one.value(told) is not None for told in results)]


def _reached(told: Told) -> int | None:
    none = sum(row["members"] for row in told["distribution"] if not row["from"])
    return ratio(told["members"] - none, told["members"])


def _above(told: Told) -> int | None:
    tiers = told["tiers"]
    return ratio(sum(row["members"] for row in tiers[1:]), told["members"]) if len(tiers) > 1 else None


def _row(measure: Measure, results: Sequence[Told], voice: Voice) -> Row:
    values = [measure.value(told) for told in results]
    known = [value for value in values if value is not None]
    best = None
    if measure.best and len(set(known)) > 1:
        best = min(known) if measure.best < 0 else max(known)
    word = voice.words(N_("lowest")) if measure.best < 0 else voice.words(N_("highest"))
    cells: list[str | Markup] = []
    for value in values:
        text = NONE if value is None else measure.say(value)
        is_best = value is not None and value == best
        cells.append(_best(text, word) if is_best else text)
    return Row(voice.words(measure.name), cells)


def _best(text: str, word: str) -> Markup:
    return Markup('<strong class="backtest-best">{}<span class="unseen">{}</span> {}</strong>').format(
        icon("check", 16), word, text
    )


def _costs(results: Sequence[Told], voice: Voice) -> charts.Drawn | None:
    """Return what each design costs as a column: what was used, and what is still owed on top."""
    if any(told["cost"] is None for told in results):
        return None
    return charts.drawn(
        charts.Chart(
            id="sides-costs",
            title=_costs_title(results, voice),
            about=voice.words(N_("Worth of what was used, and what is still owed less what is likely to expire. Source: this back-test")),
            place=voice.words(N_("Candidate")),
            labels=[lettered(n, told["name"]) for n, told in enumerate(results)],
            short=list(LETTERS[: len(results)]),
            series=[
                charts.Series(voice.words(N_("Used")), [told["cost"]["redeemed"] for told in results], 2),
                charts.Series(voice.words(N_("Still owed")), [told["cost"]["liability"] for told in results], 1),
            ],
            stacked=True,
            say=voice.money,
            tick=voice.tick,
        ),
        voice.lang,
    )  # fmt: skip


def _costs_title(results: Sequence[Told], voice: Voice) -> str:
    totals = [told["cost"]["total"] for told in results]
    if min(totals) == max(totals):
        return voice.words(N_("Each design costs {amount}"), amount=voice.money(totals[0]))
    return voice.words(
        N_("Costs lie between {low} and {high}"), low=voice.money(min(totals)), high=voice.money(max(totals))
    )


def comparison(told: Told, lang: str, currency: str, number_: int = 1) -> Comparison:
    """Return who is better and who is worse off by one design beside another: `kizuna.simulate.winners`."""
    voice, id_, in_money = Voice(lang, currency), f"comparison-{number_}", told["in_money"]
    return Comparison(
        id=id_,
        title=voice.words(
            N_("By “{after}”, {winners} would be better off and {losers} worse off"),
            after=told["after"],
            winners=voice.count(N_("{n} member"), "{n} members", told["winners"]),
            losers=voice.count(N_("{n} member"), "{n} members", told["losers"]),
        ),
        about=voice.words(
            N_("What rules gave over the whole period, beside “{before}”. A difference is {kind}."),
            before=told["before"],
            kind=voice.words(N_("in money")) if in_money else voice.words(N_("in points")),
        ),
        figures=_gains(told, voice),
        deciles=_differences(told, voice, id_),
        people=[
            one
            for one in (
                _people(told, voice, id_, "most", N_("Who gains most")),
                _people(told, voice, id_, "least", N_("Who loses most")),
            )
            if one is not None
        ],
    )


def _gains(told: Told, voice: Voice) -> Sequence[Figure]:
    in_money = told["in_money"]
    better, worse, same = voice.words(N_("Better off")), voice.words(N_("Worse off")), voice.words(N_("The same"))
    moved = voice.words(
        N_("{up} on a higher tier, {down} on a lower one"), up=number(told["risen"]), down=number(told["fallen"])
    )
    return [
        Figure(
            f"▲ {better}",
            number(told["winners"]),
            voice.words(N_("Members whom the rules would have given more.")),
            [voice.words(N_("{amount} in all"), amount=voice.signed(told["gained"], in_money=in_money))],
        ),
        Figure(
            f"▼ {worse}",
            number(told["losers"]),
            voice.words(N_("Members whom the rules would have given less.")),
            [voice.words(N_("{amount} in all"), amount=voice.signed(-told["lost"], in_money=in_money))],
        ),
        Figure(
            f"= {same}",
            number(told["same"]),
            voice.words(N_("Members who would have received the same.")),
            [moved],
        ),
    ]


def _differences(told: Told, voice: Voice, id_: str) -> charts.Drawn:
    rows, in_money = told["deciles"], told["in_money"]
    most = max(rows, key=lambda row: abs(row["difference"]))
    title = (
        voice.words(
            N_("Most of the difference falls to tenth {n}: {amount}"),
            n=number(most["decile"]),
            amount=voice.signed(most["difference"], in_money=in_money),
        )
        if most["difference"]
        else voice.words(N_("No tenth gains or loses"))
    )
    return charts.drawn(
        charts.Chart(
            id=f"{id_}-deciles",
            title=title,
            about=voice.words(N_("Difference by tenth of the members; the first are those who spend most. Source: this back-test")),
            place=voice.words(N_("Tenth")),
            labels=[number(row["decile"]) for row in rows],
            short=[number(row["decile"]) for row in rows],
            series=[charts.Series(voice.words(N_("Difference")), [row["difference"] for row in rows], 1)],
            say=lambda n: voice.signed(n, in_money=in_money),
            tick=voice.tick if in_money else None,
        ),
        voice.lang,
    )  # fmt: skip


def _people(told: Told, voice: Voice, id_: str, which: str, title: str) -> Table | None:
    in_money, sign = told["in_money"], 1 if which == "most" else -1
    rows = [row for row in told[which] if sign * (row["after"] - row["before"]) > 0]
    if not rows:
        return None
    return Table(
        f"{id_}-{which}",
        voice.words(title),
        voice.words(N_("Members by a shortened identity; names are not in a back-test.")),
        [
            Column(voice.words(N_("Member")), is_figure=False),
            Column(voice.words(N_("Spent"))),
            Column(voice.words(N_("Before"))),
            Column(voice.words(N_("After"))),
            Column(voice.words(N_("Difference"))),
        ],
        [
            Row(
                shortened(row["member"]),
                [
                    voice.money(row["amount"]),
                    voice.value(row["before"], in_money=in_money),
                    voice.value(row["after"], in_money=in_money),
                    voice.signed(row["after"] - row["before"], in_money=in_money),
                ],
            )
            for row in rows
        ],
    )
