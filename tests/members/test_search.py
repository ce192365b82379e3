"""Finding a member and walking the list, on the real database: what is found, in which order, once each, and along which index."""

import asyncio
import random
import re
import unicodedata
from datetime import date, timedelta
from itertools import pairwise
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kizuna import members
from kizuna.core.errors import CursorInvalid
from kizuna.core.ids import bucket_of, digest, uuid7
from kizuna.members import Identity, Listing, Newcomer, Order, Profile, Which, list_store, search_store
from kizuna.members.cursor import FIRST_ID, Place, write
from kizuna.members.finding import NOTHING, beginning_with, cleaned, fold, read
from kizuna.runtime.brands import Brand, create_brand
from kizuna.runtime.db import Database
from kizuna.runtime.db import write as write_fragments

DAY = date(2026, 11, 21)


def on(db, brand, story):
    """Run `story(conn)` in a transaction of the brand."""

    async def run():
        async with db() as database, database.transaction(brand.schema) as conn:
            return await story(conn)

    return asyncio.run(run())


async def enrol(conn, name=None, kana=None, *identities):
    """Enrol a member with a profile and identities, and return the id."""
    member = uuid7(1_700_000_000_000 + random.randrange(10**9), digest(uuid4().hex))
    first = Identity("customer", uuid4().hex)
    await write_fragments(conn, members.enrolment([Newcomer(member, first, DAY)], 0))
    await members.update_profiles(conn, [(member, Profile(name, kana))])
    for identity in identities:
        assert await members.add_identity(conn, member, identity)
    return member


async def every(conn, query, limit=50):
    """Return everybody whom a query finds, page by page."""
    found, after = [], None
    while True:
        rows, _ = await members.search(conn, query, "JP", after=after, limit=limit)
        found += rows.rows
        if rows.following is None:
            return found
        after = rows.following


PEOPLE = {
    "hanako": (
        "山田 花子",
        "やまだ はなこ",
        Identity("email", "hana-ko@example.com"),
        Identity("phone", "+819012345678"),
    ),
    "jiro": ("ＹＡＭＡＤＡ 次郎", "ヤマダ ジロウ", Identity("phone", "+81312345678")),
    "maria": ("マリア・デル・カルメン", None, Identity("customer", "C-100_7")),
    "sato": ("佐藤 葵", "さとう あおい", Identity("card", "9000000000005678"), Identity("line", "U4af4980629")),
    "percent": ("100% 満足", "ひゃく まんぞく"),
    "under": ("under_score 太郎", "アンダー タロウ"),
    "slash": ("back\\slash 一郎", "ﾊﾞｯｸ ｲﾁﾛｳ"),
    "double": ("森  ゆき", "もり  ゆき"),
    "accent": ("ÉLODIE Müller", None),
    "nameless": (None, None),
}


@pytest.fixture(scope="module")
def crowd():
    """Ids of the people, made once a module."""
    return {}


FOUND = [
    ("やまだ", {"hanako", "jiro"}),
    ("ヤマダ", {"hanako", "jiro"}),
    ("ﾔﾏﾀﾞ", {"hanako", "jiro"}),
    ("やまだじろう", {"jiro"}),
    ("ヤマダ　ジロウ", {"jiro"}),
    ("yamada", {"jiro"}),
    ("ＹＡＭＡＤＡ", {"jiro"}),
    ("はなこ", {"hanako"}),
    ("花子", {"hanako"}),
    ("次", {"jiro"}),
    ("山", {"hanako"}),
    ("田", set()),
    ("まりあ", {"maria"}),
    ("マリアデル", {"maria"}),
    ("マリア-デル", {"maria"}),
    ("élo", {"accent"}),
    ("ÉLO", {"accent"}),
    ("müll", {"accent"}),
    ("ゆき", {"double"}),
    ("森ゆき", {"double"}),
    ("100%", {"percent"}),
    ("%", set()),
    ("_", set()),
    ("under_", {"under"}),
    ("underXscore", set()),
    ("underscore", set()),
    ("back\\", {"slash"}),
    ("\\", set()),
    ("ばっく", {"slash"}),
    ("hana-ko@", {"hanako"}),
    ("HANA-KO@EXAMPLE.COM", {"hanako"}),
    ("hana", {"hanako"}),
    ("c-100_7", {"maria"}),
    ("C-1", {"maria"}),
    ("customer:C-100_7", {"maria"}),
    ("u4AF", {"sato"}),
    ("5678", {"hanako", "jiro", "sato"}),
    ("5 6-7 8", {"hanako", "jiro", "sato"}),
    ("５６７８", {"hanako", "jiro", "sato"}),
    ("2345678", {"hanako", "jiro"}),
    ("090-1234-5678", {"hanako"}),
    ("０９０ー１２３４ー５６７８", {"hanako"}),
    ("(090) 1234 5678", {"hanako"}),
    ("+81 90-1234-5678", {"hanako"}),
    ("09012", {"hanako"}),
    ("03-1234", {"jiro"}),
    ("phone:09012345678", {"hanako"}),
    ("9000 0000 0000 5678", {"sato"}),
    ("90000000", {"sato"}),
    ("card:9000000000005678", {"sato"}),
    ("'; DROP TABLE member; --", set()),
    ("\ufffe\u202e", set()),
    ("x" * 5000, set()),
    ("ba\0ck", {"slash"}),
]


@pytest.fixture(scope="module")
def shop(server):
    """A brand with the people in it, and a way to ask it."""
    brand = Brand(f"t{uuid4().hex[:16]}", "絆マート", "JPY", "UTC", "JP", ("ja", "en"))
    ids = {}

    async def make():
        database = await Database.open(server.locate)
        await create_brand(database, brand)
        async with database.transaction(brand.schema) as conn:
            for name, about in PEOPLE.items():
                ids[name] = await enrol(conn, *about)
        await database.close()

    asyncio.run(make())

    def ask(story):
        async def run():
            database = await Database.open(server.locate)
            try:
                async with database.transaction(brand.schema) as conn:
                    return await story(conn)
            finally:
                await database.close()

        return asyncio.run(run())

    return ids, ask


@pytest.mark.parametrize(("query", "who"), FOUND, ids=[query[:20] for query, _ in FOUND])
def test_what_is_typed_finds_whom_it_begins_or_ends(shop, query, who):
    ids, ask = shop
    found = ask(lambda conn: every(conn, query))
    assert len(found) == len(set(found)), "everybody once"
    assert {name for name in PEOPLE if ids[name] in found} == who


def test_a_members_own_id_finds_the_member(shop):
    ids, ask = shop
    for text in (str(UUID(bytes=ids["sato"])), ids["sato"].hex(), f"member:{ids['sato'].hex()}"):
        assert ask(lambda conn, text=text: every(conn, text)) == [ids["sato"]]
    assert ask(lambda conn: every(conn, str(uuid4()))) == []


def test_the_most_exact_comes_first(db, brand):
    async def story(conn):
        given_name = await enrol(conn, "田中 森", "たなか もり")
        family = await enrol(conn, "森 一", "もり はじめ")
        kana = await enrol(conn, "守 二", "もり じ")
        numbered = await enrol(conn, "甲 乙", None, Identity("customer", "もり"))
        assert await every(conn, "森") == [family, given_name]
        assert await every(conn, "もり") == [numbered, kana, family, given_name]

    on(db, brand, story)


@given(st.text(max_size=80))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_database_folds_names_as_we_do(shop, text):
    _, ask = shop
    clean = text.replace("\x00", "").encode(errors="ignore").decode()
    if any(unicodedata.category(sign) == "Cn" for sign in clean):
        return  # not in Unicode as this Python knows it
    folded, key = ask(lambda conn: conn.fetchrow("SELECT folded($1), list_key(NULL, $1)", clean))
    assert folded == fold(clean)
    assert key == (fold(clean) or "\uffff")


@given(st.text(min_size=1, max_size=8), st.text(max_size=8))
def test_a_range_holds_exactly_what_begins_so(text, more):
    text, more = (one.encode(errors="ignore").decode() for one in (text, more))
    lo, hi = beginning_with(text)
    if text.strip("\U0010ffff"):
        assert lo <= text + more < hi
        assert not lo <= more < hi or more.startswith(text)


def test_nothing_is_a_range_of_nothing():
    assert beginning_with("") == NOTHING
    assert read(cleaned("-"), "JP").names == NOTHING


@pytest.mark.parametrize("query", ["さ", "9", "a", "佐", "0", "-", "+", "@", "・", ":", "phone:", "card:x"])
def test_one_sign_is_a_search_as_any_other(shop, query):
    _, ask = shop
    ask(lambda conn: every(conn, query, limit=2))


# Pages


def test_a_walk_sees_everybody_once_while_others_come(db, brand):
    async def story(conn):
        there = [
            await enrol(conn, f"さとう {n:02}", f"さとう {n % 7}", Identity("phone", f"+8190000{n:05}"))
            for n in range(40)
        ]
        there += [await enrol(conn, f"田中 さとう{n}", None) for n in range(15)]
        seen, after = [], None
        while True:
            rows, total = await members.search(conn, "さとう", "JP", after=after, limit=7)
            seen += rows.rows
            assert total.n >= 55
            await enrol(conn, f"さとう {random.random()}", "さとう 3")
            if rows.following is None:
                break
            after = rows.following
        assert len(seen) == len(set(seen))
        assert set(there) <= set(seen)

    on(db, brand, story)


def test_the_way_back_is_the_way_there(db, brand):
    async def story(conn):
        for n in range(30):
            await enrol(conn, f"さとう {n:02}", f"さとう {n % 4}", Identity("email", f"さとう{n}@example.com"))
        pages, after = [], None
        while True:
            rows, _ = await members.search(conn, "さとう", "JP", after=after, limit=4)
            pages.append(rows)
            if rows.following is None:
                break
            after = rows.following
        assert pages[0].previous is None
        for earlier, later in pairwise(pages):
            back, _ = await members.search(conn, "さとう", "JP", after=later.previous, limit=4)
            assert list(back.rows) == list(earlier.rows)

    on(db, brand, story)


def test_matches_are_counted_up_to_a_thousand(db, brand):
    async def story(conn):
        rows = [(n % 64, UUID(int=n), f"鈴木 {n}", DAY) for n in range(1100)]
        await conn.copy_records_to_table("member", columns=["bucket", "member_id", "name", "joined_on"], records=rows)
        _, total = await members.search(conn, "鈴木", "JP", limit=50)
        assert (total.n, total.is_more) == (1000, True)
        _, total = await members.search(conn, "鈴木 10", "JP", limit=50)
        assert (total.n, total.is_more) == (111, False)  # 10, 100–109, 1000–1099

    on(db, brand, story)


FOREIGN = [
    "",
    "x",
    "W10",
    "e30",
    "bnVsbA",
    "é",
    "A" * 5000,
    write("kana+", Place(0, "x", FIRST_ID)),
    write("search", Place(99, "", FIRST_ID)),
]


@pytest.mark.parametrize("cursor", FOREIGN)
def test_a_foreign_cursor_is_refused(db, brand, cursor):
    async def story(conn):
        with pytest.raises(CursorInvalid):
            await members.search(conn, "さとう", "JP", after=cursor, limit=5)
        with pytest.raises(CursorInvalid):
            await members.listed(conn, Listing(order=Order.BALANCE, tiers=(0,)), after=cursor, limit=5)

    on(db, brand, story)


def test_a_cursor_with_any_key_stays_within_the_search(shop):
    ids, ask = shop

    async def story(conn):
        for part in range(len(search_store.PARTS)):
            for key in ("", "や", "\uffff", "zzz"):
                for back in (False, True):
                    after = write("search", Place(part, key, FIRST_ID, back))
                    rows, _ = await members.search(conn, "やまだ", "JP", after=after, limit=50)
                    assert set(rows.rows) <= {ids["hanako"], ids["jiro"]}

    ask(story)


# Along which index


@pytest.fixture(scope="module")
def many(server):
    """A brand with enough members for the planner to have a choice; figures for all but a few."""
    brand = Brand(f"t{uuid4().hex[:16]}", "絆マート", "JPY", "UTC", "JP", ("ja", "en"))
    draw, rows = random.Random(5), []
    for n in range(6000):
        member = uuid7(1_600_000_000_000 + n, digest(str(n)))
        ordered = None if n % 9 == 0 else DAY - timedelta(days=draw.randrange(500))
        balance = draw.choice([0, 0, draw.randrange(1, 5000)])
        rows.append(
            {
                "member": member, "kana": draw.choice(["さとう", "すずき", "たかはし", None]), "tier": draw.choice([0, 0, 0, 1, 2]),
                "joined": DAY - timedelta(days=draw.randrange(700)), "ordered": ordered, "balance": balance,
                "expires": DAY + timedelta(days=draw.randrange(90)) if balance else None, "spend": draw.randrange(3000) * 50,
            }
        )  # fmt: skip

    async def make():
        database = await Database.open(server.locate)
        await create_brand(database, brand)
        async with database.lend(brand.schema) as conn:
            await conn.copy_records_to_table(
                "member", columns=["bucket", "member_id", "name_kana", "joined_on"],
                records=[(bucket_of(one["member"]), UUID(bytes=one["member"]), one["kana"], one["joined"]) for one in rows],
            )  # fmt: skip
            await conn.copy_records_to_table(
                "insight_member",
                columns=["bucket", "member_id", "joined_on", "tier", "balance", "expires_on", "orders", "spend", "last_order_on",
                         "as_of", "version", "order_days", "redemption_days", "due"],
                records=[
                    (bucket_of(one["member"]), UUID(bytes=one["member"]), one["joined"], one["tier"], one["balance"],
                     one["expires"], 1, one["spend"], one["ordered"], DAY, 1, b"", b"", b"")
                    for one in rows
                ],
            )  # fmt: skip
            await conn.copy_records_to_table(
                "identity", columns=["kind", "value", "bucket", "member_id"],
                records=[
                    (kind, f"{lead}{n:08}", bucket_of(one["member"]), UUID(bytes=one["member"]))
                    for n, one in enumerate(rows)
                    for kind, lead in (("phone", "+8190"), ("card", "90000000"), ("email", "m"))
                ],
            )  # fmt: skip
            await conn.execute("INSERT INTO insight_tier SELECT tier, count(*) FROM insight_member GROUP BY tier")
            await conn.execute("ANALYZE")
        await database.close()

    asyncio.run(make())

    def ask(story):
        async def run():
            database = await Database.open(server.locate)
            try:
                async with database.transaction(brand.schema) as conn:
                    return await story(conn)
            finally:
                await database.close()

        return asyncio.run(run())

    return rows, ask


async def plan_of(conn, text):
    """Return the generic plan of a statement: for whatever its parameters will be."""
    await conn.execute("SET LOCAL plan_cache_mode = force_generic_plan")
    name = f"asked_{uuid4().hex}"
    await conn.execute(f"PREPARE {name} AS {text}")
    count = max(int(number) for number in re.findall(r"\$(\d+)", text))
    return "\n".join(row[0] for row in await conn.fetch(f"EXPLAIN EXECUTE {name} ({', '.join(['NULL'] * count)})"))


@pytest.mark.parametrize("part", range(len(search_store.PARTS)))
@pytest.mark.parametrize("is_back", [False, True])
def test_every_part_of_a_search_goes_along_its_index(many, part, is_back):
    _, ask = many

    async def story(conn):
        await search_store.by_key(conn)
        for named in ((), (0, 1, 2, 3)):
            plan = await plan_of(conn, search_store.statement(part, named, is_back=is_back))
            assert "Seq Scan" not in plan
            index = [
                "member_name",
                "member_list",
                "member_given",
                "member_given_kana",
                "identity_tail",
                "identity_tail",
                "identity_value",
            ]
            assert re.search(rf"Index (Only )?Scan( Backward)? using {index[part]} ", plan), plan
            assert part > 3 or "Sort" not in plan

    ask(story)


@pytest.mark.parametrize("order", list(Order))
@pytest.mark.parametrize("is_down", [False, True])
def test_every_order_goes_along_its_index(many, order, is_down):
    _, ask = many

    async def story(conn):
        for which in (Which(), Which(tier=1), Which(quiet_from=DAY), Which(joined_from=DAY, joined_before=DAY)):
            place = Place(0, "さ" if order is Order.KANA else 700_000, FIRST_ID)
            for at in (None, place):
                text, _ = list_store.statement(Listing(which, order, is_down, (0, 1, 2)), at, is_few=False)
                plan = await plan_of(conn, text)
                assert "Seq Scan" not in plan, plan
                name = "member_list" if order is Order.KANA else f"insight_member_{order}"
                assert re.search(rf"Index (Only )?Scan( Backward)? using {name} ", plan), plan

    ask(story)


# Filters and orders, against a naive reading of what they say

DAYS = st.integers(0, 720).map(lambda days: DAY - timedelta(days=days))
WHICH = st.builds(
    Which,
    tier=st.none() | st.integers(0, 3),
    ordered_from=st.none() | DAYS,
    quiet_from=st.none() | DAYS,
    joined_from=st.none() | DAYS,
    joined_before=st.none() | DAYS,
    expires_from=st.none() | st.just(DAY),
    expires_before=st.none() | st.integers(0, 90).map(lambda days: DAY + timedelta(days=days)),
)


def is_wanted(one, which):
    """Say in plain words whether a list wants somebody."""
    return (
        (which.tier is None or one["tier"] == which.tier)
        and (which.ordered_from is None or (one["ordered"] is not None and one["ordered"] >= which.ordered_from))
        and (
            which.quiet_from is None
            or ((one["ordered"] is None or one["ordered"] < which.quiet_from) and one["joined"] < which.quiet_from)
        )
        and (which.joined_from is None or one["joined"] >= which.joined_from)
        and (which.joined_before is None or one["joined"] < which.joined_before)
        and (which.expires_from is None or (one["expires"] is not None and one["expires"] >= which.expires_from))
        and (which.expires_before is None or (one["expires"] is not None and one["expires"] < which.expires_before))
    )


def key_of(one, order):
    """Return what an order compares."""
    return {
        Order.KANA: one["kana"] or "\uffff",
        Order.BALANCE: one["balance"],
        Order.SPEND: one["spend"],
        Order.ACTIVE: one["ordered"] or date.min,
        Order.JOINED: one["joined"],
    }[order], one["member"]


@given(WHICH, st.sampled_from(list(Order)), st.booleans(), st.sampled_from([1, 40]), st.data())
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_list_is_who_is_wanted_in_order(many, monkeypatch, which, order, is_down, few, data):
    rows, ask = many
    monkeypatch.setattr(members.listing, "FEW", few * 100)
    listing = Listing(which, order, is_down, (0, 1, 2))
    wanted = sorted((one for one in rows if is_wanted(one, which)), key=lambda one: key_of(one, order), reverse=is_down)
    expected = [one["member"] for one in wanted]

    async def story(conn):
        limit = data.draw(st.sampled_from([50, 333]))
        seen, after, before = [], None, None
        for _ in range(4):
            page, total = await members.listed(conn, listing, after=after, limit=limit)
            seen += page.rows
            assert total.n == len(expected) if not total.is_more else total.n < len(expected)
            if before is not None and page.previous:
                back, _ = await members.listed(conn, listing, after=page.previous, limit=limit)
                assert list(back.rows) == before
            before, after = list(page.rows), page.following
            if after is None:
                break
        assert seen == expected[: len(seen)]
        assert after is not None or len(seen) == len(expected)
        whole = [one async for some in members.each_listed(conn, listing, 1000) for one in some]
        assert whole == expected

    ask(story)


@pytest.mark.parametrize("order", list(Order))
@pytest.mark.parametrize("is_down", [False, True])
@pytest.mark.parametrize("few", [0, 10_000], ids=["walked", "sorted"])
def test_every_order_leads_through_everybody_and_back(many, monkeypatch, order, is_down, few):
    """Several pages lie wholly within those who never ordered, or have no points, or no name."""
    rows, ask = many
    monkeypatch.setattr(members.listing, "FEW", few)
    listing = Listing(Which(quiet_from=DAY + timedelta(days=1)), order, is_down, (0, 1, 2))
    expected = [one["member"] for one in sorted(rows, key=lambda one: key_of(one, order), reverse=is_down)]

    async def story(conn):
        pages, after = [], None
        while not pages or after is not None:
            page, _ = await members.listed(conn, listing, after=after, limit=250)
            pages.append(page)
            after = page.following
            assert len(pages) <= len(expected) // 250 + 1, "the walk goes on"
        assert [member for page in pages for member in page.rows] == expected
        for earlier, later in pairwise(pages):
            back, _ = await members.listed(conn, listing, after=later.previous, limit=250)
            assert list(back.rows) == list(earlier.rows)

    ask(story)


def test_whom_no_figure_follows_yet_is_there_by_name(db, brand):
    async def story(conn):
        one = await enrol(conn, "新人 一", "しんじん はじめ")
        page, total = await members.listed(conn, Listing(tiers=(0,)), limit=50)
        assert (list(page.rows), total.n) == ([one], 1)
        page, _ = await members.listed(conn, Listing(order=Order.BALANCE, tiers=(0,)), limit=50)
        assert list(page.rows) == []
        assert await members.last_orders(conn, [one]) == {}

    on(db, brand, story)


def test_each_walks_everybody(many):
    rows, ask = many

    async def story(conn):
        return [member async for member, _ in members.each(conn)]

    found = ask(story)
    assert len(found) == len(rows)
    assert set(found) == {one["member"] for one in rows}
