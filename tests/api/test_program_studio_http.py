"""The program studio over HTTP, without script: drafts, forms and texts, two people at once, going back, and publishing."""

import html
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from operator import attrgetter
from uuid import uuid4

import httpx
import pytest
import yaml

from api.desk import csrf_of, new_shop, sign_in, tab_of
from api.served import PASSWORD, Shop, Site, hours_ago, order, run_on, somebody
from kizuna.program import Program, parse
from kizuna.publishing import read_draft, versions
from kizuna.runtime.access import create_owner

PROGRAM = "/console/program"
DRAFT = f"{PROGRAM}/draft"
NESTED = {
    "any": [
        {"fact": "event.channel", "is": "equals", "value": "app"},
        {"not": {"fact": "time.is_holiday", "is": "equals", "value": True}},
    ]
}
RICH = """
program: 1
name: {ja: 絆プログラム, en: Kizuna Program}
units:
  - {id: points, name: {ja: ポイント, en: points}, expiry: {after_days: 365}, worth: {points: 1, amount: 1}}
  - {id: stamps, name: {ja: スタンプ, en: stamps}, kind: stamps, expiry: {end_of: year, later: 1}}
  - {id: gift, name: {ja: ギフトカード, en: gift card}, kind: money, expiry: never}
purposes:
  - {id: cafe, name: {ja: カフェ, en: Café}, stores: ["渋谷", "shop, ueno"]}
segments:
  - {id: regulars, name: {ja: 常連, en: Regulars}, condition: {fact: member.orders, is: at_least, value: 10}}
tiers:
  by: spend
  window: rolling
  months: 6
  grace_days: 14
  levels:
    - {id: regular, name: {ja: レギュラー, en: Regular}, at: 0}
    - {id: silver, name: {ja: シルバー, en: Silver}, at: 30000, benefits: [{ja: 送料無料, en: Free shipping}]}
groups:
  - {id: bonus, name: {ja: ボーナス, en: Bonus}, keeps: best}
earning_rules:
  - id: purchase
    name: {ja: お買い物, en: Purchase}
    event: order.completed
    unit: points
    award: {points: 1, per: 100, basis: {tax: excluded}, by_tier: {silver: {times: 3, over: 2}}}
  - id: visit
    name: {ja: 来店スタンプ, en: Stamp for a visit}
    event: order.completed
    unit: stamps
    award: {stamps: 1}
    limits: [{per: member, within: day, times: 1}]
campaigns:
  - id: autumn
    name: {ja: 秋祭り, en: Autumn}
    event: order.completed
    unit: points
    award: {fixed: 100}
    goods: {category: [coffee, "tea, green"], but_not: {sku: [X-1]}}
    condition:
      all:
        - {fact: order.amount, is: at_least, value: 3000}
        - {fact: time.weekday, is: one_of, value: [saturday, sunday]}
        - {segment: regulars}
        - any:
            - {fact: event.channel, is: equals, value: app}
            - not: {fact: time.is_holiday, is: equals, value: true}
    goal: {streak: 3, of: week, repeats: true}
    lot: {expiry: {on: 2030-03-31}, only_for: cafe}
    group: bonus
    priority: 5
    starts: 2026-01-01
    ends: 2030-12-31
    audience: {fact: member.tier, is: equals, value: silver}
    budget: {points: 500000}
    holdout_percent: 10
returns: {spent: write_off, grace_days: 14}
holds: {minutes: 45, minutes_max: 2880}
transfers: {minimum: 50, maximum: 2000, between: pool}
pools: {members_max: 4}
charities:
  - {id: forest, name: {ja: 森の基金, en: Forest fund}}
adjustments:
  reasons:
    - {id: apology, name: {ja: お詫び, en: Apology}}
  approval_above: 1000
"""


@pytest.fixture(scope="module")
def desk(site: Site) -> tuple[Shop, str]:
    shop, email = new_shop(site)
    shop.publish(RICH)
    return shop, email


@contextmanager
def entered(site: Site, email: str) -> Iterator[httpx.Client]:
    tab = tab_of(site)
    sign_in(tab, email)
    yield tab
    tab.close()


def fields_of(page: str, form: str = "part") -> dict[str, str]:
    """Return what a browser would send of a form as it stands."""
    body = re.search(rf'<form[^>]*id="{form}".*?</form>', page, re.DOTALL)[0]
    found: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", body):
        told = {name: html.unescape(value) for name, value in re.findall(r'([a-z-]+)="([^"]*)"', tag)}
        if "name" in told and (told.get("type") not in ("radio", "checkbox") or tag.rstrip(">").endswith("checked")):
            found[told["name"]] = told.get("value", "")
    for name, text in re.findall(r'<textarea[^>]*?name="([^"]+)"[^>]*>(.*?)</textarea>', body, re.DOTALL):
        found[name] = html.unescape(text.removeprefix("\n"))
    for name, options in re.findall(r'<select[^>]*?name="([^"]+)"[^>]*>(.*?)</select>', body, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options) or re.search(
            r'<option value="([^"]*)"', options
        )
        found[name] = html.unescape(chosen[1]) if chosen else ""
    return found


def begin(tab: httpx.Client, **fields: str) -> httpx.Response:
    return tab.post(DRAFT, data={"csrf": csrf_of(tab.get(PROGRAM).text)} | fields)


def drafted(shop: Shop) -> Program | None:
    async def story(db):
        async with db.lend(shop.brand.schema) as conn:
            return await read_draft(conn)

    found = run_on(shop.server, story)
    return found.document if found else None


def save(tab: httpx.Client, part: str, **changes: str) -> httpx.Response:
    fields = fields_of(tab.get(f"{DRAFT}/{part}").text)
    return tab.post(f"{DRAFT}/{part}", data=fields | {"do": "save"} | changes)


@pytest.fixture
def tab(site: Site, desk: tuple[Shop, str]):
    """A desk with a draft of the newest version, thrown away afterwards."""
    _, email = desk
    with entered(site, email) as client:
        assert begin(client).headers["location"] == DRAFT
        yield client
        client.post(f"{DRAFT}/discard", data={"csrf": csrf_of(client.get(PROGRAM).text)})


PARTS = [
    "campaigns/autumn", "rules/purchase", "rules/visit", "units/points", "units/stamps", "purposes/cafe", "segments/regulars",
    "groups/bonus", "tiers/all", "spending/all", "basics/all", "units/gift", "operations/all", "charities/forest",
    "reasons/apology",
]  # fmt: skip


@pytest.mark.parametrize("part", PARTS)
def test_a_form_that_is_saved_as_it_stands_changes_nothing(tab, desk, part):
    before = drafted(desk[0])
    assert save(tab, part).status_code == 303
    assert drafted(desk[0]) == before


def test_what_a_form_cannot_show_outlives_a_change_beside_it(tab, desk):
    page = tab.get(f"{DRAFT}/campaigns/autumn").text
    assert "テキストに書かれたとおりに残ります。" in page
    assert (
        save(
            tab, "campaigns/autumn", **{"condition.0.value": "5,000", "goods.category": 'coffee, "tea, green", cocoa'}
        ).status_code
        == 303
    )
    campaign = drafted(desk[0]).model_dump(mode="json", exclude_defaults=True)["campaigns"][0]
    assert campaign["condition"]["all"][0]["value"] == 5_000
    assert campaign["condition"]["all"][3] == NESTED
    assert campaign["goods"]["category"] == ["coffee", "tea, green", "cocoa"]
    assert campaign["goal"] == {"streak": 3, "of": "week", "repeats": True}


def test_form_and_text_say_the_same(tab, desk):
    page = tab.get(f"{DRAFT}/text").text
    text = fields_of(page, "text-form")["document"]
    assert parse(text) == drafted(desk[0])
    changed = text.replace("value: 3000", "value: 4000")
    answer = tab.post(f"{DRAFT}/text", data=fields_of(page, "text-form") | {"document": changed})
    assert answer.status_code == 303
    assert fields_of(tab.get(f"{DRAFT}/campaigns/autumn").text)["condition.0.value"] == "4,000"


def test_a_text_that_is_wrong_is_refused_with_its_places_and_comes_back(tab, desk):
    page, before = tab.get(f"{DRAFT}/text").text, drafted(desk[0])
    wrong = (
        fields_of(page, "text-form")["document"]
        .replace("fixed: 100", "fixed: many")
        .replace("group: bonus", "group: bonnus")
    )
    answer = tab.post(f"{DRAFT}/text", data=fields_of(page, "text-form") | {"document": wrong})
    assert answer.status_code == 422
    assert "campaigns.0.award.fixed" in answer.text
    assert "fixed: many" in answer.text
    assert drafted(desk[0]) == before


def test_a_form_that_is_wrong_says_so_under_its_fields_and_keeps_what_was_typed(tab, desk):
    before = drafted(desk[0])
    answer = save(
        tab,
        "campaigns/autumn",
        **{"name.ja": "", "name.en": "", "ends": "来年", "condition.0.value": "三千", "budget.points": "0"},
    )
    assert answer.status_code == 422
    shown = fields_of(answer.text)
    assert (shown["ends"], shown["condition.0.value"]) == ("来年", "三千")
    assert answer.text.count("field-error") >= 4
    assert drafted(desk[0]) == before


def test_what_the_document_refuses_stands_under_the_field_that_it_is_about(tab, desk):
    answer = save(tab, "campaigns/autumn", starts="2030-12-31", ends="2026-01-01")
    assert answer.status_code == 422
    assert re.search(r'id="(ends|starts)-error"', answer.text)
    money = save(tab, "units/points", **{"worth.points": "", "worth.amount": ""})
    assert money.status_code == 303  # nothing asks for it
    assert save(tab, "campaigns/autumn", **{"budget.kind": "amount", "budget.amount": "1000"}).status_code == 422


def test_how_points_are_held_given_and_approved_is_taken_as_typed(tab, desk):
    typed = {
        "holds.minutes": "２", "holds.minutes.in": "hour", "holds.minutes_max": "3", "holds.minutes_max.in": "day",
        "transfers.mode": "anybody", "transfers.minimum": "1", "transfers.maximum": "", "pools.mode": "",
        "adjustments.mode": "every",
    }  # fmt: skip
    assert save(tab, "operations/all", **typed).status_code == 303
    made = drafted(desk[0])
    assert (made.holds.minutes, made.holds.minutes_max) == (120, 4_320)
    assert (made.transfers.minimum, made.transfers.maximum, made.transfers.between) == (1, None, "anybody")
    assert made.pools is None
    assert [one.id for one in made.adjustments.reasons] == ["apology"]
    assert made.adjustments.approval_above == 0
    assert save(tab, "operations/all", **{"transfers.mode": "", "adjustments.mode": ""}).status_code == 303
    assert (drafted(desk[0]).transfers, drafted(desk[0]).adjustments.approval_above) == (None, None)
    shown = fields_of(tab.get(f"{DRAFT}/operations/all").text)
    assert (shown["holds.minutes"], shown["holds.minutes.in"], shown["transfers.mode"]) == ("2", "hour", "")


def test_what_contradicts_itself_in_holds_and_transfers_stands_under_its_field(tab, desk):
    before = drafted(desk[0])
    for field, typed in (
        ("holds.minutes", {"holds.minutes": "4", "holds.minutes.in": "day"}),
        ("holds.minutes_max", {"holds.minutes_max": "31", "holds.minutes_max.in": "day"}),
        ("transfers.mode", {"pools.mode": ""}),
        ("transfers.maximum", {"transfers.maximum": "10"}),
        ("pools.members_max", {"pools.members_max": "1"}),
        ("adjustments.approval_above", {"adjustments.approval_above": "三千"}),
    ):
        answer = save(tab, "operations/all", **typed)
        assert answer.status_code == 422
        assert f'id="{field}-error"' in answer.text, field
    assert drafted(desk[0]) == before


@pytest.mark.parametrize(("kind", "listed"), [("charities", "charities"), ("reasons", "adjustments.reasons")])
def test_charities_and_reasons_are_added_moved_and_deleted(tab, desk, kind, listed):
    def there():
        return [one.id for one in attrgetter(listed)(drafted(desk[0]))]

    begun = there()
    assert save(tab, f"{kind}/new", **{"name.ja": "合併", "name.en": "Merge"}).status_code == 303
    added = there()[-1]
    assert there() == [*begun, added]
    assert added == ("merge" if kind == "charities" else "merge-2")  # the books' own reason is not taken
    assert "合併" in tab.get(DRAFT).text
    token = csrf_of(tab.get(DRAFT).text)
    tab.post(f"{DRAFT}/{kind}/{added}/up", data={"csrf": token})
    assert there() == [added, *begun]
    tab.post(f"{DRAFT}/{kind}/{added}/copy", data={"csrf": token})
    assert len(there()) == 3
    for one in there():
        tab.post(f"{DRAFT}/{kind}/{one}/delete", data={"csrf": token})
    assert there() == []
    assert "寄付先を追加" in tab.get(DRAFT).text


def test_money_is_no_points_that_a_rule_can_give(tab):
    page = tab.get(f"{DRAFT}/rules/purchase").text
    assert '<option value="stamps"' in page
    assert '<option value="gift"' not in page
    refused = save(tab, "units/gift", **{"worth.points": "1", "worth.amount": "2"})
    assert refused.status_code == 422
    assert 'id="worth.points-error"' in refused.text


def test_rows_come_and_go_without_script(tab, desk):
    at = f"{DRAFT}/campaigns/autumn"
    fields = fields_of(tab.get(at).text)
    more = tab.post(at, data=fields | {"do": "add:condition:member.is_birthday_month"})
    assert more.status_code == 200
    fields = fields_of(more.text)
    assert fields["condition.4.fact"] == "member.is_birthday_month"
    fewer = fields_of(tab.post(at, data=fields | {"do": "drop:condition:1"}).text)
    assert fewer["condition.rows"] == "4"
    assert tab.post(at, data=fewer | {"do": "save"}).status_code == 303
    kept = drafted(desk[0]).model_dump(mode="json", exclude_defaults=True)["campaigns"][0]["condition"]["all"]
    assert [one.get("fact") for one in kept] == ["order.amount", None, None, "member.is_birthday_month"]
    assert kept[2] == NESTED


def test_two_people_at_different_parts_are_not_in_each_others_way(site, tab, desk):
    shop, _ = desk
    ken = f"{uuid4().hex[:8]}@example.com"
    run_on(shop.server, lambda db: create_owner(db, shop.brand.slug, ken, PASSWORD))
    with entered(site, ken) as other:
        mine, theirs = tab.get(f"{DRAFT}/rules/visit").text, other.get(f"{DRAFT}/groups/bonus").text
        same = other.get(f"{DRAFT}/rules/visit").text
        assert (
            other.post(f"{DRAFT}/groups/bonus", data=fields_of(theirs) | {"keeps": "first", "do": "save"}).status_code
            == 303
        )
        assert (
            tab.post(f"{DRAFT}/rules/visit", data=fields_of(mine) | {"award.stamps": "2", "do": "save"}).status_code
            == 303
        )
        late = other.post(f"{DRAFT}/rules/visit", data=fields_of(same) | {"award.stamps": "5", "do": "save"})
        assert late.status_code == 409
        assert "スタンプ2個" in late.text.replace("\xa0", "")  # what the first one made of it
        shown = fields_of(late.text)
        assert shown["award.stamps"] == "5"
        assert other.post(f"{DRAFT}/rules/visit", data=shown | {"do": "save"}).status_code == 303
    found = drafted(shop)
    assert (found.groups[0].keeps.value, found.earning_rules[1].award.stamps) == ("first", 5)


def test_a_part_is_duplicated_moved_and_deleted_and_brought_back(tab, desk):
    token = {"csrf": csrf_of(tab.get(DRAFT).text)}
    assert tab.post(f"{DRAFT}/campaigns/autumn/copy", data=token).status_code == 303
    copy = drafted(desk[0]).campaigns[1]
    assert (copy.id, copy.name.ja) == ("autumn-2", "秋祭り（コピー）")
    tab.post(f"{DRAFT}/campaigns/autumn-2/up", data=token)
    assert [one.id for one in drafted(desk[0]).campaigns] == ["autumn-2", "autumn"]
    gone = tab.post(f"{DRAFT}/campaigns/autumn/delete", data=token)
    assert [one.id for one in drafted(desk[0]).campaigns] == ["autumn-2"]
    page = tab.get(gone.headers["location"]).text
    seen = html.unescape(
        re.search(r'action="/console/program/draft/undo">.*?name="seen" value="([^"]+)"', page, re.DOTALL)[1]
    )
    assert tab.post(f"{DRAFT}/undo", data=token | {"seen": seen}).status_code == 303
    assert [one.id for one in drafted(desk[0]).campaigns] == ["autumn-2", "autumn"]


def test_what_others_speak_of_cannot_be_deleted_and_the_reason_is_told(tab, desk):
    token = {"csrf": csrf_of(tab.get(DRAFT).text)}
    answer = tab.post(f"{DRAFT}/segments/regulars/delete", data=token)
    assert answer.status_code == 409
    assert "「常連」は削除できません。" in answer.text
    assert len(drafted(desk[0]).segments) == 1


def test_the_tester_decides_by_the_draft_and_by_what_is_in_force_and_writes_nothing(tab, desk):
    shop, _ = desk
    who = somebody()
    member = shop.told(order(40_000, who, time=hours_ago(0)))[0]["member"]
    save(tab, "rules/purchase", **{"award.points": "3"})
    before = (
        shop.sql("SELECT count(*) FROM entry")[0][0],
        shop.sql("SELECT memory FROM account WHERE member_id = $1::uuid", member),
    )
    asked = {
        "event": "order.completed",
        "who": "imagined",
        "tier": "regular",
        "orders": "0",
        "days_since": "7",
        "day": "2026-11-23",
        "amount": "2,000",
    }
    page = tab.get(f"{DRAFT}/try", params=asked).text
    assert re.search(r"try-sum[^>]*>60", page)
    assert "適用中のバージョン2では20" in re.sub(r"<[^>]+>", "", page)
    assert "対象の商品がありません。" in page
    real = tab.get(f"{DRAFT}/try", params=asked | {"who": "member", "member": member}).text
    assert re.search(r"try-sum[^>]*>90", real)  # Silver by now: ×1.5
    assert (
        "に当てはまる会員はいません"
        in tab.get(f"{DRAFT}/try", params=asked | {"who": "member", "member": "誰もいない"}).text
    )
    assert before == (
        shop.sql("SELECT count(*) FROM entry")[0][0],
        shop.sql("SELECT memory FROM account WHERE member_id = $1::uuid", member),
    )


def test_nothing_changed_is_nothing_to_publish(tab):
    page = tab.get(f"{DRAFT}/review").text
    assert "まだ変更がありません" in page


def test_a_version_is_published_now_or_later_and_gone_back_to(site):
    shop, email = new_shop(site)
    with entered(site, email) as tab:
        begin(tab)
        assert save(tab, "rules/purchase", **{"award.points": "2"}).status_code == 303
        page = tab.get(f"{DRAFT}/review").text
        assert "1\xa0pt" in page
        assert "2\xa0pt" in page
        fields = fields_of(page, "publish")
        wrong = tab.post(f"{DRAFT}/review", data=fields | {"begins": "later", "day": "2020-01-01", "time": "25:00"})
        assert wrong.status_code == 422
        assert "25:00" in wrong.text
        past = tab.post(f"{DRAFT}/review", data=fields | {"begins": "later", "day": "2020-01-01", "time": "9:00"})
        assert past.status_code == 422
        done = tab.post(f"{DRAFT}/review", data=fields | {"begins": "now", "note": "2倍にしました"})
        assert done.headers["location"] == PROGRAM
        assert tab.post(f"{DRAFT}/review", data=fields | {"begins": "now"}).headers["location"] == PROGRAM  # sent twice
        page = tab.get(PROGRAM).text
        assert "2倍にしました" in page
        assert email in page

        back = begin(tab, version="1")
        assert back.headers["location"] == f"{DRAFT}/review"
        fields = fields_of(tab.get(f"{DRAFT}/review").text, "publish")
        tab.post(f"{DRAFT}/review", data=fields | {"begins": "later", "day": "2029-01-01", "time": "9:00"})
    found = all_versions(shop)
    assert [one.number for one in found] == [3, 2, 1]
    assert found[0].document == found[2].document
    assert found[0].effective_at.astimezone(shop.brand.zone).isoformat() == "2029-01-01T09:00:00+09:00"
    assert found[1].published_by == email
    assert "開始前" in tab_page(site, email)


def tab_page(site: Site, email: str) -> str:
    with entered(site, email) as tab:
        return tab.get(PROGRAM).text


def all_versions(shop: Shop):
    async def story(db):
        async with db.lend(shop.brand.schema) as conn:
            return await versions(conn)

    return run_on(shop.server, story)


def test_a_template_takes_the_drafts_place_and_can_be_undone(tab, desk):
    before = drafted(desk[0])
    page = tab.get(f"{DRAFT}/templates").text
    assert page.count('name="template"') >= 3
    seen = html.unescape(re.search(r'name="seen" value="([^"]*)"', page)[1])
    answer = tab.post(DRAFT, data={"csrf": csrf_of(page), "template": "simple", "seen": seen})
    assert answer.headers["location"] == DRAFT
    assert drafted(desk[0]).name != before.name
    page = tab.get(DRAFT).text
    seen = html.unescape(
        re.search(r'action="/console/program/draft/undo">.*?name="seen" value="([^"]+)"', page, re.DOTALL)[1]
    )
    tab.post(f"{DRAFT}/undo", data={"csrf": csrf_of(page), "seen": seen})
    assert drafted(desk[0]) == before


@pytest.mark.parametrize("address", [DRAFT, f"{DRAFT}/text", f"{DRAFT}/review", f"{DRAFT}/try", f"{DRAFT}/rules/new"])
def test_without_a_draft_the_program_is_shown(site, address):
    _, email = new_shop(site)
    with entered(site, email) as tab:
        assert tab.get(address).headers["location"] == PROGRAM


def test_addresses_that_lead_nowhere_are_not_found(tab):
    for address in ("rules/nothing", "nonsense/x", "units/nothing"):
        assert tab.get(f"{DRAFT}/{address}").status_code == 404
    token = csrf_of(tab.get(DRAFT).text)
    for address in ("tiers/tiers/delete", "basics/x/copy", "rules/purchase/sideways"):
        assert tab.post(f"{DRAFT}/{address}", data={"csrf": token}).status_code == 404


def wild() -> Mapping[str, str]:
    return {
        "do": "add:limits:",
        "limits.rows": "９９９",
        "condition.rows": "-1",
        "levels.rows": "x",
        "award.kind": "gold",
        "budget.kind": "?",
    }


@pytest.mark.parametrize(
    "part",
    [
        "campaigns/new",
        "rules/new",
        "units/new",
        "tiers/all",
        "segments/new",
        "spending/all",
        "basics/all",
        "operations/all",
        "charities/new",
        "reasons/new",
    ],
)
def test_forms_that_nobody_would_send_are_refused_and_break_nothing(tab, part):
    token = csrf_of(tab.get(DRAFT).text)
    for fields in (
        {},
        wild(),
        {**wild(), "do": "drop:condition:7"},
        {**wild(), "do": "save"},
        {"do": "again", "event": "no.such"},
        {**wild(), "limits.rows": "9" * 5_000, "condition.rows": "9" * 5_000, "levels.rows": "9" * 5_000},
        {**wild(), "do": f"drop:limits:{'9' * 5_000}"},
    ):
        assert tab.post(f"{DRAFT}/{part}", data={"csrf": token, **fields}).status_code in (200, 303, 409, 422)


def test_the_text_is_yaml_that_anybody_can_read(tab):
    text = fields_of(tab.get(f"{DRAFT}/text").text, "text-form")["document"]
    assert "&id" not in text
    assert yaml.safe_load(text)["program"] == 1
