"""What a change of an order does: the difference of two decisions, and nothing that happened since."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import assume, given

from engine.generated import FOCUSES, STORIES, many, seeds, story
from engine.reference import ACTION, CHANGE, NOTHING, ORDER, Basket
from engine.rows import Rows
from kizuna.program import OnReturn

GIVEN = ("earn", "pend", "reverse", "cancel")
focused = pytest.mark.parametrize("focus", ["returns", "everything", "corrections", "tiers", "shared"])
EACH = STORIES // len(FOCUSES) // 10


def given_by_rule(answers):
    """What each rule gave in the end, taken back points included, by (plan, rule)."""
    sums = Counter()
    for told in answers:
        for move in told.moves:
            if move.kind in GIVEN and move.rule >= 0:
                sums[move.plan, move.rule] += move.points
    return {key: points for key, points in sums.items() if points}


def ending_in_an_order(seed, focus):
    """A story up to its last order, that order, and everything before."""
    tale = story(seed, focus)
    orders = [place for place, event in enumerate(tale.history) if event.what == ORDER]
    assume(orders)
    last = orders[-1]
    return replace(tale, history=tale.history[: last + 1], lived=None), tale.history[last]


def change_of(event, number, basket):
    """From now on, the order's basket is this."""
    about = {"number": number, "what": CHANGE, "type": "order.returned", "origin": event.number, "basket": basket}
    return replace(event, **about, born=None, referred=False)


def touching(event):
    """An event on the same day that nothing speaks of."""
    about = {"number": 10_000, "what": ACTION, "type": "profile.completed", "order": 0, "basket": Basket()}
    return replace(event, **about, born=None, referred=False, fields={})


def item_by_item(basket):
    """Everything that is kept on the way of giving back one item after the other."""
    lines = list(basket.lines)
    while lines:
        line = lines.pop()
        if line.quantity > 1:
            left = line.quantity - 1
            parts = {part: getattr(line, part) * left // line.quantity for part in ("amount", "tax", "discount")}
            lines.append(replace(line, quantity=left, **parts))
        if lines:
            yield replace(basket, amount=min(basket.amount, sum(one.amount for one in lines)), lines=tuple(lines))
    yield NOTHING


@focused
@many(EACH)
@given(seeds)
def test_a_full_return_nets_to_zero(focus, seed):
    tale, event = ending_in_an_order(seed, focus)
    rows = Rows(tale.documents, tale.keys)
    *_, earned = rows.decide(tale.history)
    (returned,) = rows.decide([change_of(event, 1_000, NOTHING)])
    stays = {
        (event.version, number)
        for number, one in enumerate(tale.documents[event.version].rules)
        if one.goal is not None and one.on_return is OnReturn.KEEP
    }
    left = given_by_rule([earned, returned])
    assert {key: points for key, points in left.items() if key not in stays} == {}
    assert all(move.rule not in {rule for _, rule in stays} for move in returned.moves)


@focused
@many(EACH)
@given(seeds)
def test_item_by_item_is_all_at_once(focus, seed):
    tale, event = ending_in_an_order(seed, focus)
    slowly, quickly = lived(tale, tale.history), lived(tale, tale.history)
    steps = list(item_by_item(event.basket))
    told = slowly.decide([change_of(event, 1_000 + n, kept) for n, kept in enumerate(steps)])
    (at_once,) = quickly.decide([change_of(event, 1_000, NOTHING)])
    assert given_by_rule(told) == given_by_rule([at_once])
    if not owed_before(tale, event):
        assert_alike(slowly, quickly, event)


@focused
@many(EACH)
@given(seeds)
def test_without_a_later_event_only_the_kept_part_ever_happened(focus, seed):
    """Rules and tiers all take back here; who owed points is left out: what repaid a debt cannot be had back."""
    tale, event = ending_in_an_order(seed, focus)
    tale = replace(tale, raws=tuple(taking_back(raw) for raw in tale.raws))
    assume(not owed_before(tale, event))
    kept = next(item_by_item(event.basket)) if seed % 2 else NOTHING
    before = tale.history[:-1]
    told = lived(tale, [*before, event, change_of(event, 1_000, kept)])
    only = lived(tale, [*before, *([replace(event, basket=kept)] if kept.exists else [])])
    assert_alike(told, only, event)


def taking_back(raw):
    """The same data in which nothing is kept that a return undoes."""
    if isinstance(raw, dict):
        return {key: "take_back" if key == "on_return" else taking_back(value) for key, value in raw.items()}
    return [taking_back(value) for value in raw] if isinstance(raw, list) else raw


def lived(tale, history):
    """Rows after a history."""
    rows = Rows(tale.documents, tale.keys)
    rows.decide(history)
    return rows


def assert_alike(one, other, event):
    """The same touching event finds the same points, figures, rungs and stages, and leaves the same pocket."""
    (first,), (second,) = (rows.decide([touching(event)]) for rows in (one, other))
    assert replace(first, level_before=0, moves=[]) == replace(second, level_before=0, moves=[])
    assert net(one, event.member) == net(other, event.member)


def net(rows, member):
    """Lots, what waits, and what was earned, spent and is owed; whether points lapsed or were taken back is all one."""
    lots, waiting, books = rows.pocket(member)
    return (
        lots,
        waiting,
        {
            unit: (
                book["spent"],
                book["debt"],
                book["earned"] + book["forgiven"] - book["reversed"] - book["lapsed"],
            )
            for unit, book in books.items()
        },
    )


def owed_before(tale, event):
    """Whether the member owed points before the order, its touch included."""
    rows = lived(tale, [*tale.history[:-1], touching(event)])
    return any(book["debt"] for book in rows.pocket(event.member)[2].values())
