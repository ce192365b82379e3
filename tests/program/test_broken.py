"""Broken programs and what is said of each, in both languages. `KIZUNA_GOLDENS=write pytest tests/program` writes the answers anew.

A file in `broken/` changes a line or two of `base.yaml`, or is a text of its own. Its answer lies beside it: for each fault the
place, its severity and code, then where it is, why, and what to do, as a person reads it. Read the answers as a marketer would.
"""

import copy
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kizuna.engine import Names, compile_plan
from kizuna.program import Fault, Program, ProgramInvalid, Sort, document, examine, faults, from_data, parse, shapes
from kizuna.program.findings import CHECKS
from kizuna.web.tell import tell

HERE = Path(__file__).parent
CASES = sorted((HERE / "broken").glob("*.yaml"))
BASE = document.load((HERE / "base.yaml").read_text(encoding="utf-8"), "program: 1")
WRITES = os.environ.get("KIZUNA_GOLDENS") == "write"


def changed(base: dict[str, Any], change: dict[str, Any], remove: list[str]) -> dict[str, Any]:
    """`base` with values at places changed and others taken away; a place just after a list's end adds to it."""
    whole = copy.deepcopy(base)

    def parent(place: str) -> tuple[Any, Any]:
        at = whole
        *path, last = [int(part) if part.isdigit() else part for part in place.split(".")]
        for part in path:
            at = at[part] if isinstance(at, list) else at.setdefault(part, {})
        return at, last

    for place, value in change.items():
        at, last = parent(place)
        if isinstance(at, list) and last == len(at):
            at.append(value)
        else:
            at[last] = value
    for place in sorted(remove, reverse=True):
        at, last = parent(place)
        del at[last]
    return whole


def source_of(path: Path) -> str | dict[str, Any]:
    case = document.load(path.read_text(encoding="utf-8"), "change:")
    return case["text"] if "text" in case else changed(BASE, case.get("change", {}), case.get("remove", []))


def told(found: list[Fault]) -> str:
    """Faults as the answer beside a case writes them."""
    lines = []
    for fault in found:
        lines.append(f"{fault.severity} {fault.code} {fault.place}")
        for lang in ("ja", "en"):
            said = [tell(part, "JPY", lang) for part in (fault.where, fault.reason, fault.remedy)]
            lines += [f"  {lang}  {said[0]}", *(f"      {text}" for text in said[1:])]
        lines.append("")
    return "\n".join(lines)


def test_nothing_is_found_in_the_program_that_they_break():
    assert told(list(examine(BASE).faults)) == ""
    assert len(CASES) >= 40


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_what_is_said_of_a_broken_program(path: Path):
    examined = examine(source_of(path))
    answer = told(list(examined.faults))
    golden = path.with_suffix(".txt")
    if WRITES:
        golden.write_text(answer, encoding="utf-8")
    assert answer == golden.read_text(encoding="utf-8")
    assert examined.faults


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_an_error_refuses_a_program_and_a_warning_does_not(path: Path):
    source, examined = source_of(path), examine(source_of(path))
    read = parse if isinstance(source, str) else from_data
    if examined.errors:
        with pytest.raises(ProgramInvalid) as refused:
            read(source)
        assert refused.value.faults == examined.errors
        assert refused.value.field == examined.errors[0].place
        assert str(examined.errors[0].reason) in str(refused.value)
    else:
        assert read(source) == examined.program
        assert examined.warnings


def sorts() -> dict[str, Sort]:
    """Every sort of fault that a program can have, by code."""
    modules = [document, shapes, faults, *(__import__(check.__module__, fromlist=["_"]) for check in CHECKS)]
    found = [value for module in modules for value in vars(module).values() if isinstance(value, Sort)]
    found += [sort for _, sort in document._GRAMMAR]
    return {sort.code: sort for sort in found}


NOT_OF_A_PROGRAM = {
    "not_utf8": "told of a file (tests/cli)",
    "wrong_form": "told of a mapping (tests/connect)",
    "unreadable": "told of what YAML cannot even place (test_program)",
    "contains_itself": "of data that no text can write: references are refused",
    "not_understood": "for a type of error that pydantic may invent",
}


def test_every_sort_of_fault_is_shown_by_a_broken_program():
    shown = {
        line.split()[1]
        for path in CASES
        for line in path.with_suffix(".txt").read_text().splitlines()
        if line[:1].strip()
    }
    assert set(sorts()) - shown == set(NOT_OF_A_PROGRAM)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_every_answer_is_whole_in_both_languages(path: Path):
    for line in path.with_suffix(".txt").read_text(encoding="utf-8").splitlines():
        assert "{" not in line.replace("{1}", "") or path.stem.startswith("shape"), line
    for fault in examine(source_of(path)).faults:
        for part in (fault.reason, fault.remedy):
            english, japanese = tell(part, "JPY", "en"), tell(part, "JPY", "ja")
            assert english == str(part)
            assert english.endswith((".", "?")), english
            assert japanese.endswith("。"), japanese


def test_checking_a_large_program_takes_no_time():
    rule = BASE["earning_rules"][0]
    campaign = BASE["campaigns"][0] | {"group": None}
    large = BASE | {
        "earning_rules": [rule, *(rule | {"id": f"rule-{n}"} for n in range(199))],
        "campaigns": [campaign | {"id": f"campaign-{n}", "exclusive": True, "priority": n} for n in range(300)],
        "journey": None,
        "referral": None,
    }
    program = Program.model_validate(large)
    began = os.times().user
    examine(program)
    assert os.times().user - began < 2


def places(at: Any, above: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place of plain data."""
    inside = at.items() if isinstance(at, dict) else enumerate(at) if isinstance(at, list) else ()
    return [above, *(place for key, value in inside for place in places(value, (*above, key)))]


ANYTHING = (
    None, True, 0, 1, -1, 12, 10**12, 10**30, 1.5, float("nan"), "", "x", "points", "never", "2026-02-29", "order.completed",
    "member.tier", "ありがとう", "a" * 300, [], {}, [[]], [1], ["a"], {"a": 1}, {"all": []}, {"any": []}, {"not": {"all": []}},
    {"segment": "regulars"}, {"fact": "member.tier", "is": "at_least", "value": "gold"}, {"times": 1}, {"points": 1, "per": 1},
)  # fmt: skip


def has(at: Any, part: Any) -> bool:
    """Whether plain data has such a part; an earlier edit may have put a list where a mapping was."""
    return part in at if isinstance(at, dict) else isinstance(at, list) and isinstance(part, int) and part < len(at)


@settings(max_examples=120, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(places(BASE)[1:]), st.sampled_from(ANYTHING)), min_size=1, max_size=3))
def test_whatever_is_written_is_answered(edits):
    """Any change of a program is a program, or is refused with faults that are told in both languages."""
    whole = copy.deepcopy(BASE)
    for place, value in edits:
        at = whole
        for part in place[:-1]:
            at = at[part] if has(at, part) else None
        if isinstance(at, dict) or has(at, place[-1]):
            at[place[-1]] = value
    examined = examine(whole)
    assert (examined.program is None) == bool(examined.errors)
    assert len({(fault.place, fault.code) for fault in examined.faults}) == len(examined.faults)
    assert "\n" in told(list(examined.faults)) or not examined.faults
    if examined.program is not None:
        compile_plan(examined.program, 1, Names())
