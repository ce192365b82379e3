"""The documentation runs: every fragment is a valid program, and every story comes to what it says, decided in both ways."""

import re
from pathlib import Path

import pytest

from docs import catalogue
from docs.examples import CHAPTERS, PROGRAMS, Example, base, every_example, fragments_without_story, pages
from docs.model_walk import can_say, says
from docs.says import differences, words
from docs.story import read
from kizuna.engine import Cut, EntryKind
from kizuna.intake.following import SIDES
from kizuna.program import (
    OCCASIONS,
    ORDER_COMPLETED,
    EarningRule,
    Is,
    Program,
    Segment,
    facts_of,
    from_data,
    leaves,
    parse,
)

EXAMPLES = every_example()

BY_OPERATIONS = {
    EntryKind.HOLD,
    EntryKind.VOID,
    EntryKind.CONFIRM,
    EntryKind.RESTORE,
    EntryKind.REVIVE,
    EntryKind.EXTEND,
    EntryKind.ADJUST,
    EntryKind.TRANSFER,
}
"""What no rule moves, but the ledger's operations do when somebody asks (docs/ledger.md): no story of these pages can show it."""


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.place)
def test_an_example_comes_to_what_it_says(example: Example):
    wrong = example.told().wrong()
    assert not wrong, f"\n{wrong}"


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_every_fragment_has_a_story(page):
    assert not fragments_without_story(page), f"{page}: a story has to follow"


@pytest.mark.parametrize("path", sorted(PROGRAMS.glob("*.yaml")), ids=lambda path: path.name)
def test_every_whole_program_has_a_story(path):
    parse(path.read_text(encoding="utf-8"))
    assert any(f"```story {path.name}\n" in page.read_text(encoding="utf-8") for page in PROGRAMS.glob("*.md"))


def of_docs() -> list[Example]:
    return [example for example in EXAMPLES if not example.whole]


def programs() -> list[Program]:
    return [program for example in of_docs() for _, program in example.versions]


def test_everything_that_a_document_can_say_is_shown():
    unsaid = can_say() - set().union(*(says(program) for program in programs()))
    assert not unsaid, f"show these in an example of docs/program: {sorted(unsaid)}"


def asked_by(program: Program, rule: EarningRule) -> set[str]:
    """The facts that a rule asks for, its segments' among them."""
    segments = {one.id: one.condition for one in program.segments}
    asked: set[str] = set()
    waiting = [rule.condition, getattr(rule, "audience", None)]
    while waiting:
        for _, leaf in leaves(waiting.pop()):
            if isinstance(leaf, Segment):
                waiting.append(segments[leaf.segment])
            else:
                asked.add("member.track" if leaf.fact.startswith("member.track.") else leaf.fact)
    return asked


def told_apart(example: Example) -> set[tuple[str, str]]:
    """The facts, by type of event, that a rule asks for which pays at one line of the story and not at another."""
    found: set[tuple[str, str]] = set()
    told = example.told()
    for _, program in example.versions:
        for rule in program.rules:
            pays = {
                any(
                    rule.id in parts and parts[rule.id].points
                    for (what, _), parts in outcome.moved.items()
                    if what == "+"
                )
                for line, outcome in zip(told.lines, told.outcomes, strict=True)
                if line.type == rule.event
            }
            if pays == {True, False} or (pays and not rule.award):
                found |= {(rule.event, fact) for fact in asked_by(program, rule)}
    return found


def test_every_occasion_happens_in_a_story_with_a_rule_for_it():
    happened = {
        line.type
        for example in of_docs()
        for line in example.lines
        if any(rule.event == line.type for _, program in example.versions for rule in program.rules)
    }
    assert set(OCCASIONS) <= happened, sorted(set(OCCASIONS) - happened)


def test_every_fact_of_the_catalogue_tells_events_apart_in_a_story():
    shown = set().union(*(told_apart(example) for example in of_docs()))
    everything = facts_of(_with_everything(), ORDER_COMPLETED)
    wanted = {(ORDER_COMPLETED, "member.track" if fact.startswith("member.track.") else fact) for fact in everything}
    for occasion in OCCASIONS.values():
        fields = {f"event.{name}" for name in occasion.fields} - set(everything)
        wanted |= {(occasion.type, fact) for fact in fields}
    missing = wanted - shown
    assert not missing, f"show these in a story where they hold once, and once not: {sorted(missing)}"


def _with_everything() -> Program:
    """A program with a track and a journey, whose facts are all that there are."""
    return next(program for program in programs() if program.tracks and program.journey)


def test_every_comparison_movement_and_cut_is_shown():
    compared = {
        leaf.is_
        for program in programs()
        for rule in program.rules
        for _, leaf in leaves(rule.condition)
        if not isinstance(leaf, Segment)
    }
    assert compared == set(Is)
    outcomes = [outcome for example in of_docs() for outcome in example.told().outcomes]
    assert set().union(*(outcome.kinds for outcome in outcomes)) == set(EntryKind) - BY_OPERATIONS
    assert set().union(*(outcome.cuts for outcome in outcomes)) == set(Cut)
    assert {outcome.refusal for outcome in outcomes} == {"", "short", "below the minimum", "off the step"}


@pytest.mark.parametrize(
    "page", [page for page in pages() if "<!-- end -->" in page.read_text("utf-8")], ids=lambda p: p.name
)
def test_the_tables_are_those_of_the_catalogues(page):
    for name, table in catalogue.tables_in(page.read_text(encoding="utf-8")):
        right = catalogue.TABLES[name](_with_everything())
        assert table == right, f"put this between the marks of {name} in {page.name}:\n{right}"


def test_every_chapter_is_in_the_index():
    index = (CHAPTERS / "README.md").read_text(encoding="utf-8")
    assert [
        page.name for page in CHAPTERS.glob("*.md") if page.name != "README.md" and f"({page.name})" not in index
    ] == []


def anchors_of(page: Path) -> set[str]:
    """The anchors of a page's headings, as they are made where it is read."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", pages(), ids=lambda page: f"{page.parent.name}/{page.name}")
def test_every_link_leads_somewhere(page):
    links = re.findall(r"\]\(([^)#:]*)(?:#([^)]+))?\)", page.read_text(encoding="utf-8"))
    lost = [
        f"{path}#{anchor}"
        for path, anchor in links
        if not (page.parent / path).exists()
        or (anchor and anchor not in anchors_of(page.parent / path if path else page))
    ]
    assert not lost


def test_both_sides_of_a_referral_are_named_as_intake_names_them():
    sides = {line.fields["side"] for example in EXAMPLES for line in example.lines if "side" in line.fields}
    assert sides == set(SIDES)


def test_a_story_that_is_wrong_is_found():
    example = Example("here", ("",), "2026-04-03  order 1,250  → +13 (purchase 12), balance 12, tier gold")
    lines, outcomes = example.told().lines, example.told().outcomes
    assert differences(lines[0], outcomes[0]) == ["tier gold", "+13 points (it was 12)"]
    assert words(outcomes[0]).startswith("+12, balance 12, until 2027-04-02, tier regular")
    with pytest.raises(AssertionError, match="is a Fri"):
        read("2026-04-03 Mon  order 1,250  → +12")
    with pytest.raises(AssertionError, match="nobody can read"):
        read("2026-04-03  orders 1,250  → +12")


def test_the_base_is_a_program():
    assert from_data(dict(base())).earning_rules[0].id == "purchase"
