"""Corrections with a second pair of eyes, on the real road: races, deaths in between, and files of them."""

import asyncio
import csv
import io
from datetime import UTC, date, datetime

import pytest

from kizuna import corrections
from kizuna.core.errors import Problem
from kizuna.corrections import State, Wish, jobs, reading, service, store
from kizuna.corrections import bulk as bulk_room
from kizuna.runtime import uploads
from kizuna.runtime.jobs import JobState, ask_to_cancel, find, work_once
from kizuna.web.words import problem_text, translate
from road import HANAKO, TARO, Road, order

PROGRAM = """
program: 1
name: {ja: 試し, en: Trial}
units:
  - {id: points, name: {ja: ポイント, en: points}, expiry: {after_days: 30}}
  - {id: miles, name: {ja: マイル, en: miles}, expiry: never}
tiers: {by: spend, window: calendar_year, levels: [{id: base, name: {ja: 一般, en: Base}, at: 0}]}
earning_rules:
  - {id: base, event: order.completed, unit: points, name: {ja: 買物, en: Purchases}, award: {points: 1, per: 10}}
redemption: {minimum: 1, step: 1}
adjustments:
  approval_above: 1000
  reasons: [{id: lost_card, name: {ja: カード紛失, en: Lost card}}]
"""
ANNA, BERT = "user:anna@example.com", "user:bert@example.com"
TODAY = datetime.now(UTC).isoformat()


@pytest.fixture
def road(make_brand, road_of):
    return road_of(make_brand(PROGRAM))


async def ask(on: Road, points: int, *, who: str = HANAKO, key: str = "k", by: str = ANNA, writer: int = 0, **more):
    wish = Wish(who, points, more.pop("reason", "apology"), **more)
    return await corrections.ask(on.db, on.writers[writer], on.terms, wish, key=key, by=by)


async def approve(on: Road, id_: str, by: str = BERT, writer: int = 0):
    return await corrections.approve(on.db, on.writers[writer], on.terms, id_, by=by)


async def balance(on: Road, who: str = HANAKO) -> int:
    """Tell what the member has, by an order of nothing."""
    (told,) = await on.tell(
        order(f"look-{datetime.now(UTC).timestamp()}", 0, who=who, at=datetime.now(UTC).isoformat())
    )
    return told.balance


async def prove(on: Road) -> None:
    await on.seal()
    proof = await on.verify()
    assert proof.ok, proof.faults


async def postings(on: Road) -> int:
    return len(await on.sql("SELECT 1 FROM entry WHERE account = 'apology'"))


def test_a_small_correction_goes_at_once_and_a_large_one_waits_for_somebody_else(road):
    async def story(on: Road):
        await on.tell(order("1", 1000, at=TODAY))
        small = await ask(on, 1000)
        assert (small.state, small.balance, small.decided_by) == (State.DONE, 1100, None)
        again = await ask(on, 1000)
        assert again == small
        with pytest.raises(corrections.CorrectionKeyReused):
            await ask(on, 999)
        large = await ask(on, -1001, key="large", note="二重に付与")
        assert large.state is State.WAITING
        assert await balance(on) == 1100
        with pytest.raises(corrections.SamePerson):
            await approve(on, large.id, by=ANNA)
        done = await approve(on, large.id)
        assert (done.state, done.balance, done.decided_by) == (State.DONE, 99, BERT)
        with pytest.raises(corrections.CorrectionDecided, match="bert"):
            await approve(on, large.id)
        with pytest.raises(corrections.CorrectionDecided):
            await corrections.reject(on.db, on.brand.schema, large.id, by=BERT)
        other = await ask(on, 5000, key="other")
        gone = await corrections.reject(on.db, on.brand.schema, other.id, by=BERT, note="根拠なし")
        assert (gone.state, gone.decision) == (State.REJECTED, "根拠なし")
        assert await balance(on) == 99
        assert await postings(on) == 2
        await prove(on)

    road.run(story)


def test_what_nobody_could_carry_out_is_refused_before_it_waits(road):
    async def story(on: Road):
        await on.tell(order("1", 1000, at=TODAY), order("2", 10, who=TARO, at=TODAY))
        await on.ask("member.closed", {}, who=TARO)
        for points, more, code in (
            (0, {}, "adjustment_zero"),
            (2**53, {}, "points_too_many"),
            (-(2**63), {}, "points_too_many"),
            (5000, {"reason": " "}, "reason_missing"),
            (5000, {"reason": "whim"}, "reason_unknown"),
            (5000, {"unit": "x"}, "unit_unknown"),
            (5000, {"expires_on": date(2020, 1, 1)}, "date_in_the_past"),
            (5000, {"who": "customer:nobody"}, "unknown_member"),
            (5000, {"who": "nobody"}, "subject_invalid"),
            (5000, {"who": TARO}, "member_closed"),
            (5000, {"note": "x" * 501}, "event_invalid"),
        ):
            with pytest.raises(Problem) as refused:
                await ask(on, points, **more)
            assert refused.value.code == code
        assert not await on.sql("SELECT 1 FROM correction")

    road.run(story)


def test_what_the_operation_refuses_is_kept_and_shown(road):
    async def story(on: Road):
        await on.tell(order("1", 1000, at=TODAY))
        at_once = await ask(on, -101)
        assert (at_once.state, at_once.problem.code) == (State.REFUSED, "insufficient_points")
        assert (await ask(on, -101)).problem.code == "insufficient_points"
        waits = await ask(on, -2000, key="2")
        refused = await approve(on, waits.id)
        assert (refused.state, refused.problem.code, refused.decided_by) == (State.REFUSED, "insufficient_points", BERT)
        assert "100" in problem_text(refused.problem, "ja").title + problem_text(refused.problem, "ja").remedy
        owing = await ask(on, -150, key="3", may_owe=True)
        assert owing.balance == -50
        await prove(on)

    road.run(story)


def test_two_people_who_approve_at_once_post_once(road):
    async def story(on: Road):
        await on.tell(order("1", 1000, at=TODAY))
        for round_ in range(5):
            waits = await ask(on, 2000, key=f"race {round_}")
            clicks = [
                approve(on, waits.id, by=f"user:{name}@example.com", writer=n % 2) for n, name in enumerate("bcdefg")
            ]
            answers = await asyncio.gather(*clicks, return_exceptions=True)
            assert sum(getattr(one, "state", None) is State.DONE for one in answers) == 1
            assert sum(isinstance(one, corrections.CorrectionDecided) for one in answers) == 5
            assert await postings(on) == round_ + 1
        asks = await asyncio.gather(*(ask(on, 7, key="double", writer=n % 2) for n in range(6)))
        assert {one.id for one in asks} == {asks[0].id}
        assert await postings(on) == 6
        await prove(on)

    road.run(story, writers=2)


def test_whoever_dies_between_deciding_and_posting_leaves_it_to_the_worker(road, monkeypatch):
    async def story(on: Road):
        await on.tell(order("1", 1000, at=TODAY))
        waits = await ask(on, 2000)

        async def die(*_):
            raise asyncio.CancelledError

        with monkeypatch.context() as dying:
            dying.setattr(service, "carry_out", die)
            with pytest.raises(asyncio.CancelledError):
                await approve(on, waits.id)
            with pytest.raises(asyncio.CancelledError):
                await ask(on, 10, key="at once")
        assert await postings(on) == 0
        await jobs.carry_left(on.db, on.brand)
        assert await postings(on) == 0, "whoever decided just now may be about to post"
        await on.sql("UPDATE correction SET decided_at = decided_at - interval '1 minute'")
        await jobs.carry_left(on.db, on.brand)
        await jobs.carry_left(on.db, on.brand)
        assert await postings(on) == 2
        assert {row["state"] for row in await on.sql("SELECT state FROM correction")} == {"done"}
        assert await balance(on) == 2110
        await prove(on)

    road.run(story)


def test_whoever_dies_between_posting_and_noting_posts_no_second_time(road, monkeypatch):
    async def story(on: Road):
        await on.tell(order("1", 1000, at=TODAY))
        waits = await ask(on, 2000)
        with monkeypatch.context() as dying:
            dying.setattr(store, "END_CORRECTION", "SELECT 1 / 0, $1::uuid, $2::text, $3::bigint, $4::text")
            with pytest.raises(Exception, match="division"):
                await approve(on, waits.id)
        assert await postings(on) == 1
        await on.sql("UPDATE correction SET decided_at = decided_at - interval '1 minute'")
        await jobs.carry_left(on.db, on.brand)
        assert await postings(on) == 1
        async with on.db.lend(on.brand.schema) as conn:
            found = await corrections.find(conn, waits.id)
        assert (found.state, found.balance) == (State.DONE, 2100)
        await prove(on)

    road.run(story)


SHEET = """会員,ポイント,理由,メモ,単位,有効期限
hanako,500,apology,遅延のお詫び,,2099-12-31
taro,"▲１,０００",correction,,,
customer:hanako,+20,カード紛失,,miles,
nobody,10,apology,,,
hanako,abc,apology,,,
hanako,0,apology,,,
hanako,10,,,,
hanako,10,whim,,,
hanako,10,apology,,x,
hanako,10,apology,,,2020/01/01
hanako,10,apology
,10,apology,,,
taro,900,goodwill,,,
"""


async def send(on: Road, text: str, name: str = "お詫び.csv", codec: str = "utf-8-sig") -> uploads.Upload:
    async def pieces():
        yield text.encode(codec)

    number = await uploads.take_in(
        on.db, on.brand.schema, name, pieces(), by="anna@example.com", about={"for": "corrections"}
    )
    async with on.db.lend(on.brand.schema) as conn:
        return await uploads.find_upload(conn, number)


async def seen(on: Road, upload: uploads.Upload, conn) -> tuple[corrections.Preview, bytes]:
    raw = await corrections.content_of(on.db, on.brand.schema, upload.id)
    await on.writers[0].book.refresh(conn)
    program = on.writers[0].book.plans[-1].program
    return await corrections.preview(conn, raw, upload.id, "customer", program, on.terms), raw


async def confirm(on: Road, upload: uploads.Upload, by: str = ANNA) -> corrections.Bulk:
    async with on.db.transaction(on.brand.schema) as conn:
        preview, raw = await seen(on, upload, conn)
        return await corrections.confirm_bulk(conn, on.brand.slug, upload, preview, raw, "customer", by=by)


def say(problem: Problem, lang: str) -> tuple[str, str]:
    text = problem_text(problem, lang)
    return text.title, text.remedy


HANDLERS = {corrections.BULK: corrections.handler(say, translate)}


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-8", "cp932"])
def test_a_file_is_looked_at_before_anything_moves(road, codec):
    async def story(on: Road):
        await on.tell(order("1", 1000, at=TODAY), order("2", 20000, who=TARO, at=TODAY))
        upload = await send(on, SHEET, codec=codec)
        async with on.db.transaction(on.brand.schema) as conn:
            preview, _ = await seen(on, upload, conn)
        assert [row.number for row in preview.rows] == [2, 3, 4, 14]
        assert preview.rows[0].wish == Wish(HANAKO, 500, "apology", None, "遅延のお詫び", date(2099, 12, 31))
        assert (preview.rows[1].wish.points, preview.rows[2].wish.reason) == (-1000, "lost_card")
        assert preview.sums == {"points": (1400, 1000), "miles": (20, 0)}
        assert (preview.points, preview.above, preview.needs_approval) == (2430, 0, True)
        assert preview.again == [(4, 2), (14, 3)]
        assert preview.not_found == 1
        assert [(one.number, one.problem.code) for one in preview.faulty] == [
            (5, "row_unknown_member"), (6, "cell_no_number"), (7, "adjustment_zero"), (8, "reason_missing"), (9, "reason_unknown"),
            (10, "unit_unknown"), (11, "date_in_the_past"), (12, "row_broken"), (13, "cell_missing"),
        ]  # fmt: skip
        for one in preview.faulty:
            text = problem_text(one.problem, "ja")
            assert text.title
            assert text.remedy

    road.run(story)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"PK\x03\x04\x00\x00", "bulk_unreadable"),
        (b"\xff\xfe\x00\x00", "bulk_unreadable"),
        (b"", "column_lacking"),
        (b"member,points\na,1\n", "column_lacking"),
        (b'member,points,reason\n"a,1,x\n', None),
        (b"member,points,reason\n" + b"a,1,x\n" * 50_001, "bulk_too_long"),
    ],
)
def test_a_file_that_is_none_is_refused_whole(raw, code):
    if code is None:
        assert reading.Table(raw).lines
        return
    with pytest.raises(Problem) as refused:
        reading.Table(raw)
    assert refused.value.code == code


def test_a_file_waits_as_a_whole_and_is_carried_out_once(road):
    async def story(on: Road):
        await on.tell(order("1", 1000, at=TODAY), order("2", 5000, who=TARO, at=TODAY))
        upload = await send(on, SHEET)
        bulk, again = await confirm(on, upload), await confirm(on, upload)
        assert bulk == again
        assert (bulk.state, bulk.rows, bulk.left_out, bulk.points) == ("waiting", 4, 9, 2430)
        assert not await work_once(on.db, on.brand, HANDLERS)
        async with on.db.transaction(on.brand.schema) as conn:
            assert await corrections.count_waiting(conn) == 1
            with pytest.raises(corrections.SamePerson):
                await corrections.approve_bulk(conn, bulk.id, by=ANNA)
        async with on.db.transaction(on.brand.schema) as conn:
            approved = await corrections.approve_bulk(conn, bulk.id, by=BERT)
            with pytest.raises(corrections.CorrectionDecided):
                await corrections.approve_bulk(conn, bulk.id, by=BERT)
        assert await work_once(on.db, on.brand, HANDLERS)
        async with on.db.transaction(on.brand.schema) as conn:
            job, done = await find(conn, approved.job), await corrections.find_bulk(conn, bulk.id)
        assert job.state is JobState.DONE, job.problem
        assert (done.state, done.carried, done.refused) == ("done", 3, 2)  # nobody, and taro who has only 500
        assert (await balance(on), await balance(on, TARO)) == (600, 1400)
        text = (await corrections.content_of(on.db, on.brand.schema, done.refused_file)).decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text)))
        assert rows[0][6:] == ["行", "実行されなかった理由", "対処方法"]
        assert [row[6] for row in rows[1:]] == [str(number) for number in (3, *range(5, 14))]
        assert all(row[7] and row[8] for row in rows[1:])
        later = await send(on, SHEET, "again.csv")
        async with on.db.transaction(on.brand.schema) as conn:
            preview, _ = await seen(on, later, conn)
        assert preview.carried_before is not None
        await prove(on)

    road.run(story)


def test_rows_of_whoever_is_no_member_yet_need_a_second_person_too(road):
    async def story(on: Road):
        await on.tell(order("1", 1000, at=TODAY))
        upload = await send(on, "member,points,reason\nhanako,1,apology\ntaro,100000,apology\n")
        async with on.db.transaction(on.brand.schema) as conn:
            preview, _ = await seen(on, upload, conn)
        assert ([row.number for row in preview.rows], preview.above, preview.needs_approval) == ([2], 1, True)
        assert (await confirm(on, upload)).state == "waiting"

    road.run(story)


def test_a_file_under_way_is_neither_removed_nor_swept(road):
    async def story(on: Road):
        await on.tell(order("1", 1000, at=TODAY))
        upload = await send(on, SHEET)
        bulk = await confirm(on, upload)
        await on.sql("UPDATE upload SET sent_at = now() - interval '40 days'")
        async with on.db.lend(on.brand.schema) as conn:
            await uploads.forget(conn, upload.id)
        await send(on, SHEET)
        assert await corrections.content_of(on.db, on.brand.schema, upload.id)
        async with on.db.transaction(on.brand.schema) as conn:
            await corrections.reject_bulk(conn, bulk.id, by=BERT)
        await send(on, SHEET)
        assert not await corrections.content_of(on.db, on.brand.schema, upload.id)

    road.run(story)


def test_a_file_that_is_too_large_is_not_taken(road, monkeypatch):
    monkeypatch.setattr(bulk_room, "BYTES_MAX", 100)

    async def pieces():
        yield b"x" * 60
        yield b"x" * 60

    async def story(on: Road):
        taken = corrections.within_bounds(pieces())
        with pytest.raises(corrections.BulkTooLarge):
            await uploads.take_in(on.db, on.brand.schema, "a.csv", taken, by="anna@example.com", about={})
        assert not await on.sql("SELECT 1 FROM upload")

    road.run(story)


@pytest.mark.parametrize(
    ("cell", "kept"), [("-1+2", "'-1+2"), ("-1,200", "-1,200"), ("=1", "'=1"), ("+5", "+5"), ("a-b", "a-b")]
)
def test_no_cell_is_taken_for_a_formula(cell, kept):
    assert jobs._plain(cell) == kept


def test_a_file_that_is_cut_anywhere_goes_on_and_no_row_counts_twice(road, monkeypatch):
    monkeypatch.setattr(jobs, "ROWS_AT_ONCE", 3)
    sheet = "member,points,reason\n" + "".join(f"hanako,{n},apology\n" for n in range(1, 21))

    async def story(on: Road):
        await on.tell(order("1", 1000, at=TODAY))
        bulk = await confirm(on, await send(on, sheet))
        assert bulk.state == "approved"
        kept = store.insert_rows
        calls = 0

        async def dying(*args):
            nonlocal calls
            calls += 1
            if calls in (2, 4):  # the points of this batch have moved, and nobody has noted it
                raise ConnectionError
            await kept(*args)

        monkeypatch.setattr(store, "insert_rows", dying)
        stopped = 0
        for _ in range(8):
            if await work_once(on.db, on.brand, HANDLERS):
                async with on.db.transaction(on.brand.schema) as conn:
                    bulk = await corrections.find_bulk(conn, bulk.id)
                    job = await find(conn, bulk.job)
                    if not job.state.is_open and bulk.state == "approved":
                        stopped += 1
                        bulk = await corrections.go_on(conn, bulk.id, by=ANNA)
                        if stopped == 2:
                            await ask_to_cancel(conn, bulk.job)
                            bulk = await corrections.go_on(conn, bulk.id, by=ANNA)
            else:
                await on.sql("UPDATE job SET leased_until = now() - interval '1 second'")
        assert (bulk.state, bulk.carried, bulk.refused) == ("done", 20, 0)
        assert await balance(on) == 100 + 210
        assert len(await on.sql("SELECT 1 FROM entry WHERE account = 'apology'")) == 20
        await prove(on)

    road.run(story)
