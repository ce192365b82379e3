"""The live feed over real HTTP: who hears it, what it says, how it goes on after a break, and that it ends."""

import html
import json
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import httpx
import pytest

from api.served import JAPANESE, PASSWORD, TLS, Shop, Site, get, order, redemption, served, somebody

EMAIL = "live-{}@example.com"


class Ear:
    """Reads one stream, event by event."""

    def __init__(self, stream: httpx.Response) -> None:
        self.stream = stream
        self._lines = stream.iter_lines()
        self.id: str | None = None
        self.retry: str | None = None

    def next(self) -> tuple[str, dict] | None:
        """The next event with its data; None when the stream has ended."""
        name, data = "", ""
        for line in self._lines:
            field, _, value = line.partition(": ")
            if field == "event":
                name = value
            elif field == "data":
                data = value
            elif field == "id":
                self.id = value
            elif field == "retry":
                self.retry = value
            elif not line and name:
                return name, json.loads(data)
        return None

    def wait_for(self, wanted: str) -> dict:
        """The next event of a name."""
        while (found := self.next()) is not None:
            if found[0] == wanted:
                return found[1]
        raise AssertionError(f"the stream ended without {wanted}")


@contextmanager
def signed_in(site: Site, shop: Shop, **headers: str) -> Iterator[httpx.Client]:
    """A browser tab of the shop's owner."""
    email = EMAIL.format(shop.brand.slug)
    if not shop.platform_sql("SELECT 1 FROM console_user WHERE email = $1", email):
        shop.owner(email)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with httpx.Client(base_url=site.url, headers=named, verify=TLS, timeout=20) as tab:
        answer = tab.post("/console/sign-in", data={"email": email, "password": PASSWORD, "csrf": token_of(tab)})
        assert answer.status_code == 303
        yield tab


def token_of(tab: httpx.Client) -> str:
    """Open the sign-in and return the token of its form."""
    return html.unescape(re.search(r'name="csrf" value="([^"]+)"', tab.get("/console/sign-in").text)[1])


def words_of(line: dict) -> set[str]:
    """The words and figures of a line, each by itself."""
    text = html.unescape(re.sub(r"<[^>]+>", " ", line["html"]))
    return set(re.findall(r"[+−¥]?[\d,]+|\w+", text))


@contextmanager
def listening(tab: httpx.Client, after: str | None = None) -> Iterator[Ear]:
    headers = {"last-event-id": after} if after else {}
    with tab.stream("GET", "/console/live", headers=headers) as stream:
        assert stream.status_code == 200
        yield Ear(stream)


@pytest.fixture
def own_shop(site: Site) -> Shop:
    return site.open_shop()


def test_a_stranger_is_refused_in_the_form_that_was_asked_for(site):
    answer = get(f"{site.url}/console/live")
    assert answer.status_code == 401
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert "event: refused" in answer.text


def test_what_happens_is_told_in_the_listener_s_language(site, own_shop):
    who = somebody()
    with signed_in(site, own_shop, accept_language="ja") as tab, listening(tab) as ear:
        headers = ear.stream.headers
        assert (headers["cache-control"], headers["x-accel-buffering"]) == ("no-store", "no")
        assert "content-encoding" not in headers
        assert ear.wait_for("pulse")["members"] == 0
        assert ear.retry == "3000"
        own_shop.told(order(12_300, who))
        joined, bought = ear.wait_for("line"), ear.wait_for("line")
        assert joined["key"] == f"{bought['key']}-join"
        assert {"¥12,300", "+123"} <= words_of(bought)
        assert JAPANESE.search(bought["html"])
        path = re.search(r'href="([^"]+)"', bought["html"])[1]
        assert tab.get(path).status_code == 200
        own_shop.told(redemption(900, who))
        own_shop.told(redemption(100, who))
        assert "−100" in words_of(ear.wait_for("line"))


def test_operations_are_told_with_what_they_were_asked_for(site, own_shop):
    who = somebody()
    own_shop.told(order(10_000, who))

    def ask(path: str, key: str, body: dict) -> dict:
        return own_shop.client.post(f"/v1/{path}", json=body, headers={"idempotency-key": key}).json()

    with signed_in(site, own_shop, accept_language="en") as tab, listening(tab) as ear:
        ear.wait_for("pulse")
        hold = ask("holds", "1", {"member": who, "points": 60})["hold"]
        placed = words_of(ear.wait_for("line"))
        assert {"Set", "aside", "−60"} <= placed
        ask(f"holds/{hold}/confirm", "2", {"points": 45})
        confirmed = words_of(ear.wait_for("line"))
        assert {"Redeemed", "45"} <= confirmed
        ask(f"redemptions/{hold}/void", "3", {})
        assert {"undone", "+45"} <= words_of(ear.wait_for("line"))
        member = own_shop.member(who)["id"]
        history = tab.get(f"/console/members/{member}")
        assert "of those set aside were redeemed" in history.text
        narrowed = tab.get(f"/console/members/{member}?kind=hold")
        assert "were set aside for a payment" in narrowed.text
        for type_ in ("", "redemption"):
            assert tab.get(f"/console/members/{member}/orders?type={type_}").status_code == 200
        assert "Points redeemed after a hold" in tab.get(f"/console/members/{member}/orders").text


def test_who_comes_back_hears_what_was_missed_once(site, own_shop):
    with signed_in(site, own_shop, accept_language="en") as tab:
        with listening(tab) as ear:
            ear.wait_for("pulse")
            own_shop.told(order(100))
            first = [ear.wait_for("line")["key"], ear.wait_for("line")["key"]]
            place = ear.id
        own_shop.told(order(200))
        own_shop.told(order(300))
        with listening(tab, after=place) as ear:
            missed = [ear.wait_for("line") for _ in range(4)]
            assert ["¥200" in words_of(missed[1]), "¥300" in words_of(missed[3])] == [True, True]
            assert not set(first) & {line["key"] for line in missed}
            own_shop.told(order(400))
            ear.wait_for("line")
            assert "¥400" in words_of(ear.wait_for("line"))


@pytest.mark.parametrize("place", ["x", "1", "1-2-3", "-", "9" * 40 + "-1"])
def test_a_place_that_is_not_ours_begins_with_now(site, own_shop, place):
    own_shop.told(order(100))
    with signed_in(site, own_shop) as tab, listening(tab, after=place) as ear:
        assert ear.next()[0] == "pulse"


def test_of_very_many_events_the_newest_are_told_and_all_are_counted(site, own_shop):
    with signed_in(site, own_shop) as tab, listening(tab) as ear:
        ear.wait_for("pulse")
        own_shop.told(*[order(n + 1) for n in range(300)])
        lines, rate = [], 0
        while not rate:
            name, data = ear.next()
            if name == "line":
                lines.append(data)
            else:
                rate = data["rate"]
        assert 0 < len(lines) <= 40
        assert rate == 30


def test_the_stream_ends_with_the_session(site, own_shop):
    with signed_in(site, own_shop) as tab, listening(tab) as ear:
        ear.wait_for("pulse")
        ended = "DELETE FROM console_session USING console_user u WHERE u.user_id = console_session.user_id AND u.email = $1"
        own_shop.platform_sql(ended, EMAIL.format(own_shop.brand.slug))
        assert ear.wait_for("over") == {"sign_in": "/console/sign-in"}
        assert ear.next() is None


def test_the_overview_answers_whatever_is_asked(site, own_shop):
    with signed_in(site, own_shop, accept_language="ja") as tab:
        for days in ("30", "90", "365", "", "0", "-1", "x", "９０", "9" * 300, "%00"):
            assert tab.get(f"/console/overview?days={days}").status_code == 200, days
    bare = site.open_shop(None)
    with signed_in(site, bare, accept_language="ja") as tab:
        answer = tab.get("/console/overview", follow_redirects=True)
        assert answer.status_code == 200
        assert answer.url.path.startswith("/console/start")


def test_a_server_that_stops_does_not_wait_for_listeners(server, tmp_path):
    with ExitStack() as open_ones:
        with served(server, tmp_path) as site:
            tab = open_ones.enter_context(signed_in(site, site.open_shop()))
            for _ in range(3):
                open_ones.enter_context(listening(tab)).wait_for("pulse")
            began = time.monotonic()
        assert time.monotonic() - began < 5
