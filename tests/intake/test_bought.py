"""What is kept of an order: changes add up, whatever the parcels, and nothing comes back twice."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kizuna.core.errors import Problem
from kizuna.intake import Bought, Change, Kept, Line, Part, amended, changed, content

AS_TOLD = Kept()
SHIRT = Line("shirt", 1_000, 3, tax=90, discount=101, tags=("sale",))
MUG = Line("mug", 500, 1, tax=45)
FIRST = Bought(1_500, 135, 101, 300, 200, [SHIRT, MUG])

lines = st.lists(
    st.builds(
        Line,
        st.sampled_from("abcd"),
        st.integers(0, 5_000),
        st.integers(1, 5),
        st.integers(0, 300),
        st.integers(0, 300),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda line: line.sku,
)


@st.composite
def orders(draw):
    told = draw(lines)
    amount = draw(st.one_of(st.just(sum(line.amount for line in told)), st.integers(0, 20_000)))
    return Bought(amount, *(draw(st.integers(0, 500)) for _ in range(4)), told)


def after(first, *changes, kept=AS_TOLD):
    for change in changes:
        kept = changed(first, kept, change)
    return kept


def items(**quantities):
    return Change(tuple(Part(sku, quantity) for sku, quantity in quantities.items()))


@settings(deadline=None)
@given(orders(), st.data())
def test_item_by_item_equals_all_at_once(first, data):
    back = {line.sku: data.draw(st.integers(0, line.quantity), line.sku) for line in first.lines}
    parts = [sku for sku, quantity in back.items() for _ in range(quantity)]
    if not parts:
        return
    together = content(first, after(first, items(**{sku: quantity for sku, quantity in back.items() if quantity})))
    kept = AS_TOLD
    for number, sku in enumerate(data.draw(st.permutations(parts))):
        assert content(first, kept).exists, number
        kept = changed(first, kept, items(**{sku: 1}))
    assert content(first, kept) == together
    if len(parts) == sum(line.quantity for line in first.lines):
        assert together == Bought(0, exists=False)


@settings(deadline=None)
@given(orders(), st.lists(st.integers(1, 4_000), max_size=6))
def test_amounts_given_back_add_up(first, amounts):
    given_back, kept = 0, AS_TOLD
    for amount in amounts:
        if amount > first.amount - given_back:
            with pytest.raises(Problem):
                changed(first, kept, Change(amount=amount))
            continue
        kept, given_back = changed(first, kept, Change(amount=amount)), given_back + amount
        now = content(first, kept)
        assert now.amount == first.amount - given_back
        if now.amount and given_back and sum(line.amount for line in first.lines) == first.amount:
            assert sum(line.amount for line in now.lines) == now.amount
        assert now.exists is bool(now.amount)
        for name in ("tax", "discount", "shipping", "paid_with_points"):
            assert getattr(now, name) == getattr(first, name) * now.amount // first.amount


def test_a_part_keeps_its_share():
    now = content(FIRST, after(FIRST, items(shirt=1)))
    assert now.lines == [Line("shirt", 666, 2, tax=59, discount=67, tags=("sale",)), MUG]
    assert (now.amount, now.tax, now.discount, now.shipping, now.paid_with_points) == (1_166, 104, 78, 233, 155)
    assert (now.items, now.exists) == (3, True)


def test_a_stated_amount_is_what_was_given_back():
    kept = after(FIRST, Change((Part("shirt", 1, 400),)))
    assert content(FIRST, kept).lines[0][1:3] == (600, 2)
    assert content(FIRST, after(FIRST, items(shirt=2), kept=kept)) == Bought(500, 45, 33, 100, 66, [MUG])
    assert content(FIRST, after(FIRST, Change((Part("mug", 1, 450),)))).amount == 1_050  # 50 were kept for the wrapping


def test_an_amount_of_what_is_left_of_the_goods():
    kept = after(FIRST, items(mug=1), Change(amount=250))
    assert content(FIRST, kept).amount == 750
    assert content(FIRST, kept).lines == [SHIRT._replace(amount=750, tax=67, discount=75)]
    assert not content(FIRST, after(FIRST, Change(amount=750), kept=kept)).exists


def test_an_exchange_tells_what_is_kept_in_full_and_may_be_returned_in_turn():
    other = Bought(800, lines=[Line("mug", 500), Line("spoon", 300, 3)])
    kept = amended(other)
    assert content(FIRST, kept) == other
    assert content(FIRST, after(FIRST, items(spoon=1), kept=kept)).amount == 700
    assert not content(FIRST, after(FIRST, Change(), kept=kept)).exists


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ([items(sock=1)], "item_unknown", "data.lines[0].sku"),
        ([items(shirt=4)], "returns_too_much", "data.lines[0].quantity"),
        ([items(shirt=2), items(mug=1, shirt=2)], "returns_too_much", "data.lines[1].quantity"),
        ([Change((Part("mug", 1, 501),))], "returns_too_much", "data.lines[0].amount"),
        ([Change(amount=1_501)], "returns_too_much", "data.amount"),
        ([items(mug=1), Change(amount=1_001)], "returns_too_much", "data.amount"),
        ([Change(), Change()], "nothing_kept", None),
        ([items(mug=1, shirt=3), items(mug=1)], "nothing_kept", None),
    ],
)
def test_more_than_is_left_cannot_come_back(changes, code, field):
    with pytest.raises(Problem) as caught:
        after(FIRST, *changes)
    assert (caught.value.code, caught.value.field) == (code, field)
    assert str(caught.value)


def test_lines_of_an_order_without_lines_cannot_come_back():
    with pytest.raises(Problem) as caught:
        after(Bought(500), items(mug=1))
    assert caught.value.code == "lines_unknown"
