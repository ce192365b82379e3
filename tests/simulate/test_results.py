"""What a back-test tells adds up, says what it assumes, and compares designs member by member."""

import json

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kizuna.core.errors import NotFound
from kizuna.program import ProgramInvalid, from_data, parse
from kizuna.simulate import (
    NEVER,
    Design,
    Hazard,
    History,
    HistoryEmpty,
    Multiples,
    Threshold,
    behaviour_of,
    fit,
    fitted,
    parse_axis,
    parse_behaviour,
    play,
    stories,
    told,
    variants,
    variation,
    winners,
)
from kizuna.simulate.behaviour import MILLION, BehaviourUnknown, uniform
from kizuna.simulate.grid import AxisInvalid, GridTooLarge, PlaceUnknown
from kizuna.simulate.result import break_even as break_even_of
from simulate.test_shares import PROGRAM, UTC_ZONE, behaviours, crowd, history_of, purchases

TRIAL = parse(PROGRAM.replace("BUDGET", "400"))
WAITING = PROGRAM.replace("BUDGET", "400").replace(
    "expiry: {after_days: 40}", "expiry: {after_days: 40}, pending: {days: 9}"
)


@settings(max_examples=60, deadline=None)
@given(
    purchases,
    behaviours,
    st.sampled_from([TRIAL, parse(WAITING), parse(PROGRAM.replace("BUDGET", "5").replace("debt", "write_off"))]),
)
def test_everything_adds_up(said, behaviour, program):
    (played,) = play(history_of(said), [Design("trial", program, behaviour)], UTC_ZONE, processes=1, shares=2, draws=1)
    found = told(played, 300_000)
    left = found["outstanding"] + found["pending"] - found["debt"]
    assert found["issued"] - found["taken_back"] + found["written_off"] == found["redeemed"] + found["expired"] + left
    for name in ("issued", "redeemed", "expired", "taken_back"):
        assert sum(month[name] for month in found["months"]) == found[name]
    last = found["months"][-1]
    assert (last["balance"], last["pending"]) == (found["outstanding"] - found["debt"], found["pending"])
    assert sum(rule["points"] for rule in found["rules"]) == found["issued"]
    assert sum(month["sales"] for month in found["months"]) == found["sales"]["amount"]
    for groups in ("tiers", "deciles"):
        for name in ("issued", "redeemed", "expired", "outstanding"):
            assert sum(one[name] for one in found[groups]) == found[name]
        assert sum(one["members"] for one in found[groups]) == found["members"]
    assert sum(one["members"] for one in found["distribution"]) == found["members"]
    if found["stores"]:
        assert sum(one["issued"] for one in found["stores"]) == found["issued"] - found["taken_back"]
    assert all(one["used"] <= one["budget"]["points"] for one in found["budgets"])
    assert json.loads(json.dumps(found)) == found


def test_two_designs_are_compared_member_by_member():
    dearer = parse(PROGRAM.replace("BUDGET", "400").replace("per: 10", "per: 5"))
    designs = [Design("now", TRIAL), Design("dearer", dearer), Design("same", TRIAL)]
    now, more, same = play(crowd(400), designs, UTC_ZONE, processes=1)
    found = winners(now, more)
    assert (found["losers"], found["in_money"], found["winners"] > 50) == (0, True, True)
    assert found["gained"] - found["lost"] == told(more)["issued"] - told(now)["issued"]
    assert sum(one["difference"] for one in found["deciles"]) == found["gained"]
    assert found["most"][0]["after"] > found["most"][0]["before"]
    nothing = winners(now, same)
    assert (nothing["winners"], nothing["losers"], nothing["most"]) == (0, 0, [])


def test_a_story_is_what_one_member_saw():
    history = crowd(300)
    designs = [Design("never", TRIAL), Design("spends", TRIAL, Multiples(50))]
    played = play(history, designs, UTC_ZONE, processes=1, shares=3)
    found = winners(played[0], played[1])
    who = played[0].members[0].as_py()
    assert found["before"] == "never"
    never, spends = stories(history, designs, UTC_ZONE, who)
    row = next(
        row for row in played[1].answers[0].members.to_pylist() if played[1].members[row["member"]].as_py() == who
    )
    assert (
        spends["end"]["redeemed"]
        == row["redeemed"]
        == -sum(move["points"] for move in spends["moves"] if move["kind"] == "redeem")
    )
    assert {move["kind"] for move in never["moves"]} <= {"earn", "expire", "reverse"}
    with pytest.raises(NotFound):
        stories(history, designs, UTC_ZONE, "customer:nobody")


def test_a_period_without_orders_is_refused():
    with pytest.raises(HistoryEmpty):
        play(crowd(5), [Design("trial", TRIAL)], UTC_ZONE, since=1, until=2)
    with pytest.raises(HistoryEmpty, match=r"no orders to replay\. Import"):
        play(History(crowd(5).table.slice(0, 0)), [Design("trial", TRIAL)], UTC_ZONE)


def test_a_lift_pays_when_its_margin_does():
    """1,000 of sales at 20 % leave 200; points cost 100 of them: the lift brings 20 % less the points of the lift itself."""
    assert break_even_of(100, 1000, 200_000) == MILLION
    assert break_even_of(50, 1000, 200_000) == 333_333
    assert break_even_of(200, 1000, 200_000) is None


def test_variation_is_the_brands_own():
    history = crowd(2_000)
    (played,) = play(history, [Design("trial", TRIAL)], UTC_ZONE, processes=1)
    found = variation(history, played)
    assert found["members"] == 60
    assert 100_000 < found["weeks"] < 600_000
    assert found["detectable"] > 50_000


# Behaviours


@pytest.mark.parametrize(
    ("text", "behaviour"),
    [
        ("never", NEVER),
        (" Multiples:500", Multiples(500)),
        ("threshold:1,000", Threshold(1000)),
        ("threshold:1000:500", Threshold(1000, 500)),
    ],
)
def test_a_behaviour_is_read(text, behaviour):
    assert parse_behaviour(text) == behaviour
    assert behaviour_of(json.loads(json.dumps(behaviour.as_json()))) == behaviour


@pytest.mark.parametrize(
    "text",
    [
        "",
        "always",
        "multiples",
        "multiples:0",
        "multiples:-5",
        "threshold:10:20",
        "never:1",
        "multiples:x",
        f"multiples:{2**63}",
    ],
)
def test_a_behaviour_that_cannot_be_read_is_refused(text):
    with pytest.raises(BehaviourUnknown) as refused:
        parse_behaviour(text)
    assert refused.value.field == "redeem"


def test_chance_is_even_and_stays():
    numbers = pa.array(range(50_000)).to_numpy()
    luck = uniform(numbers, 0)
    assert luck.min() >= 0
    assert luck.max() < MILLION
    assert abs(luck.mean() - MILLION / 2) < MILLION / 200
    assert (uniform(numbers[::-1], 0)[::-1] == luck).all()
    assert (uniform(numbers, 1) != luck).mean() > 0.99


def test_a_hazard_is_found_again_in_what_it_made():
    """Members who redeem by a known hazard are recorded; the hazard fitted on the records is that one again, nearly."""
    true = Hazard((1, 100, 200), (100_000, 300_000, 700_000), (MILLION,) * 3, 10)
    program = parse(PROGRAM.replace("BUDGET", "1"))
    history = crowd(4_000)
    table = history.table.filter(pa.compute.equal(history.table["kind"], 0))
    plain = History(table.set_column(table.column_names.index("of"), "of", pa.array([-1] * len(table), pa.int64())))
    (played,) = play(plain, [Design("true", program, true)], UTC_ZONE, processes=1, draws=1, entries=True)
    entries = pa.Table.from_struct_array(played.answers[0].entries)
    redeemed = {row["at"] // 2: -row["points"] for row in entries.to_pylist() if row["kind"] == 2}
    rows = []
    for number, row in enumerate(plain.table.to_pylist()):
        if number in redeemed:
            rows.append({**row, "kind": 1, "amount": 0, "exists": False, "points": redeemed[number]})
        rows.append({**row, "points": 0})
    schema = pa.schema([*plain.table.schema, ("points", pa.int64())])
    found = fit(History(pa.Table.from_pylist(rows, schema=schema)), program, UTC_ZONE)
    assert sum(found.seen) > 2_000
    assert found.chances[0] < 300_000
    assert found.chances[-1] > 600_000
    again, as_true = (
        sum(answer.members.field("redeemed").to_numpy().sum() for answer in one.answers)
        for one in play(
            plain, [Design("found", program, found), Design("true", program, true)], UTC_ZONE, processes=1, draws=6
        )
    )
    assert 0.93 < again / as_true < 1.07
    assert all(share > 900_000 for share in found.shares)


def test_nobody_who_redeemed_is_nobody_who_redeems():
    none = pa.array([], pa.int64()).to_numpy()
    assert fitted(none, none, 1).chances == (0,)
    (played,) = play(crowd(50), [Design("trial", TRIAL, fitted(none, none, 1))], UTC_ZONE, processes=1, draws=2)
    assert told(played)["redeemed"] == 0


def test_chance_gives_a_band():
    design = Design("trial", TRIAL, Hazard((10,), (500_000,), (MILLION,), 10))
    (played,) = play(crowd(800), [design], UTC_ZONE, processes=1, draws=9)
    found = told(played)
    band = found["bands"]["redeemed"]
    assert found["bands"]["draws"] == 9
    assert band["low"] < band["high"]
    assert band["low"] <= band["middle"] <= band["high"]


def test_redemptions_that_the_program_refuses_are_counted():
    """Members who ask for 15 at a time where the program takes tens are refused each time, and that is told."""
    (fits, odd) = play(
        crowd(200), [Design("fits", TRIAL, Multiples(50)), Design("odd", TRIAL, Multiples(15))], UTC_ZONE, processes=1
    )
    assert told(fits)["refused"] == 0
    assert told(odd)["refused"] > 20


# Grids


def test_a_grid_is_every_combination():
    design = Design("trial", TRIAL)
    made = variants(
        design, [parse_axis("earning_rules.base.award.per=5,10,20"), parse_axis("tiers.levels.gold.at=3000,6000")]
    )
    assert [values for values, _ in made] == [(5, 3000), (5, 6000), (10, 3000), (10, 6000), (20, 3000), (20, 6000)]
    played = play(crowd(300), [one for _, one in made], UTC_ZONE, processes=1)
    issued = [told(one)["issued"] for one in played]
    assert issued[0] > issued[2] > issued[4]
    assert issued[2] >= issued[3]


@pytest.mark.parametrize(
    ("axis", "problem"),
    [
        ("earning_rules.nobody.award.per=5", PlaceUnknown),
        ("earning_rules.base.prize.per=5", PlaceUnknown),
        ("name.ja.x=5", PlaceUnknown),
        ("earning_rules.base.award.per=-5", ProgramInvalid),
        ("earning_rules.base.award.per=" + ",".join(map(str, range(1, 120))), GridTooLarge),
    ],
)
def test_a_grid_that_makes_no_sense_is_refused(axis, problem):
    with pytest.raises(problem):
        variants(Design("trial", TRIAL), [parse_axis(axis)])


@pytest.mark.parametrize("text", ["", "place", "=5", "place=", "place=[1"])
def test_an_axis_that_cannot_be_read_is_refused(text):
    with pytest.raises(AxisInvalid):
        parse_axis(text)


def test_documents_of_designs_stay_as_they_are():
    assert from_data(TRIAL.model_dump(mode="json")) == TRIAL
