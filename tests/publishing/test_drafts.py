"""The draft on a real database: one at a time, always valid, never overwritten unseen, published once."""

import asyncio
from datetime import timedelta

import pytest

from kizuna.program import Numbers, ProgramInvalid, Rung, numbers_of, parse, templates, with_numbers
from kizuna.publishing import (
    DraftChanged,
    DraftMoved,
    NoDraft,
    NothingToPublish,
    discard_draft,
    publish_draft,
    read_draft,
    save_draft,
    versions,
)
from road import GROCER

NUMBERED = [template for template in templates() if template.has_numbers]
SIMPLE, TIERS, RETURN = (template.document for template in NUMBERED)


@pytest.fixture
def on(db, make_brand):
    """Run a story on a brand of its own that has published nothing."""

    def run(story, program=None):
        brand = make_brand(program)

        async def told():
            async with db() as database:
                return await story(database, brand)

        return asyncio.run(told())

    return run


async def draft_of(db, brand):
    async with db.lend(brand.schema) as conn:
        return await read_draft(conn)


async def versions_of(db, brand):
    async with db.lend(brand.schema) as conn:
        return await versions(conn)


def test_a_draft_is_kept_changed_and_left_off(on):
    async def story(db, brand):
        assert await draft_of(db, brand) is None
        first = await save_draft(db, brand, SIMPLE, by="mika", seen=None, about={"template": "simple"})
        kept = await draft_of(db, brand)
        assert (kept.document, kept.changed_by, kept.changed_at) == (SIMPLE, "mika", first)
        assert kept.about == {"template": "simple"}
        second = await save_draft(db, brand, TIERS, by="ken", seen=first, about={})
        assert second > first
        assert (await draft_of(db, brand)).document == TIERS
        await discard_draft(db, brand)
        assert await draft_of(db, brand) is None

    on(story)


def test_the_second_of_two_who_edit_is_told_and_overwrites_nothing(on):
    async def story(db, brand):
        seen = await save_draft(db, brand, SIMPLE, by="mika", seen=None, about={})
        await save_draft(db, brand, TIERS, by="mika", seen=seen, about={})
        with pytest.raises(DraftChanged) as told:
            await save_draft(db, brand, RETURN, by="ken", seen=seen, about={})
        assert told.value.facts["who"] == "mika"
        assert (await draft_of(db, brand)).document == TIERS
        with pytest.raises(DraftChanged):
            await save_draft(db, brand, RETURN, by="ken", seen=None, about={})
        with pytest.raises(DraftMoved):
            await publish_draft(db, brand, seen=seen)
        assert await versions_of(db, brand) == []

    on(story)


def test_the_same_form_sent_twice_is_no_quarrel_with_oneself(on):
    async def story(db, brand):
        seen = await save_draft(db, brand, SIMPLE, by="mika", seen=None, about={})
        twice = await asyncio.gather(*(save_draft(db, brand, TIERS, by="mika", seen=seen, about={}) for _ in range(3)))
        assert set(twice) == {(await draft_of(db, brand)).changed_at}
        with pytest.raises(DraftChanged):
            await save_draft(db, brand, TIERS, by="ken", seen=seen, about={})

    on(story)


def test_publishing_makes_one_version_and_ends_the_draft(on):
    async def story(db, brand):
        seen = await save_draft(db, brand, TIERS, by="mika", seen=None, about={})
        both = await asyncio.gather(
            *(publish_draft(db, brand, seen=seen, note="first") for _ in range(5)), return_exceptions=True
        )
        assert sorted(str(type(one).__name__) for one in both) == ["NoDraft"] * 4 + ["int"]
        (version,) = await versions_of(db, brand)
        assert (version.number, version.document, version.note) == (1, TIERS, "first")
        assert await draft_of(db, brand) is None
        with pytest.raises(NoDraft):
            await publish_draft(db, brand, seen=seen)

    on(story)


def test_an_unchanged_document_is_nothing_to_publish(on):
    async def story(db, brand):
        seen = await save_draft(db, brand, parse(GROCER), by="mika", seen=None, about={})
        with pytest.raises(NothingToPublish) as told:
            await publish_draft(db, brand, seen=seen)
        assert "nothing to publish" in str(told.value)
        assert "version 1" in str(told.value)
        assert len(await versions_of(db, brand)) == 1
        seen = await save_draft(db, brand, SIMPLE, by="mika", seen=seen, about={})
        assert await publish_draft(db, brand, seen=seen) == 2

    on(story, GROCER)


def test_an_old_state_is_never_taken_for_the_new_one(on):
    async def story(db, brand):
        seen = await save_draft(db, brand, SIMPLE, by="mika", seen=None, about={})
        with pytest.raises(DraftMoved):
            await publish_draft(db, brand, seen=seen - timedelta(microseconds=1))

    on(story)


@pytest.mark.parametrize("template", NUMBERED, ids=lambda template: template.id)
def test_a_template_is_a_program_and_its_numbers_lead_back_to_it(template):
    assert with_numbers(template.document, numbers_of(template.document)) == template.document
    assert template.document.units[0].worth is not None


def test_numbers_make_a_program_its_own_and_faults_name_their_place():
    numbers = Numbers("私の", "Mine", 2, 150, "nearest", None, (Rung("a", "あ", "A", 0), Rung("b", "い", "B", 500)))
    made = with_numbers(TIERS, numbers)
    assert numbers_of(made) == numbers
    assert made.redemption == TIERS.redemption
    assert made.earning_rules[0].award.per == 150
    falling = Numbers("私", "M", 1, 100, "down", 0, (Rung("a", "あ", "A", 0), Rung("b", "い", "B", 0)))
    with pytest.raises(ProgramInvalid) as told:
        with_numbers(TIERS, falling)
    assert {fault.place for fault in told.value.faults} == {"units.0.expiry.after_days"}
