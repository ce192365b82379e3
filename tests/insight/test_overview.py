"""The overview's figures of a small story that an accountant can add up by hand."""

from datetime import date, timedelta

import pytest

from insight.figures import at, follow, pass_time, prove
from kizuna.publishing import NothingPublished, PlanBook
from kizuna.web.console.overview.reads import overview, period_of
from kizuna.web.console.overview.views import Mark
from kizuna.web.reads import Reader
from road import GROCER, order, redemption

TODAY = at("2025-06-30T12:00:00+09:00")

# day          who     yen      points   so the member holds
STORY = """
  2024-12-01   hanako  120000   +1200    1200, silver at once
  2025-03-01   hanako  -         -       their 1200 lapse today (90 days, the first one counts)
  2025-05-05   taro     30000    +300     300
  2025-05-31   jiro     10000    +100     100   the last day of the period before
  2025-06-01   taro      5000     +50     350
  2025-06-10   taro         -    -200     150
  2025-06-20   saburo  260000   +2600    2600, from member to gold
  2025-06-30   hanako    1000     +10      10
"""


def told():
    for number, line in enumerate(STORY.strip().splitlines()):
        day, who, yen, points = line.split()[:4]
        when, name = f"{day}T12:00:00+09:00", f"customer:{who}"
        if yen != "-":
            yield order(f"{number}", int(yen), who=name, at=when)
        elif points != "-":
            yield redemption(f"{number}", -int(points), who=name, at=when)


async def shown(on, when, days="30"):
    async with on.db.transaction(on.brand.schema, readonly=True) as conn:
        reader = await Reader.open(conn, on.brand, PlanBook(), when)
        return await overview(conn, reader, days)


@pytest.fixture
def shop(make_brand, road_of):
    return road_of(make_brand(GROCER, timezone="Asia/Tokyo"))


def test_every_figure_is_what_the_story_adds_up_to(shop):
    async def story(on):
        await on.tell(*told())
        await follow(on, TODAY)
        await pass_time(on, TODAY)
        await prove(on, TODAY)
        return await shown(on, TODAY)

    view = shop.run(story)
    assert (view.period.first, view.period.last) == (date(2025, 6, 1), date(2025, 6, 30))
    assert (view.period.before_first, view.period.before_last) == (date(2025, 5, 2), date(2025, 5, 31))
    figures = {
        #             in June  in May   cost    cost before
        "members":     (4,       3,     None,   None),
        "joined":      (1,       2,     None,   None),
        "enrolment":   (3333,    20000, None,   None),   # 1 of 3 who were there; 2 of 1
        "active":      (7500,    6667,  None,   None),   # 3 of 4; 2 of 3
        "redeeming":   (3333,    0,     None,   None),   # taro of three; nobody of two
        "issued":      (2660,    400,   2660,   400),
        "redeemed":    (200,     0,     200,    0),
        "expired":     (0,       0,     0,      0),
        "outstanding": (2860,    400,   2860,   400),
        "orders":      (3,       2,     None,   None),
        "sales":       (266_000, 40_000, None,  None),
    }  # fmt: skip
    assert {one.name: (one.value, one.before, one.money, one.money_before) for one in view.figures} == figures
    assert (view.active.part, view.active.whole, view.active.path) == (3, 4, "/console/members?active=30")
    assert view.issued.change == 2260
    assert view.issued.change_share == 56_500
    assert len(view.sales.series) == 30
    assert view.sales.series[0] == Mark(date(2025, 6, 1), date(2025, 6, 1), 5_000)
    assert sum(mark.value for mark in view.sales.series) == 266_000
    assert [mark.value for mark in view.members.series][18:20] == [3, 4]
    assert [(row.rank, row.id, row.members, row.share) for row in view.tiers] == [
        (0, "member", 2, 5000), (1, "silver", 1, 2500), (2, "gold", 1, 2500), (3, "platinum", 0, 0),
    ]  # fmt: skip
    assert [(move.from_rank, move.to_rank, move.members, move.is_up) for move in view.moves] == [(0, 2, 1, True)]
    assert (view.moved_up, view.moved_down) == (1, 0)
    months = {row.first: (row.issued, row.redeemed, row.expired) for row in view.months}
    assert len(months) == 13
    assert months[date(2024, 12, 1)] == (1200, 0, 0)
    assert months[date(2025, 3, 1)] == (0, 0, 1200)
    assert months[date(2025, 6, 1)] == (2660, 200, 0)
    assert [(rule.id, rule.points, rule.entries, rule.share) for rule in view.rules] == [("purchase", 2660, 3, 10_000)]
    assert (view.headline.members, view.headline.issued_today, view.headline.outstanding) == (4, 10, 2860)
    assert (view.freshness.waiting, view.freshness.seconds(TODAY)) == (0, 0)
    assert [one.kind for one in view.recent][:4] == ["earn", "earn", "join", "redeem"]
    assert (view.recent[0].amount, view.recent[0].points, view.recent[0].rule["en"]) == (1_000, 10, "Purchase")


def test_a_year_is_shown_by_weeks_and_knows_no_year_before(shop):
    async def story(on):
        await on.tell(*told())
        await follow(on, TODAY)
        return await shown(on, TODAY, "365")

    view = shop.run(story)
    assert view.issued.value == 4260
    assert {one.before for one in view.figures if one.name not in {"members", "outstanding"}} == {None}
    assert len(view.orders.series) == 52
    assert view.orders.series[-1].last - view.orders.series[-1].first == timedelta(days=6)
    assert sum(mark.value for mark in view.orders.series) == 6
    assert (view.expired.value, view.active.part) == (1200, 4)


def test_without_a_worth_nothing_is_said_of_cost(make_brand, road_of):
    async def story(on):
        await on.tell(*told())
        await follow(on, TODAY)
        return await shown(on, TODAY)

    view = road_of(make_brand(GROCER.replace("    worth: {points: 1, amount: 1}\n", ""))).run(story)
    assert {one.money for one in view.figures} == {None}


def test_what_waits_is_told(shop):
    async def story(on):
        await on.tell(*told())
        return await shown(on, TODAY)

    view = shop.run(story)
    assert view.is_empty
    assert view.freshness.waiting == 1
    assert view.freshness.waiting_since is not None
    assert {one.value for one in view.figures} == {0, None}


def test_before_anything_is_published_there_is_nothing_to_show(make_brand, road_of):
    def story(on):
        return shown(on, TODAY)

    with pytest.raises(NothingPublished):
        road_of(make_brand(program=None)).run(story)


@pytest.mark.parametrize(
    ("asked", "length"),
    [("30", 30), ("90", 90), ("365", 365), ("1", 30), ("61", 90), ("9" * 500, 365), ("", 30), (None, 30), ("-5", 30),
     ("abc", 30), ("３０", 30), ("²", 30)],
)  # fmt: skip
def test_any_period_that_is_asked_for_is_the_nearest_on_offer(asked, length):
    assert period_of(asked, date(2025, 6, 30)).days == length
