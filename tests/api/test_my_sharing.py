"""Sharing points on My Page over plain HTTP: gifts, families and groups, as two people with a browser each do it."""

import html
import re
from uuid import uuid4

import httpx
import pytest

from api.served import Shop, Site, event, order
from api.test_my_page import tab_of, text_of, token
from kizuna.members import GUESSES_PER_HOUR_MAX
from road import GROCER

PROGRAM = GROCER.replace(
    "redemption:", "transfers: {minimum: 5, maximum: 500}\npools: {members_max: 3}\nredemption:", 1
)


@pytest.fixture(scope="module")
def shop(site: Site) -> Shop:
    return site.open_shop(PROGRAM)


def person(shop: Shop, name: str = "", kana: str = "", amount: int = 100_000) -> tuple[str, str]:
    """Enrol somebody with points and a name; return an address of theirs and their id."""
    email = f"{uuid4().hex[:10]}@example.jp"
    told = [order(amount, f"email:{email}")]
    if name:
        told.insert(0, event("member.enrolled", f"email:{email}", {"profile": {"name": name, "name_kana": kana}}))
    return email, shop.told(*told)[0]["member"]


def field(page: str, name: str) -> str:
    return html.unescape(re.search(rf'name="{name}" value="([^"]*)"', page)[1])


def send(tab: httpx.Client, path: str, page: str, **form: str) -> httpx.Response:
    return tab.post(path, data={"csrf": token(page)} | form)


def balance(shop: Shop, member: str) -> int:
    return shop.member(member)["balance"]


def ask(tab: httpx.Client, to: str, points: str = "100", note: str = "") -> httpx.Response:
    return send(tab, "/my/give", tab.get("/my/give").text, to=to, points=points, note=note)


def test_points_are_given_once_after_a_question(site, shop):
    (_, giver), (email, taker) = person(shop), person(shop, "山田 花子", "やまだ はなこ", 1_000)
    before, had = balance(shop, giver), balance(shop, taker)
    with tab_of(site, shop, giver) as tab:
        assert "/my/give" in tab.get("/my").text
        form = tab.get("/my/give")
        assert "5pt〜500pt" in text_of(form)
        question = send(tab, "/my/give", form.text, to=email, points="１００", note="おめでとう")
        words = text_of(question)
        assert "ハ●コ" in words
        assert "花子" not in words
        assert "おめでとう" in words
        assert f"{before - 100:,}" in words
        assert balance(shop, giver) == before, "nothing goes before the question is answered"
        gift = field(question.text, "gift")
        answers = [send(tab, "/my/give/send", question.text, gift=gift) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [303, 303]
        assert f"{before - 100:,}" in text_of(tab.get(answers[0].headers["location"]))
        again = send(tab, "/my/give", question.text, to=email, points="100", edit="1")
        assert field(again.text, "to") == email if 'name="to" value' in again.text else email in again.text
    assert (balance(shop, giver), balance(shop, taker)) == (before - 100, had + 100)
    with tab_of(site, shop, taker) as tab:
        answer = send(tab, "/my/give/send", tab.get("/my/settings").text, gift=gift)
        assert answer.status_code == 403, "a gift is the giver's to send"


def test_what_is_wrong_stands_at_its_field_and_nothing_goes(site, shop):
    (own, giver), (email, _) = person(shop), person(shop)
    card = shop.sql("SELECT value FROM identity WHERE kind = 'card' AND member_id = $1::uuid", giver)[0]["value"]
    before = balance(shop, giver)
    with tab_of(site, shop, giver) as tab:
        tab.cookies.set("kizuna_lang", "en")
        for to, points, said in (
            ("", "100", "still empty"),
            (email, "", "still empty"),
            (email, "viele", "not a whole number"),
            (email, "4", "between 5 and 500"),
            (email, "501", "between 5 and 500"),
            ("nobody@example.jp", "100", "cannot be given"),
            ("9000000000000001", "100", "cannot be given"),
            (own, "100", "cannot be given"),
            (card, "100", "cannot be given"),
        ):
            answer = ask(tab, to, points)
            assert said in text_of(answer, 422), (to, points)
            assert 'aria-invalid="true"' in answer.text
        assert "Shorten it" in text_of(ask(tab, email, "100", "x" * 101), 422)
    assert balance(shop, giver) == before


def test_nobody_finds_members_by_trying(site, shop):
    (_, giver), (email, _) = person(shop), person(shop)
    with tab_of(site, shop, giver) as tab:
        tab.cookies.set("kizuna_lang", "en")
        for n in range(GUESSES_PER_HOUR_MAX):
            text_of(ask(tab, f"guess-{n}@example.jp"), 422)
        assert "within this hour" in text_of(ask(tab, email), 422)


def test_what_was_spent_meanwhile_is_said_kindly(site, shop):
    (_, giver), (email, _) = person(shop, amount=20_000), person(shop)
    with tab_of(site, shop, giver) as tab:
        question = ask(tab, email, "150")
        shop.told(event("redemption.requested", f"member:{giver}", {"points": 100}))
        answer = send(tab, "/my/give/send", question.text, gift=field(question.text, "gift"))
        text_of(answer, 409)
        assert 'role="alert"' in answer.text


def test_a_family_is_formed_joined_and_left(site, shop):
    (_, head), (_, guest), (_, other) = person(shop, "山田 太郎", "やまだ たろう"), person(shop), person(shop)
    together = balance(shop, head) + balance(shop, guest)
    with tab_of(site, shop, head) as tab, tab_of(site, shop, guest) as second, tab_of(site, shop, other) as third:
        assert "/my/family/open" in tab.get("/my/family").text
        form = tab.get("/my/family/open").text
        assert "山田家" in form
        once = field(form, "once")
        for _ in range(2):
            answer = send(tab, "/my/family/open", form, once=once, name="山田家", kind="household")
            assert (answer.status_code, answer.headers["location"]) == (303, "/my/family?done=opened")
        page = tab.get("/my/family").text
        made = [send(tab, "/my/family/invite", page, once=field(page, "once")) for _ in range(2)]
        invitation = tab.get(made[0].headers["location"]).text
        code = re.search(r"invitation-code[^>]*>([^<]+)<", invitation)[1]
        assert code in tab.get(made[1].headers["location"]).text, "one form makes one invitation"
        assert "<svg" in invitation
        shop.sql("UPDATE pool_invitation SET expires_at = '2099-03-04T05:00:00Z' WHERE used_by IS NULL")
        assert "2099年3月4日" in text_of(tab.get(made[0].headers["location"])), "the day is the invitation's own"
        wrong = send(second, "/my/family/code", second.get("/my/family/join").text, code="AAAAA-AAAAA")
        text_of(wrong, 422)
        found = send(second, "/my/family/code", second.get("/my/family/join").text, code=f" {code.lower()} ")
        question = second.get(found.headers["location"])
        assert "タ●ウ" in text_of(question)
        assert "太郎" not in question.text
        link = field(question.text, "invitation")
        for _ in range(2):
            answer = send(second, "/my/family/join", question.text, invitation=link)
            assert answer.headers["location"] == "/my/family?done=joined"
        text_of(send(third, "/my/family/join", third.get("/my/settings").text, invitation=link), 409)
        used = tab.get(made[0].headers["location"])
        assert code not in text_of(used, 409), "a used invitation is not handed on"
        assert f"{together:,}" in text_of(second.get("/my/family"))
        assert second.get(f"/my/family/people/{head}").status_code == 404, "only the head decides"
        place = f"/my/family/people/{guest}"
        shown = tab.get(place).text
        assert send(tab, place, shown, once="a", do="deny").headers["location"] == "/my/family?done=denied"
        asked = second.get("/my/family/leave")
        left = send(
            second, "/my/family/leave", asked.text, once=field(asked.text, "once"), pool=field(asked.text, "pool")
        )
        assert left.headers["location"] == "/my/family?done=left"
        text_of(tab.get(place), 404)
        assert "/my/family/open" in second.get("/my/family").text


def test_the_head_takes_somebody_out(site, shop):
    (_, head), (_, guest) = person(shop), person(shop)
    with tab_of(site, shop, head) as tab, tab_of(site, shop, guest) as second:
        form = tab.get("/my/family/open").text
        send(tab, "/my/family/open", form, once="o", name="仲間", kind="organisation")
        made = send(tab, "/my/family/invite", tab.get("/my/family").text, once="i")
        link = made.headers["location"].rpartition("/")[2]
        send(second, "/my/family/join", second.get(f"/my/family/join/{link}").text, invitation=link)
        place = f"/my/family/people/{guest}"
        assert (
            send(tab, place, tab.get(place).text, once="r", do="remove").headers["location"]
            == "/my/family?done=removed"
        )
        assert "/my/family/open" in second.get("/my/family").text


def test_only_what_the_program_has_is_shown(site):
    plain = site.open_shop()
    _, member = person(plain)
    with tab_of(site, plain, member) as tab:
        home = tab.get("/my").text
        assert "/my/give" not in home
        assert "/my/family" not in home
        for path in ("/my/give", "/my/family", "/my/family/open", "/my/family/join", "/my/family/join/forged"):
            text_of(tab.get(path), 404)
