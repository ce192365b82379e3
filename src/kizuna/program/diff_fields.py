"""Every field of the document with its name in words and how its value is told: what a difference walks. Pure.

A test holds each table to the fields of its model, so that no field can be forgotten.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kizuna.core.errors import N_
from kizuna.program import telling, telling_operations, telling_terms
from kizuna.program.messages import Said, both, n_, noted, say, sum_of, unit_of, values
from kizuna.program.messages import main_unit as main
from kizuna.program.model import Program
from kizuna.program.telling_conditions import condition

_WORDS = {
    "create": N_("whoever buys becomes a member"),
    "refuse": N_("only members"),
    "spendable": N_("to be spent"),
    "status": N_("only counts"),
    "stamps": N_("stamp card"),
    "money": N_("money paid in"),
    "spend": N_("money spent"),
    "points": N_("points earned"),
    "visits": N_("purchases"),
    "calendar_year": N_("calendar year"),
    "calendar_quarter": N_("calendar quarter"),
    "calendar_month": N_("calendar month"),
    "rolling": N_("rolling months"),
    "lifetime": N_("all time"),
    "window": N_("to the end of the period"),
    "next_window": N_("to the end of the next period"),
    "to_figure": N_("to where the figure says"),
    "one_step": N_("by one tier at most"),
    "take_back": N_("taken back"),
    "keep": N_("left as it is"),
    "best": N_("the one that gives most"),
    "first": N_("the first by priority"),
    "debt": N_("owed"),
    "other_points": N_("from other points, then owed"),
    "ask_for_payment": N_("asked for in money"),
    "write_off": N_("forgiven"),
    "anybody": N_("all members"),
    "pool": N_("within a family or group"),
    "number": N_("number"),
    "text": N_("text"),
    "flag": N_("yes or no"),
}


@dataclass(frozen=True, slots=True)
class Part:
    """A field with one value; `told(program, owner, value)` tells it."""

    label: str
    told: Callable[[Program, Any, Any], Said]


@dataclass(frozen=True, slots=True)
class Shape:
    """A model's fields; its key is left out."""

    parts: "Mapping[str, Part | One | Many]"


@dataclass(frozen=True, slots=True)
class One:
    """A field with a model of its own; `told` tells it whole where it appears or goes."""

    label: str
    shape: Shape
    told: Callable[[Program, Any, Any], Said]


@dataclass(frozen=True, slots=True)
class Many:
    """A field with a list of models that are known by `key`; `told` tells one that appears or goes."""

    label: str
    shape: Shape
    told: Callable[[Program, Any], Said]
    key: str = "id"
    is_named_alone: bool = False
    """Whether a name says enough without the label, as a campaign's does."""


def _as_it_is(_: Program, __: Any, value: Said) -> Said:
    return value


def _word(_: Program, __: Any, value: Any) -> Said:
    return say(_WORDS[str(value)])


def _yes(_: Program, __: Any, value: Any) -> Said:
    return say(N_("yes") if value else N_("no"))


def _days(_: Program, __: Any, value: int) -> Said:
    return n_("{n} day", "{n} days", value)


def _stretch(_: Program, __: Any, value: int) -> Said:
    return telling_operations.stretch(value)


def _all(_: Program, __: Any, value: list[Said]) -> Said:
    return noted(value)


def _clause(program: Program, owner: Any, value: Any) -> Said:
    return condition(program, value, getattr(owner, "event", ""))


def _unit_name(program: Program, _: Any, value: str) -> Said:
    found = unit_of(program, value)
    return found.name if found else value


def _event(program: Program, _: Any, value: str) -> Said:
    known = telling.event_title(value)
    return next((one.name for one in program.event_types if one.type == value), known)


def _points(program: Program, _: Any, value: int) -> Said:
    return sum_of(program, value, main(program).id)


def _rule_name(program: Program, _: Any, value: str) -> Said:
    return telling.names_of(program, [value])


def _at(program: Program, level: Any, at: int) -> Said:
    tracks = [program.tiers, *program.tracks]
    track = next((one for one in tracks if any(level is rung for rung in one.levels)), program.tiers)
    return telling_terms.figure(program, track, at)


NAME = Part(N_("name"), _as_it_is)

UNIT = Shape(
    {
        "name": NAME,
        "kind": Part(N_("kind"), _word),
        "expiry": Part(N_("expiry"), lambda _, unit, value: telling_terms.expiry(value, unit.pending)),
        "pending": Part(N_("wait before use"), lambda _, __, value: telling_terms.pending(value)),
        "worth": Part(N_("worth"), telling_terms.worth),
    }
)
PURPOSE = Shape(
    {
        "name": NAME,
        "channels": Part(N_("channels"), lambda _, __, words: values(words)),
        "stores": Part(N_("stores"), lambda _, __, words: values(words)),
    }
)
EVENT_FIELD = Shape(
    {
        "name": NAME,
        "type": Part(N_("kind"), _word),
        "one_of": Part(N_("values"), lambda _, __, words: values(words)),
        "required": Part(N_("required"), _yes),
    }
)
EVENT_TYPE = Shape({"name": NAME, "fields": Many(N_("field"), EVENT_FIELD, lambda _, one: one.name)})
SEGMENT = Shape({"name": NAME, "condition": Part(N_("condition"), _clause)})
GROUP = Shape({"name": NAME, "keeps": Part(N_("which pays"), _word)})
LEVEL = Shape(
    {
        "name": NAME,
        "at": Part(N_("reached at"), _at),
        "benefits": Part(N_("benefits"), _all),
    }
)


_TIERS: dict[str, Part | One | Many] = {
    "by": Part(N_("what counts"), _word),
    "unit": Part(N_("unit"), _unit_name),
    "window": Part(N_("period"), _word),
    "months": Part(N_("months"), _as_it_is),
    "held": Part(N_("kept"), _word),
    "grace_days": Part(N_("days of grace"), _days),
    "downgrade": Part(N_("falls"), _word),
    "warn_days": Part(N_("days of warning"), _days),
    "on_return": Part(N_("after a return"), _word),
    "levels": Many(N_("tier"), LEVEL, lambda program, level: _at(program, level, level.at), is_named_alone=True),
}
TIERS = Shape(_TIERS)
TRACK = Shape({"name": NAME, **_TIERS})

_RULE: dict[str, Part | One | Many] = {
    "name": NAME,
    "event": Part(N_("event"), _event),
    "unit": Part(N_("unit"), _unit_name),
    "award": Part(N_("award"), lambda program, rule, _: telling.award(program, rule)),
    "goods": Part(N_("goods"), lambda _, __, goods: telling.goods(goods) or say(N_("all"))),
    "condition": Part(N_("condition"), _clause),
    "goal": Part(N_("goal"), lambda _, __, goal: telling.goal(goal)),
    "limits": Part(
        N_("limits"), lambda program, rule, limits: both(telling.limit(program, rule, one) for one in limits)
    ),
    "lot": Part(
        N_("own terms"), lambda program, _, terms: noted(telling.lot(program, terms) or [say(N_("as the unit says"))])
    ),
    "group": Part(
        N_("group"), lambda program, _, group: next((one.name for one in program.groups if one.id == group), group)
    ),
    "priority": Part(N_("priority"), _as_it_is),
    "exclusive": Part(N_("alone"), _yes),
    "on_return": Part(N_("after a return"), _word),
}
RULE = Shape(_RULE)
CAMPAIGN = Shape(
    {
        **_RULE,
        "starts": Part(N_("first day"), _as_it_is),
        "ends": Part(N_("last day"), _as_it_is),
        "audience": Part(N_("audience"), lambda program, _, tree: condition(program, tree, "")),
        "budget": Part(N_("budget"), telling.budget_sum),
        "holdout_percent": Part(N_("left out to measure by"), lambda _, __, n: f"{n}%"),
    }
)
REFERRAL = Shape(
    {
        "event": Part(N_("event"), _event),
        "condition": Part(N_("condition"), _clause),
        "within_days": Part(N_("number of days"), _days),
    }
)
STEP = Shape({"name": NAME, "rule": Part(N_("rule"), _rule_name), "times": Part(N_("times"), _as_it_is)})
STAGE = Shape(
    {
        "name": NAME,
        "steps": Many(
            N_("step"), STEP, lambda program, step: _rule_name(program, step, step.rule), is_named_alone=True
        ),
        "needs": Part(N_("steps needed"), _as_it_is),
    }
)
JOURNEY = Shape({"stages": Many(N_("stage"), STAGE, lambda _, stage: telling_terms.stage(stage), is_named_alone=True)})
HOLIDAYS = Shape({"country": Part(N_("country"), _as_it_is), "more": Part(N_("further days"), _all)})
REDEMPTION = Shape({"minimum": Part(N_("at least"), _points), "step": Part(N_("in steps of"), _points)})
RETURNS = Shape(
    {
        "spent": Part(N_("points spent already"), _word),
        "days": Part(N_("number of days"), _days),
        "grace_days": Part(N_("days of grace for points that come back"), _days),
    }
)
HOLDS = Shape({"minutes": Part(N_("usual time"), _stretch), "minutes_max": Part(N_("at most"), _stretch)})
TRANSFERS = Shape(
    {
        "minimum": Part(N_("at least"), _points),
        "maximum": Part(N_("at most"), _points),
        "between": Part(N_("between whom"), _word),
    }
)
CHARITY = Shape({"name": NAME})
POOLS = Shape({"members_max": Part(N_("people at most"), _as_it_is)})
REASON = Shape({"name": NAME})
ADJUSTMENTS = Shape(
    {
        "reasons": Many(N_("reason"), REASON, lambda _, one: one.name),
        "approval_above": Part(N_("second person above"), _points),
    }
)

PROGRAM = Shape(
    {
        "name": NAME,
        "unknown_member": Part(N_("who is a member"), _word),
        "holidays": One(N_("holidays"), HOLIDAYS, lambda _, __, one: one.country),
        "units": Many(N_("unit"), UNIT, telling_terms.unit),
        "purposes": Many(N_("purpose"), PURPOSE, lambda _, one: telling_terms.where(one)),
        "event_types": Many(N_("event"), EVENT_TYPE, lambda _, one: one.type, key="type"),
        "segments": Many(N_("segment"), SEGMENT, lambda program, one: condition(program, one.condition, "")),
        "tiers": One(N_("tiers"), TIERS, lambda program, _, one: telling_terms.counted(program, one)),
        "tracks": Many(N_("track"), TRACK, telling_terms.counted),
        "groups": Many(N_("group"), GROUP, lambda program, one: _word(program, one, one.keeps)),
        "earning_rules": Many(N_("rule"), RULE, telling.rule, is_named_alone=True),
        "campaigns": Many(N_("campaign"), CAMPAIGN, telling.rule, is_named_alone=True),
        "referral": One(N_("referral"), REFERRAL, lambda program, _, one: telling_terms.referral(program, one)),
        "journey": One(N_("journey"), JOURNEY, lambda _, __, one: noted(stage.name for stage in one.stages)),
        "redemption": One(N_("redeeming"), REDEMPTION, lambda program, _, one: telling_terms.redemption(program, one)),
        "returns": One(N_("returns"), RETURNS, lambda _, __, one: telling_terms.returns(one)),
        "holds": One(N_("holds"), HOLDS, lambda _, __, one: telling_operations.holds(one)),
        "transfers": One(
            N_("transfers"), TRANSFERS, lambda program, _, one: telling_operations.transfers(program, one)
        ),
        "charities": Many(N_("charity"), CHARITY, lambda _, one: one.name),
        "pools": One(N_("pools"), POOLS, lambda _, __, one: telling_operations.pools(one)),
        "adjustments": One(
            N_("adjustments"), ADJUSTMENTS, lambda program, _, one: telling_operations.adjustments(program, one)
        ),
    }
)
"""The document; its format's version (`program`) is always 1."""
