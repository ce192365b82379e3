"""The program document: what is written is what is meant, and every mistake is named with its place and a remedy."""

import copy
import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings

from engine.generated import document, programs
from kizuna.program import AMOUNT_MAX, Program, ProgramInvalid, Rounding, from_data, parse

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
        (["program"], 2, "program", "1"),
        (["program"], KeyError, "program", "required"),
        (["program"], True, "program", "1"),
        (["name"], KeyError, "name", "required"),
        (["name", "en"], KeyError, "name.en", "required"),
        (["name", "ja"], "", "name.ja", "at least 1"),
        (["name", "ja"], "あ" * 201, "name.ja", "at most 200"),
        (["name", "ja"], 5, "name.ja", "string"),
        (["unknown_member"], "ignore", "unknown_member", "'create' or 'refuse'"),
        (["units"], [], "units", "at least 1"),
        (["units", 0, "id"], "Points", "units.0.id", "pattern"),
        (["units", 0, "id"], "points\n", "units.0.id", "pattern"),
        (["tiers", "by"], "visits", "tiers.by", "'spend'"),
        (["tiers", "window"], "month", "tiers.window", "'calendar_year' or 'lifetime'"),
        (["tiers", "held"], "forever", "tiers.held", "'window' or 'next_window'"),
        (["tiers", "levels"], [], "tiers.levels", "at least 1"),
        (["tiers", "levels", 0, "at"], 1, "tiers", "starts at 0"),
        (["tiers", "levels", 1, "at"], 0, "tiers", "levels rise"),
        (["tiers", "levels", 1, "at"], -1, "tiers.levels.1.at", "greater than or equal to 0"),
        (["tiers", "levels", 1, "at"], AMOUNT_MAX + 1, "tiers.levels.1.at", "less than or equal"),
        (["tiers", "levels", 1, "at"], 99.5, "tiers.levels.1.at", "integer"),
        (["tiers", "levels", 1, "at"], 100.0, "tiers.levels.1.at", "integer"),
        (["tiers", "levels", 1, "at"], True, "tiers.levels.1.at", "integer"),
        (["tiers", "levels", 1, "at"], "100", "tiers.levels.1.at", "integer"),
        (["tiers", "levels", 1, "id"], "level-0", "tiers", "share the id level-0"),
        (["earning_rules", 0, "event"], "order.paid", "earning_rules.0.event", "'order.completed'"),
        (["earning_rules", 0, "unit"], "miles", "document", "not one of: points"),
        (["earning_rules", 0, "award", "points"], 0, "earning_rules.0.award.points", "greater than or equal to 1"),
        (["earning_rules", 0, "award", "per"], 0, "earning_rules.0.award.per", "greater than or equal to 1"),
        (["earning_rules", 0, "award", "rounding"], "even", "earning_rules.0.award.rounding", "'nearest'"),
        (["earning_rules", 0, "award"], {"points": 101, "per": 1}, "earning_rules.0.award", "raise “per”"),
        (["redemption", "minimum"], 0, "redemption.minimum", "greater than or equal to 1"),
        (["redemption", "step"], 10**9 + 1, "redemption.step", "less than or equal"),
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
        ({"after_months": 3}, "units.0.expiry.after_months"),
        ("soon", "units.0.expiry"),
    ],
)
def test_a_fault_in_the_expiry_is_named_once_at_its_place_in_the_document(expiry, place):
    found = faults(changed("units", 0, "expiry", to=expiry))
    assert place in found
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
        ([], "earning_rule", "did you mean “earning_rules”?"),
        (["tiers"], "helt", "did you mean “held”?"),
        (["earning_rules", 0, "award"], "point", "did you mean “points”?"),
        (["redemption"], "xyzzy", "there is no such entry here"),
    ],
)
def test_an_unknown_key_is_refused_with_the_nearest_known_one(path, key, hint):
    found = faults(changed(*path, key, to=1))
    assert list(found) == [".".join(map(str, [*path, key]))]
    assert found.popitem()[1].endswith(hint)


def test_two_rules_may_not_share_an_id():
    twice = document()
    twice["earning_rules"] *= 2
    assert faults(twice) == {"document": "two earning rules share the id rule-0; give each its own"}


@pytest.mark.parametrize(
    ("source", "place", "says"),
    [
        ("program: 1\nname: {ja: あ, en: a}\nprogram: 1\n", "line 3, column 1", "“program” stands twice"),
        ("tiers:\n  levels:\n    - {at: 0, at: 1}\n", "line 3, column 15", "“at” stands twice"),
        ("program: [1\n", "line 2, column 1", "not YAML or JSON"),
        ("a: b: c", "line 1, column 5", "not YAML or JSON"),
        ("? [a, b]\n: 1\n", "line 1, column 3", "not YAML or JSON"),
        ("x: !!python/object:os.system {}", "line 1, column 4", "not YAML or JSON"),
        ("\t", "line 1, column 1", "not YAML or JSON"),
        ("\x00", "document", "not YAML or JSON"),
        ("", "document", "begins with “program: 1”"),
        ("[]", "document", "begins with “program: 1”"),
        ("just words", "document", "begins with “program: 1”"),
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
    for name in ("Program", "Unit", "Tiers", "TierLevel", "EarningRule", "Award", "Redemption", "AfterDays", "Text"):
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
