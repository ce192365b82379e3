"""A program part by part, each in a sentence: what the editor lists. Pure."""

from collections.abc import Sequence
from datetime import date

from kizuna.core.errors import N_
from kizuna.program import (
    Campaign,
    EarningRule,
    Program,
    Said,
    after,
    say,
    telling,
    telling_conditions,
    telling_operations,
    telling_terms,
)
from kizuna.web.console.program.views import Row, Section
from kizuna.web.tell import Teller

HOME = "/console/program/draft"
Found = tuple[str, object, Said, str, str]
"""A part as it is listed: id, name, what it says, its state and the state's tone."""
STATES = {
    "draft": (N_("draft"), "act"),
    "changed": (N_("changed"), "act"),
    "scheduled": (N_("scheduled"), "wait"),
    "live": (N_("live"), "gain"),
    "ended": (N_("ended"), "quiet"),
}


def state_of(campaign: Campaign, live: Program | None, today: date, *, in_draft: bool) -> str:
    """Return where a campaign stands: draft → scheduled → live → ended, by its dates."""
    if in_draft:
        there = next((one for one in live.campaigns if one.id == campaign.id), None) if live else None
        if there != campaign:
            return "draft" if there is None else "changed"
    if today < campaign.starts:
        return "scheduled"
    return "live" if today <= campaign.ends else "ended"


def sections(program: Program, live: Program | None, today: date, tell: Teller) -> list[Section]:
    """Return the parts of a draft by kind."""
    return [
        _campaigns(program, live, today, tell),
        _rules(program, live, tell),
        _tiers(program, tell),
        *_terms(program, tell),
    ]


def _campaigns(program: Program, live: Program | None, today: date, tell: Teller) -> Section:
    rows = []
    for campaign in program.campaigns:
        words, tone = STATES[state_of(campaign, live, today, in_draft=True)]
        rows.append((campaign.id, campaign.name, telling.rule(program, campaign), tell.words(words), tone))
    about = tell.words(N_("Rules with a beginning and an end, such as double points on Fridays."))
    return Section(
        "campaigns", tell.words(N_("Campaigns")), about, _rows("campaigns", rows, tell),
        f"{HOME}/campaigns/new", tell.words(N_("Add a campaign")),
    )  # fmt: skip


def _rules(program: Program, live: Program | None, tell: Teller) -> Section:
    known = {one.id: one for one in live.earning_rules} if live else {}
    rows = []
    for rule in program.earning_rules:
        there = known.get(rule.id)
        words, tone = ("", "quiet") if there == rule else STATES["draft" if there is None else "changed"]
        rows.append((rule.id, rule.name, telling.rule(program, rule), tell.words(words) if words else "", tone))
    about = tell.words(N_("What earns points every day. Rules add up: a purchase earns by every rule that it meets."))
    return Section(
        "rules", tell.words(N_("Earning rules")), about, _rows("rules", rows, tell), f"{HOME}/rules/new", tell.words(N_("Add a rule")),
    )  # fmt: skip


def tiers_sentence(program: Program, tell: Teller) -> str:
    """Return the rungs and how they are kept."""
    tiers = program.tiers
    if len(tiers.levels) == 1:
        return tell.words(N_("There is one tier, and everybody has it."))
    rungs = " → ".join(
        f"{getattr(level.name, tell.lang)} {tell(telling_terms.figure(program, tiers, level.at))}"
        if level.at
        else str(getattr(level.name, tell.lang))
        for level in tiers.levels
    )
    return f"{rungs}{'。' if tell.lang == 'ja' else '. '}{tell(telling_terms.counted(program, tiers))}"


def _tiers(program: Program, tell: Teller) -> Section:
    rows = [
        Row(
            "tiers",
            f"{HOME}/tiers/all",
            tell.words(N_("Tiers")),
            tiers_sentence(program, tell),
            is_first=True,
            is_last=True,
        )
    ]
    if program.tracks:
        rows += [
            Row(
                one.id,
                f"{HOME}/text#tracks",
                str(getattr(one.name, tell.lang)),
                tell(telling_terms.counted(program, one)),
                is_first=True,
                is_last=True,
            )
            for one in program.tracks
        ]
    if program.journey is not None:
        said = " ".join(tell(telling_terms.stage(one)) for one in program.journey.stages)
        rows.append(
            Row(
                "journey",
                f"{HOME}/text#journey",
                tell.words(N_("Stages of the journey")),
                said,
                is_first=True,
                is_last=True,
            )
        )
    about = tell.words(N_("How far members have come, and what it brings them."))
    return Section("tiers", tell.words(N_("Tiers and stages")), about, rows)


def _terms(program: Program, tell: Teller) -> list[Section]:
    units = [(one.id, one.name, telling_terms.unit(program, one), "", "quiet") for one in program.units]
    spending = (
        f"{tell(telling_terms.redemption(program, program.redemption))} {tell(telling_terms.returns(program.returns))}"
    )
    joining = N_("Whoever buys for the first time becomes a member by it.")
    if program.unknown_member == "refuse":
        joining = N_("An order of somebody who is not a member yet is refused.")
    once = [
        Row(
            "spending",
            f"{HOME}/spending/all",
            tell.words(N_("Redeeming and returns")),
            spending,
            is_first=True,
            is_last=True,
        ),
        Row(
            "operations",
            f"{HOME}/operations/all",
            tell.words(N_("Holds, transfers and adjustments")),
            operations_sentence(program, tell),
            is_first=True,
            is_last=True,
        ),
        Row(
            "basics",
            f"{HOME}/basics/all",
            tell.words(N_("Name and members")),
            f"{getattr(program.name, tell.lang)} — {tell.words(joining)}",
            is_first=True,
            is_last=True,
        ),
    ]
    if program.referral is not None:
        said = tell(telling_terms.referral(program, program.referral))
        once.append(
            Row("referral", f"{HOME}/text#referral", tell.words(N_("Referral")), said, is_first=True, is_last=True)
        )
    terms = Section("terms", tell.words(N_("Terms")), tell.words(N_("What applies to everything.")), once)
    first = _listed("units", units, tell)
    return [first, terms, *(_listed(kind, found, tell) for kind, found in _others(program, tell).items())]


def operations_sentence(program: Program, tell: Teller) -> str:
    """Return how points are held, transferred, used together and adjusted."""
    told = telling_operations
    parts = (
        told.holds(program.holds),
        told.transfers(program, program.transfers),
        told.pools(program.pools),
        told.approval(program, program.adjustments),
    )
    return tell(after(part for part in parts if part is not None))


def _others(program: Program, tell: Teller) -> dict[str, list[Found]]:
    """Return what few programs have: segments, groups of rules, restricted points, charities, reasons for adjustments."""
    return {
        "segments": [
            (one.id, one.name, telling_conditions.condition(program, one.condition, ""), "", "quiet")
            for one in program.segments
        ],
        "groups": [(one.id, one.name, _together(program, one.id, tell), "", "quiet") for one in program.groups],
        "purposes": [(one.id, one.name, telling_terms.where(one), "", "quiet") for one in program.purposes],
        "charities": [(one.id, one.name, say(_DONATED), "", "quiet") for one in program.charities],
        "reasons": [(one.id, one.name, say(_NAMED), "", "quiet") for one in program.adjustments.reasons],
    }


_LISTED = {
    "units": (
        N_("Points"),
        N_("What members collect, how long it lasts and what it is worth."),
        N_("Add another kind of points"),
    ),
    "segments": (
        N_("Segments"),
        N_("Groups of members that rules and campaigns may speak of."),
        N_("Add a segment"),
    ),
    "groups": (
        N_("Rules of which one pays"),
        N_("Where several rules meet on one purchase and only one of them is to pay."),
        N_("Add a group"),
    ),
    "purposes": (
        N_("Restricted points"),
        N_("Points that can be spent only in some stores or channels."),
        N_("Add a restriction"),
    ),
    "charities": (N_("Charities"), N_("Causes to which members can donate points."), N_("Add a charity")),
    "reasons": (
        N_("Reasons for adjustments"),
        N_("Why points are added or taken by hand, beside the usual reasons; members read it."),
        N_("Add a reason for adjustments"),
    ),
}
"""What these lists are called, what they are for, and what adds to them."""
_DONATED, _NAMED = N_("Members can donate points to it."), N_("Adjustments by hand can name it.")


def _listed(kind: str, found: Sequence[Found], tell: Teller) -> Section:
    title, about, add = (tell.words(words) for words in _LISTED[kind])
    return Section(kind, title, about, _rows(kind, found, tell), f"{HOME}/{kind}/new", add)


def _together(program: Program, group: str, tell: Teller) -> str:
    members = [str(getattr(rule.name, tell.lang)) for rule in program.rules if rule.group == group]
    between = "、" if tell.lang == "ja" else ", "
    return between.join(members) if members else tell.words(N_("No rule belongs to it yet."))


def _rows(kind: str, found: Sequence[Found], tell: Teller) -> list[Row]:
    return [
        Row(
            key,
            f"{HOME}/{kind}/{key}",
            str(getattr(name, tell.lang)),
            tell(said),
            badge,
            tone,
            number == 0,
            number == len(found) - 1,
        )
        for number, (key, name, said, badge, tone) in enumerate(found)
    ]


def part_sentence(program: Program, kind: str, key: str, tell: Teller) -> str:
    """Return what one part says, "" where it says nothing yet."""
    match kind:
        case "rules" | "campaigns":
            rule: EarningRule | None = next((one for one in reversed(program.rules) if one.id == key), None)
            return tell(telling.rule(program, rule)) if rule else ""
        case "tiers":
            return f"{tiers_sentence(program, tell)} {tell(telling_terms.held(program.tiers))}"
        case "operations":
            return operations_sentence(program, tell)
        case "spending" | "basics":
            return ""
    rows = [row for section in sections(program, None, date.min, tell) if section.key == kind for row in section.rows]
    return next((row.sentence for row in rows if row.key == key), "")
