"""One member in the console over HTTP: every number of a story answers "why", notes hold, nothing of another's is shown."""

import csv
import html
import io
import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import uuid4

import httpx
import pytest

from api.served import Shop, event, order, redemption, somebody
from api.test_console_http import MEMBERS, NOBODY, browser, enrol, heading, is_page, sign_in
from kizuna.members import Identity, Profile

MINUS = "−"
LINES = [{"sku": "tomato & <b>basil</b>", "amount": 12_000, "quantity": 3}, {"sku": "bag", "amount": 345}]
STORY = """
when                 | what     | sum    | moved | balance    | because
2025-03-01T10:00:00Z | order    | 12345  | +123  | 0 → 123    | Calculation: ¥12,345 ÷ ¥100 × 1 pt = 123.45 pt, rounded down
2025-03-05T10:00:00Z | order    | 5000   | +50   | 123 → 173  | Usable through: 2 Jun 2025
2025-03-10T10:00:00Z | redeemed | 150    | −150  | 173 → 23   | From points usable through 29 May 2025: −123 pt
2025-03-10T10:00:00Z | redeemed | 150    | −150  | 173 → 23   | From points usable through 2 Jun 2025: −27 pt
2025-06-03T00:00:00J | lapsed   | 23     | −23   | 23 → 0     | Earned on 5 Mar 2025: +50 pt
2025-06-03T00:00:00J | lapsed   | 23     | −23   | 23 → 0     | Redeemed before: −27 pt
2025-07-01T10:00:00Z | order    | 10000  | +100  | 0 → 100    | Order number: third
2025-09-29T00:00:00J | lapsed   | 100    | −100  | 100 → 0    | Earned on 1 Jul 2025: +100 pt
"""
ROWS = [[cell.strip() for cell in line.split("|")] for line in STORY.strip().splitlines()[1:]]


@pytest.fixture(scope="session")
def staffed(site) -> tuple[Shop, str]:
    shop, email = site.open_shop(), f"{uuid4().hex[:8]}@example.com"
    shop.owner(email)
    return shop, email


@pytest.fixture(scope="session")
def console(site, staffed) -> httpx.Client:
    tab = browser(site, accept_language="en")
    assert sign_in(tab, staffed[1]).status_code == 303
    return tab


@pytest.fixture(scope="session")
def member(staffed) -> str:
    """The story's member: what the table above says, and a redemption that was refused."""
    shop, _ = staffed
    who, names = somebody(), iter(("first", "second", "third"))
    sent: list[tuple[str, str]] = []
    for when, what, amount, *_ in ROWS:
        if what == "order":
            told = {
                "order_id": next(names),
                "amount": int(amount),
                "currency": "JPY",
                "store": "渋谷店",
                "lines": LINES,
            }
            answer = shop.told(event("order.completed", who, told, time=when))
        elif what == "redeemed" and (when, amount) not in sent:
            answer = shop.told(redemption(int(amount), who, time=when))
        sent.append((when, amount))
    assert shop.told(redemption(9_999, who, time="2025-07-02T01:00:00Z"))[0]["status"] == "refused"
    return answer[0]["member"]


def entries(page: str) -> list[tuple[str, dict[str, str], str]]:
    """Return of each entry on a page its points, its arithmetic, and the whole of it."""
    found = []
    for block in re.findall(r'<details class="entry".*?(?=<details class="entry"|</ul>)', page, re.DOTALL):
        own, _, retold = block.partition('class="entry-more"')
        lines = re.findall(r"<dt>(.*?)</dt><dd[^>]*>(.*?)</dd>", own, re.DOTALL)
        found.append(
            (
                text(re.search(r'entry-points">(.*?)</span></span>', own)[1]),
                {text(n): text(v) for n, v in lines},
                retold,
            )
        )
    return found


def text(markup: str) -> str:
    """Return what one reads, with every space as one."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", markup)).split())


def keyed(page: str) -> dict[str, dict[str, str]]:
    return {f"{points} {lines['Balance']}": lines for points, lines, _ in entries(page)}


# Why this number?


def test_every_number_of_the_story_answers_why(console, member):
    page = is_page(console.get(f"{MEMBERS}/{member}"), 200, "en")
    shown = keyed(page)
    assert len(shown) == 6
    for _, _, _, moved, balance, because in ROWS:
        before, after = balance.split(" → ")
        name, _, value = because.rpartition(": ")
        assert shown[f"{moved} pt {before} pt → {after} pt"][name] == value, because
    balances = [lines["Balance"].split(" → ") for _, lines, _ in entries(page)]
    assert [after for _, after in balances[1:]] == [before for before, _ in balances[:-1]], (
        "each begins where the older ends"
    )


def test_an_entry_is_told_in_the_other_language_too(console, member):
    for lang, other, words in (("en", "ja", "まで使える"), ("ja", "en", "From points usable through")):
        page = is_page(console.get(f"{MEMBERS}/{member}?lang={lang}"), 200, lang)
        (taken,) = [retold for points, _, retold in entries(page) if points.startswith(f"{MINUS}150")]
        assert f'lang="{other}"' in taken
        assert words in taken


def test_the_cards_say_where_the_member_stands(console, member):
    page = text(is_page(console.get(f"{MEMBERS}/{member}"), 200, "en"))
    for said in (
        "Purchases 3",
        "Average order ¥9,115",
        "Since joining ¥27,345",
        "Last order 1 Jul 2025",
        "There are no open points.",
    ):
        assert said in page, said
    assert re.search(r"Earned 273 pt\s+Redeemed −150 pt\s+Expired −123 pt", page)


@pytest.mark.parametrize(
    ("query", "moved"),
    [
        ("", [-100, 100, -23, -150, 50, 123]),
        ("kind=earn", [100, 50, 123]),
        ("kind=redeem", [-150]),
        ("kind=expire", [-100, -23]),
        ("period=2025", [-100, 100, -23, -150, 50, 123]),
        ("period=2025-03", [-150, 50, 123]),
        ("period=2025-06", [-23]),
        ("period=2025-09", [-100]),
        ("period=2025-07&kind=expire", []),
        ("period=2024", []),
        ("period=30d", []),
        ("period=9999d", [-100, 100, -23, -150, 50, 123]),
    ],
)
def test_history_is_narrowed_by_kind_and_period(console, member, query, moved):
    page = is_page(console.get(f"{MEMBERS}/{member}?{query}"), 200)
    assert [int(points.split()[0].replace(MINUS, "-")) for points, _, _ in entries(page)] == moved
    saved = console.get(f"{MEMBERS}/{member}/history.csv?{query}")
    assert [int(row["Points"]) for row in rows_of(saved)] == moved
    if "kind" not in query and moved:
        assert [lines["Balance"] for _, lines, _ in entries(page)][-1].startswith(("0 pt", "23 pt", "100 pt"))


@pytest.mark.parametrize(
    "query", ["kind=gift", "period=yesterday", "period=2025-13", "period=0000", "cursor=x", "period=2025-3"]
)
@pytest.mark.parametrize("path", ["", "/history.csv"])
def test_a_filter_that_means_nothing_is_answered_with_a_page(console, member, query, path):
    if path and query.startswith("cursor"):
        return
    is_page(console.get(f"{MEMBERS}/{member}{path}?{query}"), 422)


def rows_of(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbf"), "Excel reads it as UTF-8"
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_the_file_holds_what_the_page_shows_in_the_language_of_the_face(console, member):
    answer = console.get(f"{MEMBERS}/{member}/history.csv")
    assert re.search(r'attachment; filename="history-[0-9a-f]{12}-\d{8}\.csv"', answer.headers["content-disposition"])
    rows = rows_of(answer)
    assert [row["Balance after it"] for row in rows] == ["0", "100", "0", "23", "173", "123"]
    assert rows[1] | {"Why": ""} == {
        "Date": "2025-07-01", "Time": "19:00", "What happened": "Earned", "Points": "100", "Balance after it": "100",
        "Usable through": "2025-09-28", "Order number or reward": "third", "Source": "till-1", "Rule": "Purchase",
        "Amount that counted": "10000", "Program version": "1", "Why": "",
    }  # fmt: skip
    japanese = console.get(f"{MEMBERS}/{member}/history.csv?lang=ja").content.decode("utf-8-sig")
    assert japanese.startswith("日付,時刻,")


def test_a_cell_from_outside_is_no_formula(console, staffed):
    who = somebody()
    told = {"order_id": "=HYPERLINK(1)", "amount": 100, "currency": "JPY"}
    member = staffed[0].post(event("order.completed", who, told, source="@evil")).json()["member"]
    (row,) = rows_of(console.get(f"{MEMBERS}/{member}/history.csv"))
    assert (row["Order number or reward"], row["Source"], row["Points"]) == ("'=HYPERLINK(1)", "'@evil", "1")


def test_a_late_event_stands_where_it_happened_and_the_balances_still_meet(console, staffed):
    who = somebody()
    days = lambda n: (datetime.now(UTC) - timedelta(days=n)).strftime("%Y-%m-%dT%H:%M:%SZ")  # noqa: E731
    member = staffed[0].told(order(1_000, who, time=days(3)))[0]["member"]
    staffed[0].told(order(500, who, time=days(1)), order(700, who, time=days(2)))
    staffed[0].told(order(900, who, time=days(200)))  # its points have lapsed before it arrived
    page = is_page(console.get(f"{MEMBERS}/{member}"), 200)
    assert [points for points, _, _ in entries(page)] == ["+5 pt", "+7 pt", "+10 pt", f"{MINUS}9 pt", "+9 pt"]
    chain = [lines["Balance"].split(" → ") for _, lines, _ in entries(page)]
    assert (chain[0][1], chain[-1][0]) == ("22 pt", "0 pt")
    assert [after for _, after in chain[1:]] == [before for before, _ in chain[:-1]]


def test_a_long_history_pages_by_cursor_and_misses_nothing(console, staffed):
    who = somebody()
    for some in range(3):
        answers = staffed[0].told(
            *[order(100 * (some * 32 + n + 1), who, time=f"2026-0{some + 1}-01T00:00:{n:02}Z") for n in range(32)]
        )
    path = f"{MEMBERS}/{answers[0]['member']}"
    seen, pages, address = [], 0, path
    while address:
        page = is_page(console.get(address), 200)
        seen += [lines for points, lines, _ in entries(page) if points.startswith("+")]
        pages += 1
        following = re.search(r'rel="next" href="([^"]+)"', page)
        address = html.unescape(following[1]) if following else None
        assert not following or address.startswith(f"{path}?cursor=")
    assert pages == 4
    assert [lines["Points"] for lines in seen] == [f"+{n} pt" for n in range(96, 0, -1)]
    assert len(rows_of(console.get(f"{path}/history.csv?kind=earn"))) == 96


# Orders


def test_orders_and_redemptions_are_listed_with_what_they_moved(console, member):
    page = is_page(console.get(f"{MEMBERS}/{member}/orders"), 200)
    blocks = [text(one) for one in re.findall(r'<li class="order">.*?</li>', page, re.DOTALL)]
    assert [block.split()[0] for block in blocks] == ["R-1", "third", "R-1", "second", "first"]
    assert "refused" in blocks[0]
    assert "fewer than the 9999 asked for" in blocks[0]
    assert "¥12,345 +123 pt" in blocks[-1]
    assert "渋谷店" in blocks[-1]
    assert "2 items" in blocks[-1]
    assert "<b>basil" not in page
    assert len(re.findall('<li class="order">', console.get(f"{MEMBERS}/{member}/orders?type=order").text)) == 3
    assert len(re.findall('<li class="order">', console.get(f"{MEMBERS}/{member}/orders?type=redemption").text)) == 2
    is_page(console.get(f"{MEMBERS}/{member}/orders?type=gift"), 422)
    is_page(console.get(f"{MEMBERS}/{member}/orders?cursor=gift"), 422)


def order_links(console, member) -> list[str]:
    page = console.get(f"{MEMBERS}/{member}/orders").text
    return [html.unescape(one) for one in re.findall(r'class="order-name" href="([^"]+)"', page)]


def test_an_order_has_an_address_of_its_own(console, member):
    refused, third, redeemed, _, first = [text(is_page(console.get(one), 200)) for one in order_links(console, member)]
    for said in (
        "Order first",
        "¥12,345",
        "tomato & <b>basil</b>",
        "渋谷店",
        "rounded down",
        "Balance right after it 123 pt",
    ):
        assert said in first, said
    assert "Balance right after it 100 pt" in third
    assert "From points usable through 29 May 2025 −123 pt" in redeemed
    assert "fewer than the 9999 asked for" in refused
    assert "Nothing was taken." in refused


def test_an_entry_leads_to_its_order_and_a_lapse_to_none(console, member):
    for points, _, retold in entries(console.get(f"{MEMBERS}/{member}").text):
        way = re.search(r'class="entry-way" href="([^"]+)"', retold)
        assert bool(way) == (points not in (f"{MINUS}23 pt", f"{MINUS}100 pt"))
        if way:
            is_page(console.get(html.unescape(way[1])), 200)


def test_an_order_of_another_member_is_not_found(console, staffed, member):
    other = staffed[0].post(order(100)).json()["member"]
    for one in order_links(console, member):
        is_page(console.get(one.replace(member, other)), 404)
    for key in (NOBODY, "x", "%00", "1/2"):
        is_page(console.get(f"{MEMBERS}/{member}/orders/{key}"), 404)


# Notes


def note_form(page: str, action: str) -> dict[str, str]:
    (found,) = re.findall(rf'<form[^>]*action="{re.escape(action)}".*?</form>', page, re.DOTALL)
    return {
        html.unescape(name): html.unescape(value)
        for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', found)
    }


def bodies(page: str) -> list[str]:
    standing = page.partition('class="more notes-removed"')[0]
    return [html.unescape(one) for one in re.findall(r'<p class="note-body">(.*?)</p>', standing, re.DOTALL)]


@pytest.fixture
def noted(staffed) -> str:
    """The address of the notes of a new member."""
    return f"{MEMBERS}/{staffed[0].post(order(100)).json()['member']}/notes"


def test_a_note_is_written_removed_and_brought_back(console, staffed, noted):
    page = is_page(console.get(noted), 200)
    assert "No notes yet." in page
    answer = console.post(noted, data=note_form(page, noted) | {"body": "お電話\r\nありがとう <b>x</b>"})
    assert (answer.status_code, answer.headers["location"]) == (303, noted)
    page = is_page(console.get(noted), 200)
    assert bodies(page) == ["お電話\nありがとう <b>x</b>"]
    assert "<b>x</b>" not in page
    assert staffed[1] in page
    assert "お電話" in is_page(console.get(noted.removesuffix("/notes")), 200), (
        "the newest note is at hand on every tab"
    )
    (remove,) = re.findall(r'action="([^"]+/remove)"', page)
    gone = console.post(remove, data=note_form(page, remove))
    assert (gone.status_code, gone.headers["location"]) == (303, noted)
    page = is_page(console.get(noted), 200)
    assert bodies(page) == []
    undo = remove.replace("/remove", "/restore")
    assert undo in page
    assert console.post(undo, data=note_form(page.partition('class="more notes-removed"')[2], undo)).status_code == 303
    assert bodies(console.get(noted).text) == ["お電話\nありがとう <b>x</b>"]


def test_the_same_form_sent_twice_makes_one_note(console, noted):
    form = note_form(console.get(noted).text, noted) | {"body": "twice"}
    for _ in range(3):
        assert console.post(noted, data=form).status_code == 303
    assert bodies(console.get(noted).text) == ["twice"]
    again = note_form(console.get(noted).text, noted) | {"body": "twice"}
    console.post(noted, data=again)
    assert bodies(console.get(noted).text) == ["twice", "twice"], "a new form is a new note"


@pytest.mark.parametrize(("body", "said"), [("", "empty"), (" \r\n\u3000", "empty"), ("字" * 4_001, "4,001")])
def test_a_refused_note_keeps_what_was_typed(console, noted, body, said):
    form = note_form(console.get(noted).text, noted)
    page = is_page(console.post(noted, data=form | {"body": body}), 422)
    assert said in page
    assert 'aria-invalid="true"' in page
    kept = html.unescape(re.search(r'<textarea[^>]*name="body"[^>]*>\n?(.*?)</textarea>', page, re.DOTALL)[1])
    assert kept.strip() == body.strip()
    assert note_form(page, noted)["form"] == form["form"]
    answer = console.post(noted, data=note_form(page, noted) | {"body": "字" * 4_000})
    assert answer.status_code == 303
    assert bodies(console.get(noted).text) == ["字" * 4_000]


@pytest.mark.parametrize("token", [None, "", "wrong"])
def test_a_note_that_another_site_sent_is_not_written(console, noted, token):
    data = {"body": "forged", "form": "f"} | ({} if token is None else {"csrf": token})
    is_page(console.post(noted, data=data), 403)
    for path in ("/1/remove", "/1/restore"):
        is_page(console.post(noted + path, data=data), 403)
    assert bodies(console.get(noted).text) == []


def test_nobody_writes_without_signing_in(site, noted):
    with browser(site) as tab:
        for path in ("", "/1/remove", "/1/restore"):
            answer = tab.post(noted + path, data={"body": "x", "csrf": "x"})
            assert answer.status_code in (303, 401)
        for path in ("", "/orders", "/notes", "/identities", "/history.csv"):
            answer = tab.get(noted.removesuffix("/notes") + path)
            assert answer.headers["location"].startswith("/console/sign-in?next=")


def test_a_note_of_another_member_or_brand_is_not_found(site, console, staffed, noted):
    console.post(noted, data=note_form(console.get(noted).text, noted) | {"body": "mine"})
    page = console.get(noted).text
    (remove,) = re.findall(r'action="([^"]+/remove)"', page)
    csrf = note_form(page, remove)
    other = staffed[0].post(order(100)).json()["member"]
    number = remove.split("/")[-2]
    for member, note in ((other, number), (other, "0"), (NOBODY, number), ("x", number)):
        for what in ("remove", "restore"):
            is_page(console.post(f"{MEMBERS}/{member}/notes/{note}/{what}", data=csrf), 404)
    for note in ("-1", "x", "１", "9" * 30, "%00"):
        is_page(console.post(f"{noted}/{note}/remove", data=csrf), 404)
    assert bodies(console.get(noted).text) == ["mine"]
    shop, email = site.open_shop(), f"{uuid4().hex[:8]}@example.com"
    shop.owner(email)
    with browser(site) as tab:
        sign_in(tab, email)
        is_page(tab.get(noted), 404)


def test_notes_page_by_cursor(console, noted):
    for n in range(23):
        console.post(noted, data=note_form(console.get(noted).text, noted) | {"body": f"note {n}"})
    page = is_page(console.get(noted), 200)
    following = html.unescape(re.search(r'rel="next" href="([^"]+)"', page)[1])
    seen = bodies(page) + bodies(is_page(console.get(following), 200))
    assert seen == [f"note {n}" for n in reversed(range(23))]
    for cursor in ("x", "-1", "0", "9" * 30):
        is_page(console.get(f"{noted}?cursor={cursor}"), 422)


# Every tab


TABS = ("", "/orders", "/notes", "/identities")


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("lang", ["ja", "en"])
def test_every_tab_is_a_page_that_says_where_it_is(console, member, tab, lang):
    page = is_page(console.get(f"{MEMBERS}/{member}{tab}?lang={lang}"), 200, lang)
    assert re.findall(rf'<a href="{MEMBERS}/{member}([^"]*)" aria-current="page"', page) == [tab]
    levels = [int(level) for level in re.findall(r"<h([1-6])", page.partition("<main")[2])]
    assert levels[0] == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels)), levels
    assert levels.count(1) == 1


@pytest.mark.parametrize("tab", [*TABS, "/history.csv", f"/orders/{NOBODY}"])
def test_a_member_of_another_brand_is_not_found(site, member, tab):
    shop, email = site.open_shop(), f"{uuid4().hex[:8]}@example.com"
    shop.owner(email)
    with browser(site, accept_language="en") as other:
        sign_in(other, email)
        page = is_page(other.get(f"{MEMBERS}/{member}{tab}"), 404, "en")
        assert heading(page).startswith("There is no")


def test_a_member_with_a_hostile_name_is_only_text(console, staffed):
    member = enrol(
        staffed[0],
        Profile("<script>alert(1)</script>", '"><img src=x>'),
        Identity("email", f"{uuid4().hex}@example.com"),
    )
    for tab in TABS:
        page = is_page(console.get(f"{MEMBERS}/{member}{tab}"), 200)
        assert "<script>alert" not in page
        assert "<img" not in page


def test_identities_say_since_when_where_that_is_known(console, staffed):
    email = f"{uuid4().hex}@example.com"
    member = enrol(staffed[0], Profile("花子"), Identity("email", email))
    page = text(is_page(console.get(f"{MEMBERS}/{member}/identities"), 200))
    assert email in page
    assert len(re.findall("(?<!Member )since ", page)) == 3, (
        "the number that enrolled, the card, the member number; not the address"
    )
