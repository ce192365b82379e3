"""The program document: what is written is what is meant, and every mistake is named with its place and a remedy."""

import copy
import json
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings

from engine.generated import document, programs
from kizuna.program import AMOUNT_MAX, Program, ProgramInvalid, Rounding, from_data, from_published, parse

GROCER = (Path(__file__).parents[2] / "examples" / "grocer" / "program.yaml").read_text(encoding="utf-8")


def faults(source) -> dict[str, str]:
    """What is wrong, by place."""
    with pytest.raises(ProgramInvalid) as caught:
        parse(source) if isinstance(source, str) else from_data(source)
    found = {fault.place: fault.message for fault in caught.value.faults}
    assert len(found) == len(caught.value.faults)
    assert caught.value.field in found
    for place, message in found.items():
        assert f"{place}: {message}" in str(caught.value)
    return found


def changed(*path, to):
    """The plain document with one thing changed; `to=KeyError` takes it away."""
    whole = copy.deepcopy(document(levels=[0, 100]))
    at = whole
    for step in path[:-1]:
        at = at[step]
    if to is KeyError:
        del at[path[-1]]
    else:
        at[path[-1]] = to
    return whole


def test_the_grocers_document_says_what_it_says():
    grocer = parse(GROCER)
    assert (grocer.name.ja, grocer.unknown_member) == ("絆マート ポイントプログラム", "create")
    assert grocer.units[0].expiry.after_days == 90
    assert [(level.id, level.at) for level in grocer.tiers.levels] == [
        ("member", 0),
        ("silver", 100_000),
        ("gold", 250_000),
        ("platinum", 500_000),
    ]
    award = grocer.earning_rules[0].award
    assert (award.points, award.per, award.rounding) == (1, 100, Rounding.DOWN)
    assert (grocer.redemption.minimum, grocer.redemption.step) == (1, 1)


def test_yaml_and_json_mean_the_same():
    assert parse(json.dumps(yaml.safe_load(GROCER))) == parse(GROCER)


@settings(max_examples=100, deadline=None)
@given(programs)
def test_a_document_survives_being_written_and_read(program):
    plain = program.model_dump(mode="json")
    assert from_data(json.loads(json.dumps(plain))) == program
    assert parse(yaml.safe_dump(plain, allow_unicode=True)) == program
    assert parse(program.model_dump_json()) == program


def test_a_document_never_changes():
    with pytest.raises(ValueError, match="frozen"):
        parse(GROCER).unknown_member = "refuse"


def test_what_is_left_out_has_a_plain_default():
    short = document()
    for optional in ("redemption", "unknown_member"):
        del short[optional]
    del short["tiers"]["held"]
    assert from_data(short) == from_data(document())


@pytest.mark.parametrize(
    ("path", "to", "place", "says"),
    [
        (["program"], 2, "program", "number 1"),
        (["program"], KeyError, "program", "missing"),
        (["program"], True, "program", "number 1"),
        (["name"], KeyError, "name", "missing"),
        (["name", "en"], KeyError, "name.en", "language “en”"),
        (["name", "ja"], "", "name.ja", "at least one"),
        (["name", "ja"], "あ" * 201, "name.ja", "200 characters"),
        (["name", "ja"], 5, "name.ja", "not a text"),
        (["unknown_member"], "ignore", "unknown_member", "create, refuse"),
        (["units"], [], "units", "At least 1"),
        (["units", 0, "id"], "Points", "units.0.id", "small letters"),
        (["units", 0, "id"], "points\n", "units.0.id", "small letters"),
        (["tiers", "by"], "visit", "tiers.by", "“visits”"),
        (["tiers", "window"], "month", "tiers.window", "calendar_month"),
        (["tiers", "held"], "forever", "tiers.held", "window, next_window"),
        (["tiers", "levels"], [], "tiers.levels", "At least 1"),
        (["tiers", "levels", 0, "at"], 1, "tiers.levels.0.at", "at: 0"),
        (["tiers", "levels", 1, "at"], 0, "tiers.levels.1.at", "more than 0"),
        (["tiers", "levels", 1, "at"], -1, "tiers.levels.1.at", "0 or more"),
        (["tiers", "levels", 1, "at"], AMOUNT_MAX + 1, "tiers.levels.1.at", "100,000,000,000 or less"),
        (["tiers", "levels", 1, "at"], 99.5, "tiers.levels.1.at", "whole number"),
        (["tiers", "levels", 1, "at"], 100.0, "tiers.levels.1.at", "whole number"),
        (["tiers", "levels", 1, "at"], True, "tiers.levels.1.at", "whole number"),
        (["tiers", "levels", 1, "at"], "100", "tiers.levels.1.at", "whole number"),
        (["tiers", "levels", 1, "at"], None, "tiers.levels.1.at", "“null”"),
        (["tiers", "levels", 1, "id"], "level-0", "tiers.levels.1.id", "“level-0” stands twice"),
        (["earning_rules", 0, "event"], "zoo.visited", "earning_rules.0.event", "event_types"),
        (["earning_rules", 0, "unit"], "miles", "earning_rules.0.unit", "Use one of these: points"),
        (["earning_rules", 0, "award", "points"], 0, "earning_rules.0.award.points", "1 or more"),
        (["earning_rules", 0, "award", "per"], 0, "earning_rules.0.award.per", "1 or more"),
        (["earning_rules", 0, "award", "rounding"], "even", "earning_rules.0.award.rounding", "nearest"),
        (["earning_rules", 0, "award"], {"points": 101, "per": 1}, "earning_rules.0.award", "raise the amount"),
        (["redemption", "minimum"], 0, "redemption.minimum", "1 or more"),
        (["redemption", "step"], 10**9 + 1, "redemption.step", "1,000,000,000 or less"),
    ],
)
def test_every_fault_is_named_with_its_place(path, to, place, says):
    found = faults(changed(*path, to=to))
    assert list(found) == [place]
    assert says in found[place]


@pytest.mark.parametrize(
    ("expiry", "place"),
    [
        ({"after_days": 0}, "units.0.expiry.after_days"),
        ({"after_days": 36_526}, "units.0.expiry.after_days"),
        ({"after_days": "90"}, "units.0.expiry.after_days"),
        ({}, "units.0.expiry.after_days"),
        ({"after_months": 0}, "units.0.expiry.after_months"),
        ({"end_of": "week"}, "units.0.expiry.end_of"),
        ({"on": "2026-02-30"}, "units.0.expiry.on"),
        ({"after_idle_days": 0}, "units.0.expiry.after_idle_days"),
        ({"after_days": 3, "after_months": 3}, "units.0.expiry"),
        ("soon", "units.0.expiry"),
        (90, "units.0.expiry"),
    ],
)
def test_a_fault_in_the_expiry_is_named_once_at_its_place_in_the_document(expiry, place):
    found = faults(changed("units", 0, "expiry", to=expiry))
    assert list(found) == [place]
    assert all("[" not in one and "AfterDays" not in one for one in found), found


def test_all_faults_are_told_at_once():
    broken = document(levels=[0, 100])
    broken["name"] = {"ja": "名"}
    broken["tiers"]["levels"][1]["at"] = "many"
    broken["earning_rules"][0]["award"]["per"] = 0
    assert list(faults(broken)) == ["name.en", "tiers.levels.1.at", "earning_rules.0.award.per"]


@pytest.mark.parametrize(
    ("path", "key", "hint"),
    [
        ([], "earning_rule", "Did you mean “earning_rules”?"),
        (["tiers"], "helt", "Did you mean “held”?"),
        (["earning_rules", 0, "award"], "point", "Did you mean “points”?"),
        (["redemption"], "xyzzy", "Use one of these: minimum, step."),
    ],
)
def test_an_unknown_key_is_refused_with_the_nearest_known_one(path, key, hint):
    found = faults(changed(*path, key, to=1))
    assert list(found) == [".".join(map(str, [*path, key]))]
    assert found.popitem()[1].endswith(hint)


def test_two_rules_may_not_share_an_id():
    twice = document()
    twice["earning_rules"] *= 2
    assert list(faults(twice)) == ["earning_rules.1.id"]


def test_the_shape_is_right_before_anything_is_held_against_it():
    broken = changed("earning_rules", 0, "unit", to="miles")
    broken["redemption"]["step"] = 0
    assert list(faults(broken)) == ["redemption.step"]


def test_a_version_that_was_published_stays_readable_whatever_is_found_in_it_later():
    once = changed("earning_rules", 0, "unit", to="miles")
    assert from_published(once).earning_rules[0].unit == "miles"
    with pytest.raises(ProgramInvalid):
        from_published(changed("redemption", "step", to=0))


def test_a_key_is_the_word_that_is_written_and_a_date_is_read_where_one_is_wanted():
    written = GROCER.replace("expiry: {after_days: 90}", "expiry: {on: 2027-03-31}").replace("絆マート", "2026-01-01")
    read = parse(written)
    assert read.units[0].expiry.on == date(2027, 3, 31)
    assert read.name.ja.startswith("2026-01-01")


@pytest.mark.parametrize(
    ("source", "place", "says"),
    [
        ("program: 1\nname: {ja: あ, en: a}\nprogram: 1\n", "line 3, column 1", "“program” stands twice"),
        ("tiers:\n  levels:\n    - {at: 0, at: 1}\n", "line 3, column 15", "“at” stands twice"),
        ("program: [1\n", "line 2, column 1", "not closed"),
        ("a: b: c", "line 1, column 5", "colon"),
        ("? [a, b]\n: 1\n", "line 1, column 3", "must be a word"),
        ("x: !!python/object:os.system {}", "line 1, column 4", "Tags"),
        ("\t", "line 1, column 1", "tabs"),
        ("\x00", "document", "not YAML or JSON"),
        ("", "document", "Begin it with “program: 1”"),
        ("[]", "document", "Begin it with “program: 1”"),
        ("just words", "document", "Begin it with “program: 1”"),
        ("[" * 10_000, "document", "not YAML or JSON"),
    ],
)
def test_what_is_not_a_document(source, place, says):
    found = faults(source)
    assert list(found) == [place]
    assert says in found[place]


def test_keys_that_are_no_words_are_faults_too():
    assert "1" in faults(f"{GROCER}\n1: one\n")


def test_a_document_that_contains_itself_is_refused():
    assert faults(GROCER.replace("redemption: {minimum: 1, step: 1}", "redemption: &a {minimum: *a}"))


def test_the_published_schema_is_valid_and_accepts_the_example():
    jsonschema = pytest.importorskip("jsonschema")
    schema = Program.model_json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    whole = yaml.safe_load(GROCER)
    validator.validate(whole)
    validator.validate(document())
    for path, to in (
        (["program"], 2),
        (["tiers", "levels", 1, "at"], -1),
        (["earning_rules", 0, "award", "per"], 0),
        (["units", 0, "expiry"], "soon"),
        (["surprise"], 1),
    ):
        assert not validator.is_valid(changed(*path, to=to)), path


def test_the_published_schema_names_every_part():
    schema = Program.model_json_schema()
    assert set(schema["required"]) == {"program", "name", "units", "tiers", "earning_rules"}
    parts = schema["$defs"] | {"Program": schema}
    for name in (
        "Program",
        "Unit",
        "Tiers",
        "TierLevel",
        "EarningRule",
        "Campaign",
        "Rate",
        "Redemption",
        "AfterDays",
        "Text",
    ):
        assert parts[name]["additionalProperties"] is False
        assert parts[name]["description"]


def test_a_worth_is_an_exact_fraction_rounded_once():
    worth = parse(GROCER.replace("worth: {points: 1, amount: 1}", "worth: {points: 3, amount: 2}")).units[0].worth
    assert [worth.of(points) for points in (0, 1, 2, 3, 10**12 + 1)] == [0, 1, 1, 2, 666_666_666_667]
    assert parse(GROCER.replace("    worth: {points: 1, amount: 1}\n", "")).units[0].worth is None


@pytest.mark.parametrize(
    "worth", ["{points: 0, amount: 1}", "{points: 1, amount: -1}", "{points: 1.5, amount: 1}", "1"]
)
def test_a_worth_that_means_nothing_is_refused(worth):
    with pytest.raises(ProgramInvalid) as refused:
        parse(GROCER.replace("worth: {points: 1, amount: 1}", f"worth: {worth}"))
    assert refused.value.field.startswith("units.0.worth")


@pytest.mark.parametrize("number", ["0x" + "f" * 5_000, "1" + ":59" * 3_000, "9" * 5_000])
def test_a_number_that_nobody_can_write_down_is_refused(number):
    with pytest.raises(ProgramInvalid):
        parse(f"program: {number}\n")


def test_a_few_references_do_not_become_gigabytes():
    lines = ["a: &a [" + "x," * 10 + "]"]
    lines += [f"{name}: &{name} [{','.join([f'*{below}'] * 10)}]" for below, name in pairwise("abcdefghi")]
    with pytest.raises(ProgramInvalid, match="reference"):
        parse("\n".join(lines))
