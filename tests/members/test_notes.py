"""Notes about a member: what a note may be, who wrote it, taken away and brought back, and never another's."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from kizuna.core.errors import NotFound
from kizuna.core.ids import digest
from kizuna.members import (
    NOTE_LENGTH_MAX,
    NOTES_FORGOTTEN,
    Identity,
    Member,
    NoteEmpty,
    NoteTooLong,
    NoteUnknown,
    Profile,
    newest_note,
    notes,
    purge_notes,
    remove_note,
    removed_notes,
    restore_note,
    write_note,
)
from kizuna.members import get as get_member
from kizuna.runtime.clock import now
from road import HANAKO, TARO, order

AT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
MIKA, KEN = "mika@example.com", "ken@example.com"
MONTH = timedelta(days=30)


@pytest.fixture
def told(road):
    """Run `await story(conn, hanako, taro)` in a brand with two members."""

    def run(story):
        async def told_to(on):
            first, second = await on.tell(order("a", 500), order("b", 500, who=TARO))
            async with on.db.lend(on.brand.schema) as conn:
                return await story(conn, first.member, second.member)

        return road.run(told_to)

    return run


async def write(conn, member, text, *, author=MIKA, form=None, at=AT):
    return await write_note(conn, member, text=text, author=author, form=form or uuid4().hex, at=at)


async def texts(conn, member):
    return [note.body for note in (await notes(conn, member, limit=99))[0]]


TEXTS = [
    ("Called about her balance.", "Called about her balance."),
    ("one\r\ntwo\rthree\n", "one\ntwo\nthree"),
    ("  indented stays\n\n  so does an empty line  \n\n\n", "  indented stays\n\n  so does an empty line"),
    ("絵文字👩‍👩‍👧と漢字", "絵文字👩‍👩‍👧と漢字"),
    ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    ("'; DROP TABLE member_note; --", "'; DROP TABLE member_note; --"),
    ("x" * NOTE_LENGTH_MAX, "x" * NOTE_LENGTH_MAX),
    ("字" * NOTE_LENGTH_MAX + "\r\n", "字" * NOTE_LENGTH_MAX),
    ("a\r\n" * (NOTE_LENGTH_MAX // 2), ("a\n" * (NOTE_LENGTH_MAX // 2)).rstrip("\n")),
    ("\t=1+1", "\t=1+1"),
]


@pytest.mark.parametrize(("sent", "kept"), TEXTS, ids=[repr(sent[:16]) for sent, _ in TEXTS])
def test_a_note_is_kept_as_it_was_written_with_one_kind_of_line_end(told, sent, kept):
    async def story(conn, hanako, taro):
        await write(conn, hanako, sent)
        assert await texts(conn, hanako) == [kept]
        assert await texts(conn, taro) == []

    told(story)


@pytest.mark.parametrize("text", ["", " ", "\r\n\r\n", "\t\u3000\n", "\u2028"])
def test_an_empty_note_is_refused(told, text):
    async def story(conn, hanako, _taro):
        with pytest.raises(NoteEmpty) as refused:
            await write(conn, hanako, text)
        assert refused.value.field == "body"
        assert await texts(conn, hanako) == []

    told(story)


def test_a_note_one_character_too_long_is_refused_with_the_count(told):
    async def story(conn, hanako, _taro):
        with pytest.raises(NoteTooLong) as refused:
            await write(conn, hanako, "字" * (NOTE_LENGTH_MAX + 1))
        assert (refused.value.facts["length"], refused.value.facts["over"]) == ("4,001", "1")
        assert await texts(conn, hanako) == []

    told(story)


def test_nobody_has_no_notes_and_gets_none(told):
    async def story(conn, _hanako, _taro):
        with pytest.raises(NotFound):
            await write(conn, digest("nobody"), "hello")
        assert await notes(conn, digest("nobody"), limit=9) == ([], None)
        assert await newest_note(conn, digest("nobody")) == (None, 0)

    told(story)


def test_the_same_form_sent_twice_makes_one_note(told):
    async def story(conn, hanako, taro):
        first = await write(conn, hanako, "hello\r\n", form="f")
        assert await write(conn, hanako, "hello", form="f", at=AT + MONTH) == first
        (kept,), _ = await notes(conn, hanako, limit=9)
        assert (kept.author, kept.written_at) == (MIKA, AT)
        others = [
            await write(conn, hanako, "hello", form="g"),
            await write(conn, hanako, "hello, corrected", form="f"),
            await write(conn, hanako, "hello", form="f", author=KEN),
            await write(conn, taro, "hello", form="f"),
        ]
        assert len({first, *others}) == 5, "another form, text, author or member is another note"

    told(story)


def test_a_form_sent_twice_at_once_makes_one_note(road):
    async def story(on):
        (first,) = await on.tell(order("a", 500))

        async def send():
            async with on.db.transaction(on.brand.schema) as conn:
                return await write(conn, first.member, "hello", form="f")

        assert len(set(await asyncio.gather(*(send() for _ in range(6))))) == 1
        assert [row["n"] for row in await on.sql("SELECT count(*) AS n FROM member_note")] == [1]

    road.run(story)


def test_a_removed_note_that_is_sent_once_more_stays_removed(told):
    async def story(conn, hanako, _taro):
        note = await write(conn, hanako, "hello", form="f")
        await remove_note(conn, hanako, note, by=KEN, at=AT)
        assert await write(conn, hanako, "hello", form="f") == note
        assert await texts(conn, hanako) == []

    told(story)


def test_notes_page_by_cursor_newest_first(told):
    async def story(conn, hanako, taro):
        for n in range(7):
            await write(conn, hanako, f"note {n}")
            await write(conn, taro, "another's")
        seen, cursor, pages = [], None, 0
        while pages == 0 or cursor:
            page, cursor = await notes(conn, hanako, **({"before": cursor} if cursor else {}), limit=3)
            seen += [note.body for note in page]
            pages += 1
        assert seen == [f"note {n}" for n in reversed(range(7))]
        assert pages == 3
        newest, count = await newest_note(conn, hanako)
        assert (newest.body, count) == ("note 6", 7)

    told(story)


def test_a_note_is_taken_away_and_brought_back(told):
    async def story(conn, hanako, _taro):
        note, other = await write(conn, hanako, "wrong member"), await write(conn, hanako, "right")
        await remove_note(conn, hanako, note, by=KEN, at=AT)
        await remove_note(conn, hanako, note, by=MIKA, at=AT + MONTH / 2)  # twice: the first counts
        assert await texts(conn, hanako) == ["right"]
        (gone,) = await removed_notes(conn, hanako, AT + timedelta(days=1))
        assert (gone.id, gone.body, gone.removed_at, gone.removed_by) == (note, "wrong member", AT, KEN)
        await restore_note(conn, hanako, note, at=AT + MONTH - timedelta(seconds=1))
        await restore_note(conn, hanako, note, at=AT + 9 * MONTH)  # it is there: nothing to do
        assert await texts(conn, hanako) == ["right", "wrong member"]
        assert (await newest_note(conn, hanako))[0].id == other
        assert await removed_notes(conn, hanako, AT) == []

    told(story)


def test_after_thirty_days_a_removed_note_is_gone(told):
    async def story(conn, hanako, _taro):
        old, young, kept = [await write(conn, hanako, text) for text in ("old", "young", "kept")]
        await remove_note(conn, hanako, old, by=MIKA, at=AT)
        await remove_note(conn, hanako, young, by=MIKA, at=AT + timedelta(seconds=1))
        with pytest.raises(NoteUnknown):
            await restore_note(conn, hanako, old, at=AT + MONTH)
        assert [note.id for note in await removed_notes(conn, hanako, AT + MONTH)] == [young]
        assert await purge_notes(conn, AT + MONTH) == 1
        assert await purge_notes(conn, AT + MONTH) == 0
        assert [row["note_id"] for row in await conn.fetch("SELECT note_id FROM member_note ORDER BY 1")] == [
            young,
            kept,
        ]

    told(story)


def test_the_worker_forgets_notes_that_nobody_can_bring_back(road):
    async def story(on):
        (told,) = await on.tell(order("a", 500))
        async with on.db.lend(on.brand.schema) as conn:
            long_ago = now() - MONTH - timedelta(days=1)
            for text, removed_at in (("old", long_ago), ("young", now())):
                note = await write(conn, told.member, text, at=long_ago)
                await remove_note(conn, told.member, note, by=KEN, at=removed_at)
        assert not await NOTES_FORGOTTEN.run(on.db, on.brand)
        async with on.db.lend(on.brand.schema) as conn:
            assert [row["body"] for row in await conn.fetch("SELECT body FROM member_note")] == ["young"]

    road.run(story)


def test_a_note_of_another_member_cannot_be_reached(told):
    async def story(conn, hanako, taro):
        note = await write(conn, hanako, "hello")
        for refused in (
            remove_note(conn, taro, note, by=KEN, at=AT),
            restore_note(conn, taro, note, at=AT),
            remove_note(conn, hanako, note + 1, by=KEN, at=AT),
            restore_note(conn, hanako, 2**63 - 1, at=AT),
        ):
            with pytest.raises(NoteUnknown):
                await refused
        assert await texts(conn, hanako) == ["hello"]

    told(story)


def test_a_member_is_known_by_what_enrolled_them_since_they_joined(told):
    async def story(conn, hanako, _taro):
        member = await get_member(conn, hanako)
        since = {str(identity): member.since(identity) for identity in member.identities}
        assert set(since.values()) == {member.joined_on}, (
            "the customer number of the order and the card that came with it"
        )
        assert HANAKO in since
        later = Identity("email", "hanako@example.com")
        assert Member(member.id, Profile(), member.joined_on, [later]).since(later) is None
        assert member.since(Identity("card", "9000000000000001")) is None

    told(story)
