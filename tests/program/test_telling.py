"""What is said of a program: one tree, one sentence, in both languages; and every field of the document in a difference."""

import copy
from enum import Enum

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from kizuna.program import Program, diff_fields, model, operations, telling_operations, telling_terms, tiers, units
from kizuna.program import events as events_
from kizuna.program import journey as journey_
from kizuna.program import rules as rules_
from kizuna.program.diff import ChangeKind, difference
from kizuna.program.messages import sum_of
from kizuna.program.telling import To, rule
from kizuna.web.tell import sentence, tell


def named(ja, en=None):
    return {"ja": ja, "en": en or ja}


def earning(id_, award, **more):
    return {"id": id_, "name": named(id_), "event": "order.completed", "unit": "points", "award": award, **more}


DOCUMENT = {
    "program": 1,
    "name": named("絆クラブ", "Kizuna Club"),
    "holidays": {"country": "JP", "more": ["2026-12-30"]},
    "units": [
        {
            "id": "points",
            "name": named("ポイント", "points"),
            "expiry": {"after_months": 12},
            "pending": {"days": 14},
            "worth": {"points": 1, "amount": 1},
        },
        {"id": "stamps", "name": named("スタンプ", "Stamps"), "kind": "stamps", "expiry": "never"},
    ],
    "purposes": [{"id": "cafe", "name": named("カフェ", "Café"), "stores": ["渋谷"], "channels": ["app"]}],
    "event_types": [
        {
            "type": "survey.answered",
            "name": named("アンケート", "Survey"),
            "fields": [{"id": "score", "name": named("点数", "score"), "type": "number", "required": True}],
        }
    ],
    "segments": [
        {
            "id": "regulars",
            "name": named("常連", "Regulars"),
            "condition": {"fact": "member.orders", "is": "at_least", "value": 5},
        }
    ],
    "tiers": {
        "by": "spend",
        "window": "calendar_year",
        "levels": [
            {"id": "member", "name": named("会員", "Member"), "at": 0},
            {"id": "silver", "name": named("シルバー", "Silver"), "at": 30_000, "benefits": [named("送料無料")]},
        ],
    },
    "tracks": [
        {
            "id": "visits",
            "name": named("来店", "Visits"),
            "by": "visits",
            "window": "rolling",
            "months": 6,
            "levels": [{"id": "guest", "name": named("ゲスト"), "at": 0}],
        }
    ],
    "groups": [{"id": "weekend", "name": named("週末", "Weekend"), "keeps": "best"}],
    "earning_rules": [
        earning("buy", {"points": 1, "per": 100, "by_tier": {"silver": {"times": 3, "over": 2}}}),
        earning("first", {"fixed": 500}, goal={"count": 1}, on_return="keep"),
        earning(
            "card",
            {"stamps": 1, "each": "item"},
            unit="stamps",
            goods={"category": ["coffee"], "but_not": {"sku": ["BEANS"]}},
            limits=[{"per": "member", "within": "day", "points": 3}],
        ),
        earning(
            "survey", {"fixed": 50}, event="survey.answered", lot={"expiry": {"after_days": 30}, "only_for": "cafe"}
        ),
    ],
    "campaigns": [
        earning(
            "friday",
            {"multiply": {"times": 2}, "rule": "buy"},
            goods={"category": ["コーヒー"]},
            condition={
                "all": [
                    {"fact": "time.weekday", "is": "equals", "value": "friday"},
                    {"fact": "member.tier", "is": "at_least", "value": "silver"},
                ]
            },
            starts="2026-12-01",
            ends="2026-12-31",
            budget={"amount": 300_000},
            group="weekend",
            audience={"segment": "regulars"},
            holdout_percent=10,
        )
    ],
    "referral": {"event": "order.completed", "within_days": 60},
    "journey": {
        "stages": [
            {"id": "new", "name": named("はじめて"), "steps": [{"id": "buy", "name": named("購入"), "rule": "first"}]},
            {"id": "fan", "name": named("ファン")},
        ]
    },
    "transfers": {"minimum": 100, "maximum": 5_000, "between": "pool"},
    "charities": [{"id": "forest", "name": named("森の基金", "the forest fund")}],
    "pools": {"members_max": 4},
    "adjustments": {"reasons": [{"id": "apology", "name": named("お詫び", "apology")}], "approval_above": 1_000},
}


def program(change=lambda _document: None):
    document = copy.deepcopy(DOCUMENT)
    change(document)
    return Program.model_validate(document)


def told(id_, lang, to=To.MARKETER, change=lambda _document: None):
    document = program(change)
    return sentence(rule(document, next(one for one in document.rules if one.id == id_), to), "JPY", lang)


def test_a_campaign_is_one_sentence_as_the_brief_of_every_marketer_has_it():
    def bare(document):
        campaign = document["campaigns"][0]
        for field in ("group", "audience", "holdout_percent"):
            del campaign[field]

    assert told("friday", "ja", change=bare) == (
        "金曜日に、シルバー以上の会員がコーヒーを買うと、ポイント2倍(2026年12月1日(火)〜2026年12月31日(木)、予算 ¥300,000、先着順)"
    )
    assert told("friday", "en", change=bare) == (
        "On Fridays, Silver and up, for コーヒー: double points (1 Dec 2026 – 31 Dec 2026, budget ¥300,000, first come, first served)"
    )


@pytest.mark.parametrize(
    ("id_", "ja", "en"),
    [
        ("buy", "購入すると、¥100ごとに1\xa0pt、シルバー1.5倍", "For every purchase: 1\xa0pt per ¥100, Silver ×1.5"),
        (
            "first",
            "購入すると、初回に500\xa0pt(返品しても取り消さない)",
            "For purchases, the first time: 500\xa0pt (kept after a return)",
        ),
        (
            "card",
            "coffee(商品BEANSを除く)を買うと、1点につきスタンプ1個(会員1人につき1日にスタンプ3個まで)",
            "For coffee but not item BEANS: Stamps ×1 for each item (up to Stamps ×3 in a day for each member)",
        ),
        (
            "survey",
            "「アンケート」で、50\xa0pt(有効期限30日、「カフェ」だけで利用可)",
            "For “Survey”: 50\xa0pt (usable for 30 days, only for Café)",
        ),
    ],
)
def test_each_award_is_one_sentence(id_, ja, en):
    assert (told(id_, "ja"), told(id_, "en")) == (ja, en)


def test_members_are_not_told_what_only_the_marketer_may_know():
    text = told("friday", "ja", To.MEMBER)
    assert "先着順" in text
    assert "¥300,000" not in text
    assert "10%" not in text


@pytest.mark.parametrize(
    ("goal", "ja"),
    [
        ({"count": 10, "repeats": True}, "10回ごとに"),
        ({"count": 3, "within": "month"}, "1か月に3回目に"),
        ({"spend": 30_000, "within": "month"}, "1か月に合計¥30,000到達で"),
        ({"streak": 3, "of": "month"}, "3か月連続で"),
        ({"different": 3, "of": "category", "days": 30}, "30日以内に3種類のカテゴリで"),
    ],
)
def test_each_goal_has_its_words(goal, ja):
    def change(document):
        document["earning_rules"][1]["goal"] = goal

    assert f"、{ja}500" in told("first", "ja", change=change)


@pytest.mark.parametrize(
    ("expiry", "ja"),
    [
        ("never", "ポイントに有効期限はなく、失効しません。"),
        ({"after_days": 1}, "ポイントは、獲得したその日だけ使えます。"),
        ({"end_of": "year", "later": 1}, "ポイントは獲得した翌年の12月31日まで使えます。"),
        ({"end_of": "month"}, "ポイントは獲得した月の末日まで使えます。"),
        ({"after_idle_days": 90}, "90日間購入がないと、ポイントは失効します。"),
        ({"on": "2027-03-31"}, "ポイントは2027年3月31日(水)まで使えます。"),
    ],
)
def test_each_expiry_has_its_sentence(expiry, ja):
    def change(document):
        document["units"][1]["expiry"] = expiry

    assert tell(telling_terms.expiry(program(change).units[1].expiry), "JPY", "ja") == ja


OPERATIONS = [
    (
        {},
        [
            "会計中のポイントは30分(最長7日)確保され、支払いがなければ残高に戻ります。",
            "ポイントをほかの会員に贈ることはできません。",
            "ポイントの寄付はできません。",
            "ポイントを使えるのは、本人だけです。",
            "手作業での調整は、通常の理由のどれかで行います。",
        ],
        [
            "A checkout holds points for 30 minutes, and for 7 days at most; without a payment they come back.",
            "Points cannot be transferred to others.",
            "Points cannot be donated.",
            "Everybody uses only their own points.",
            "Adjustments by hand are made for one of the usual reasons.",
        ],
    ),
    (
        {
            "holds": {"minutes": 60, "minutes_max": 90},
            "transfers": {"minimum": 100, "maximum": 5_000, "between": "pool"},
            "charities": [
                {"id": "forest", "name": named("森の基金", "Forest fund")},
                {"id": "library", "name": named("町の図書館", "Town library")},
            ],
            "pools": {"members_max": 4},
            "adjustments": {
                "reasons": [
                    {"id": "late", "name": named("お届けの遅れ", "Late delivery")},
                    {"id": "mistake", "name": named("入力の間違い", "Mistyped")},
                ],
                "approval_above": 3_000,
            },
        },
        [
            "会計中のポイントは1時間(最長90分)確保され、支払いがなければ残高に戻ります。",
            "会員は、一度に100\xa0ptから5,000\xa0ptまでを同じ家族・グループの会員に贈れます。",
            "会員は、ポイントを森の基金・町の図書館に寄付できます。",
            "家族・グループでは、会員4名までがポイントを一緒に使えます。",
            "そのほかの調整の理由: お届けの遅れ、入力の間違い。3,000\xa0ptを超える調整には、別の人の承認が必要です。",
        ],
        [
            "A checkout holds points for 1 hour, and for 90 minutes at most; without a payment they come back.",
            "Members can transfer 100\xa0pt to 5,000\xa0pt at a time to members of their own family or group.",
            "Members can donate points to Forest fund or Town library.",
            "In a family or group, up to 4 members use their points together.",
            "Further reasons for adjustments: Late delivery, Mistyped. A second person approves every adjustment of more than 3,000\xa0pt.",
        ],
    ),
]


@pytest.mark.parametrize(("parts", "ja", "en"), OPERATIONS)
def test_each_operation_has_its_sentence(parts, ja, en):
    def change(document):
        for part in ("transfers", "charities", "pools", "adjustments"):
            del document[part]
        document.update(parts)

    one = program(change)
    said = [
        telling_operations.holds(one.holds),
        telling_operations.transfers(one, one.transfers),
        telling_operations.charities(one.charities),
        telling_operations.pools(one.pools),
        telling_operations.adjustments(one, one.adjustments),
    ]
    assert [sentence(part, "JPY", "ja") for part in said] == ja
    assert [sentence(part, "JPY", "en") for part in said] == en


@pytest.mark.parametrize(
    ("transfers", "approval", "en"),
    [
        ({}, 0, ["Members can transfer points to other members.", "every adjustment."]),
        (
            {"minimum": 10},
            1,
            ["Members can transfer 10\xa0pt or more at a time to other members.", "more than 1\xa0pt."],
        ),
    ],
)
def test_what_is_not_limited_is_told_plainly(transfers, approval, en):
    def change(document):
        document["transfers"] = transfers
        document["adjustments"]["approval_above"] = approval

    one = program(change)
    told_ = [telling_operations.transfers(one, one.transfers), telling_operations.adjustments(one, one.adjustments)]
    said = [sentence(part, "JPY", "en") for part in told_]
    assert all(text.endswith(end) for text, end in zip(said, en, strict=True)), said


def test_money_is_told_as_money():
    gift = {"id": "gift", "name": named("ギフトカード", "gift card"), "kind": "money", "expiry": "never"}
    one = program(lambda document: document["units"].append(gift))
    assert tell(telling_terms.unit(one, one.units[2]), "JPY", "ja") == (
        "入金されるお金(ギフトカードなど)です。ルールでは付きません。有効期限なし。"
    )
    assert tell(sum_of(one, 1_200, "gift"), "JPY", "ja") == "¥1,200"


def test_days_of_grace_are_told_where_there_are_any():
    def change(document):
        document["returns"] = {"grace_days": 7}

    told_ = tell(telling_terms.returns(program(change).returns), "JPY", "ja")
    assert "期限を過ぎて戻ったポイントは、7日間使えます。" in told_
    assert "戻ったポイント" not in tell(telling_terms.returns(program().returns), "JPY", "ja")


MODELS = {
    "PROGRAM": model.Program,
    "HOLIDAYS": model.Holidays,
    "UNIT": units.Unit,
    "PURPOSE": units.Purpose,
    "EVENT_TYPE": events_.EventType,
    "EVENT_FIELD": events_.EventField,
    "SEGMENT": model.NamedSegment,
    "GROUP": rules_.Group,
    "TIERS": tiers.Tiers,
    "TRACK": tiers.Track,
    "LEVEL": tiers.TierLevel,
    "RULE": rules_.EarningRule,
    "CAMPAIGN": rules_.Campaign,
    "REFERRAL": rules_.ReferralOffer,
    "JOURNEY": journey_.Journey,
    "STAGE": journey_.Stage,
    "STEP": journey_.Step,
    "REDEMPTION": model.Redemption,
    "RETURNS": model.Returns,
    "HOLDS": operations.Holds,
    "TRANSFERS": operations.Transfers,
    "CHARITY": operations.Charity,
    "POOLS": operations.Pools,
    "REASON": operations.Reason,
    "ADJUSTMENTS": operations.Adjustments,
}
KEYS = {"program": {"PROGRAM"}, "id": set(MODELS) - {"EVENT_TYPE"}, "type": {"EVENT_TYPE"}}


@pytest.mark.parametrize("name", MODELS)
def test_no_field_of_the_document_is_forgotten(name):
    fields = {field for field in MODELS[name].model_fields if name not in KEYS.get(field, ())}
    assert set(getattr(diff_fields, name).parts) == fields


def test_a_difference_reads_as_one_would_say_it():
    def more(document):
        document["campaigns"][0]["budget"] = {"amount": 500_000}

    (change,) = difference(program(), program(more))
    assert change.kind is ChangeKind.CHANGED
    assert change.place == "campaigns.friday.budget"
    assert tell(change.sentence, "JPY", "en") == "friday: budget: ¥300,000 → ¥500,000"


def places(model_, path=()):
    """Every place of a document that holds one value: (path, value)."""
    if isinstance(model_, BaseModel):
        for name in type(model_).model_fields:
            yield from places(getattr(model_, name), (*path, name))
    elif isinstance(model_, list | tuple):
        yield path, model_
        for n, one in enumerate(model_):
            yield from places(one, (*path, n))
    elif isinstance(model_, dict):
        for name, one in model_.items():
            yield from places(one, (*path, name))
    else:
        yield path, model_


def other(value):
    """A value unlike `value`, whether or not the document's checks would take it."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, Enum):
        return next(one for one in type(value) if one is not value)
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str):
        return {"spend": "visits", "visits": "spend", "create": "refuse", "debt": "write_off", "never": "never"}.get(
            value, value + "x"
        )
    if isinstance(value, list):
        return value[:-1] if value else value
    return value


def replaced(model_, path, value):
    if not path:
        return value
    head, *rest = path
    if isinstance(model_, BaseModel):
        return model_.model_copy(update={head: replaced(getattr(model_, head), rest, value)})
    if isinstance(model_, dict):
        return {**model_, head: replaced(model_[head], rest, value)}
    return [replaced(one, rest, value) if n == head else one for n, one in enumerate(model_)]


WHOLE = program()
PLACES = [(path, value) for path, value in places(WHOLE) if path != ("program",)]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PLACES), min_size=1, max_size=3))
def test_whatever_changes_is_told_and_nothing_else_is(chosen):
    changed = WHOLE
    for path, value in sorted(chosen, key=lambda one: -len(one[0])):
        try:
            changed = replaced(changed, path, other(value))
        except IndexError:
            continue
    told_ = difference(WHOLE, changed)
    assert bool(told_) == (changed != WHOLE)
    for change in told_:
        for lang in ("ja", "en"):
            assert tell(change.sentence, "JPY", lang)
            assert change.before != change.after or change.before is None
    assert difference(changed, changed) == []


def test_another_order_and_ids_that_stand_twice_are_told_too():
    def turned(document):
        document["earning_rules"].reverse()

    def doubled(document):
        document["units"].append(dict(document["units"][0], name=named("別")))

    (change,) = difference(program(), program(turned))
    assert change.place == "earning_rules"
    assert difference(program(), program(doubled))


def test_a_first_version_is_one_addition():
    (change,) = difference(None, program())
    assert tell(change.sentence, "JPY", "ja") == "最初のバージョン: 追加 絆クラブ"
