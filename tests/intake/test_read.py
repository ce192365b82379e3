"""Reading what was sent: every bad input gets its code and the field at fault; every good one gets one form."""

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from kizuna.core.days import day_number, instant_ms
from kizuna.core.errors import Problem
from kizuna.engine import EventKind
from kizuna.intake import EventMalformed, Terms, read, split_array, split_lines
from kizuna.members import Identity
from kizuna.program import AMOUNT_MAX

NOW = instant_ms(datetime(2025, 6, 1, 12, tzinfo=UTC))
TERMS = Terms("JPY", "JP", ZoneInfo("Asia/Tokyo"), 300_000)
GOOD = {
    "specversion": "1.0",
    "id": "o1",
    "source": "till",
    "type": "order.completed",
    "time": "2025-06-01T09:00:00Z",
    "subject": "customer:hanako",
    "data": {"order_id": "o1", "amount": 1234, "currency": "JPY"},
}
REDEMPTION = GOOD | {"type": "redemption.requested", "data": {"points": 5}}
GONE = object()


def sent(base=GOOD, /, **changes) -> bytes:
    """The good event with attributes replaced, or taken away by `GONE`; `data__x` reaches into the data."""
    whole = base | {"data": dict(base["data"])}
    for name, value in changes.items():
        part, _, inner = name.partition("__")
        place, key = (whole["data"], inner) if inner else (whole, part)
        place[key] = value
        if value is GONE:
            del place[key]
    return json.dumps(whole, ensure_ascii=False).encode()


def refused(raw: bytes) -> tuple[str, str | None]:
    with pytest.raises(Problem) as caught:
        read(raw, TERMS, NOW)
    assert str(caught.value)  # the sentence has every word that it needs
    return caught.value.code, caught.value.field


def test_a_good_event_is_read():
    arrival = read(sent(), TERMS, NOW)
    assert (arrival.source, arrival.id, arrival.type) == ("till", "o1", "order.completed")
    assert (arrival.kind, arrival.amount) == (EventKind.ORDER, 1234)
    assert arrival.identity == Identity("customer", "hanako")
    assert arrival.at_ms == instant_ms(datetime(2025, 6, 1, 9, tzinfo=UTC))
    assert json.loads(arrival.body) == GOOD


def test_the_day_is_the_brands_own():
    assert read(sent(time="2025-05-31T14:59:59Z"), TERMS, NOW).day == day_number(datetime(2025, 5, 31, tzinfo=UTC))
    assert read(sent(time="2025-05-31T15:00:00Z"), TERMS, NOW).day == day_number(datetime(2025, 6, 1, tzinfo=UTC))
    assert read(sent(time="2025-05-31T15:00:00-10:00"), TERMS, NOW).day == day_number(datetime(2025, 6, 1, tzinfo=UTC))


def test_the_payload_is_the_content_and_not_its_spelling():
    turned = json.dumps(dict(reversed(GOOD.items())), indent=2).encode()
    one, other = read(sent(), TERMS, NOW), read(turned, TERMS, NOW)
    assert one == other
    assert read(sent(note="new"), TERMS, NOW).payload_hash != one.payload_hash
    assert read(sent(note="new"), TERMS, NOW).key == one.key
    assert read(sent(source="shop"), TERMS, NOW).key != one.key


@pytest.mark.parametrize("name", ["id", "source", "type", "time", "subject", "data"])
def test_a_missing_attribute_is_named(name):
    assert refused(sent(**{name: GONE})) == ("event_invalid", name)


@pytest.mark.parametrize("name", ["id", "source", "type", "time", "subject"])
@pytest.mark.parametrize("value", ["", 5, None, True, [], {}])
def test_an_attribute_of_another_kind_is_named(name, value):
    assert refused(sent(**{name: value})) == ("event_invalid", name)


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"specversion": "2.0"}, "event_invalid", "specversion"),
        ({"id": "x" * 201}, "event_invalid", "id"),
        ({"data": None}, "event_invalid", "data"),
        ({"data": []}, "event_invalid", "data"),
        ({"data": "text"}, "event_invalid", "data"),
        ({"data": {}}, "event_invalid", "data.order_id"),
        ({"data__order_id": GONE}, "event_invalid", "data.order_id"),
        ({"data__order_id": ""}, "event_invalid", "data.order_id"),
        ({"data__order_id": 17}, "event_invalid", "data.order_id"),
        ({"data__amount": GONE}, "event_invalid", "data.amount"),
        ({"data__amount": -1}, "event_invalid", "data.amount"),
        ({"data__amount": AMOUNT_MAX + 1}, "event_invalid", "data.amount"),
        ({"data__amount": 2**63}, "event_invalid", "data.amount"),
        ({"data__amount": 10**40}, "event_invalid", "data.amount"),
        ({"data__amount": True}, "event_invalid", "data.amount"),
        ({"data__amount": 12.5}, "event_invalid", "data.amount"),
        ({"data__amount": 12.0}, "event_invalid", "data.amount"),
        ({"data__amount": "1234"}, "event_invalid", "data.amount"),
        ({"data__amount": None}, "event_invalid", "data.amount"),
        ({"data__currency": GONE}, "event_invalid", "data.currency"),
        ({"data__currency": "jpy"}, "event_invalid", "data.currency"),
        ({"data__currency": "YEN!"}, "event_invalid", "data.currency"),
        ({"data__currency": "USD"}, "currency_wrong", "data.currency"),
        ({"data__lines": {}}, "event_invalid", "data.lines"),
        ({"data__lines": [{"sku": "a", "amount": 1}, {"sku": "b"}]}, "event_invalid", "data.lines[1].amount"),
        ({"data__lines": [{"sku": "a", "amount": 1}] * 1001}, "event_invalid", "data.lines"),
    ],
)
def test_an_order_that_cannot_be_used(changes, code, field):
    assert refused(sent(**changes)) == (code, field)


@pytest.mark.parametrize("points", [0, -5, 1.0, True, "5", None, 10**30, GONE])
def test_a_redemption_that_cannot_be_used(points):
    assert refused(sent(REDEMPTION, data__points=points)) == ("event_invalid", "data.points")


@pytest.mark.parametrize("amount", [0, 1, AMOUNT_MAX])
def test_an_amount_at_its_edges_is_read(amount):
    assert read(sent(data__amount=amount), TERMS, NOW).amount == amount


@pytest.mark.parametrize(
    ("time", "code"),
    [
        ("2025-06-01T12:05:00.001Z", "time_out_of_range"),
        ("9999-12-31T23:59:59-14:00", "time_out_of_range"),
        ("1969-12-31T23:59:59.999Z", "time_out_of_range"),
        ("1970-01-01T08:59:59+09:00", "time_out_of_range"),
        ("0001-01-01T00:00:00+14:00", "time_out_of_range"),
        ("2025-06-01T09:00:00", "event_invalid"),
        ("2025-06-01", "event_invalid"),
        ("2025-02-29T09:00:00Z", "event_invalid"),
        ("2025-06-01T24:00:00Z", "event_invalid"),
        ("yesterday", "event_invalid"),
        (1_748_768_400, "event_invalid"),
    ],
)
def test_a_time_that_cannot_be_used(time, code):
    assert refused(sent(time=time)) == (code, "time")


@pytest.mark.parametrize(
    "time", ["2025-06-01T12:05:00Z", "1970-01-01T00:00:00Z", "2025-06-01T18:00:00+09:00", "2025-06-01 09:00:00.123456Z"]
)
def test_a_time_at_its_edges_is_read(time):
    assert read(sent(time=time), TERMS, NOW).at_ms >= 0


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"not json",
        b"{'id': 1}",
        sent()[:-1],
        sent() + b"}",
        sent(note="é").decode().encode("latin-1"),
        sent().replace(b'"till"', rb'"\ud800"'),
        sent().replace(b'"till"', rb'"\udc00\ud800"'),
        sent().replace(b"1234", b"NaN"),
        sent().replace(b"1234", b"0x10"),
        sent().replace(b"1234", b"1234, \x00"),
        sent(note=1).replace(b'"note": 1', b'"note": ' + b"[" * 100_000 + b"]" * 100_000),
    ],
)
def test_what_is_no_json(raw):
    assert refused(raw)[0] == "event_malformed"


@pytest.mark.parametrize("raw", [b"[]", b"5", b"null", b'"text"', b"true"])
def test_json_that_is_no_event(raw):
    assert refused(raw) == ("event_invalid", "event")


def test_a_number_that_no_machine_holds_is_refused():
    assert refused(sent(note=1).replace(b'"note": 1', b'"note": 1e999'))[0] == "event_invalid"


def test_a_long_number_beside_what_we_read_is_kept_exactly():
    assert f'"note":{10**40}' in read(sent(note=10**40), TERMS, NOW).body


@pytest.mark.parametrize("place", ["note", "id", "subject", "data__order_id", "data__note"])
def test_the_character_zero_is_refused_wherever_it_stands(place):
    assert refused(sent(**{place: "customer:a\0b"}))[0] == "event_invalid"


def test_a_backslash_before_u0000_is_plain_text():
    assert read(sent(note=r"C:\u0000"), TERMS, NOW).body.count("u0000") == 1


@pytest.mark.parametrize("depth", [10, 200])
def test_nesting_of_a_sensible_depth_is_kept(depth):
    nested = sent(note=1).replace(b'"note": 1', b'"note": ' + b"[" * depth + b"]" * depth)
    assert "[" * depth in read(nested, TERMS, NOW).body


@pytest.mark.parametrize(
    ("subject", "identity"),
    [
        ("customer:hanako", ("customer", "hanako")),
        ("customer: 12:34 ", ("customer", "12:34")),
        ("customer:ＡＢＣ１２３", ("customer", "ABC123")),
        ("email:Hanako@Example.COM", ("email", "hanako@example.com")),
        ("email:ｈａｎａｋｏ＠ｅｘａｍｐｌｅ．ｃｏｍ", ("email", "hanako@example.com")),
        ("phone:+81 3-1234-5678", ("phone", "+81312345678")),
        ("phone:03-1234-5678", ("phone", "+81312345678")),
        ("phone:０３－１２３４－５６７８", ("phone", "+81312345678")),
        ("phone:090 1234 5678", ("phone", "+819012345678")),
        ("phone:+1 (212) 555-0123", ("phone", "+12125550123")),
        ("card:9000 0000-0000 0001", ("card", "9000000000000001")),
        ("card:９０００００００００００００００１", ("card", "90000000000000001")),
        ("line:U4af4980629", ("line", "U4af4980629")),
        ("member:0197A0B1-0000-7000-8000-00000000ABCD", ("member", "0197a0b1000070008000" + "00000000abcd")),
    ],
)
def test_two_spellings_of_one_name_are_one_identity(subject, identity):
    assert read(sent(subject=subject), TERMS, NOW).identity == Identity(*identity)


@pytest.mark.parametrize(
    "subject",
    [
        "hanako",
        ":hanako",
        "customer:",
        "customer:   ",
        "customer:a\tb",
        "customer:a\u200bb",
        "fax:123",
        "Customer:hanako",
        "email:hanako",
        "email:@example.com",
        "email:hanako@localhost",
        "email:hana ko@example.com",
        "phone:hello",
        "phone:12",
        "phone:+81 3 1234 5678 9999 9999 9999",
        "card:--- -",
        "member:hanako",
        "member:1234",
    ],
)
def test_a_subject_that_names_nobody(subject):
    assert refused(sent(subject=subject)) == ("subject_invalid", "subject")


def told(pieces) -> list[str]:
    """What each piece of a split array is: an id, or the code of its problem."""
    words = []
    for piece in pieces:
        try:
            words.append(piece.code if isinstance(piece, EventMalformed) else read(piece, TERMS, NOW).id)
        except Problem as problem:
            words.append(problem.code)
    return words


A, B = sent(id="a"), sent(id="b", note='quotes " and \\ and ] } , [ {')


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"[]", []),
        (b" [ ] ", []),
        (b"[%s]" % A, ["a"]),
        (b"[%s,%s]" % (A, B), ["a", "b"]),
        (b"\n[\n%s\n,\n%s\n]\n" % (A, B), ["a", "b"]),
        (b"[%s,5,%s]" % (A, B), ["a", "event_invalid", "b"]),
        (b"[%s,oops,%s]" % (A, B), ["a", "event_malformed", "b"]),
        (b"[%s,{oops},%s]" % (A, B), ["a", "event_malformed", "b"]),
        (b'[%s,{"id":},%s]' % (A, B), ["a", "event_malformed", "b"]),
        (b'[%s,{"id":"c",},%s]' % (A, B), ["a", "event_malformed", "b"]),
        (b'[%s,{"id":"\xff"},%s]' % (B, A), ["b", "event_malformed", "a"]),
        (b"[oops,%s]" % A, ["event_malformed", "a"]),
        (b"[%s,oops]" % A, ["a", "event_malformed"]),
        (b"[%s,%s" % (A, B), ["a", "event_malformed"]),
        (b"[%s,%s" % (A, B[:-5]), ["a", "event_malformed"]),
        (b"[%s,oops,%s" % (A, B[:9]), ["a", "event_malformed", "event_malformed"]),
        (b"[%s," % A, ["a", "event_malformed"]),
        (b"[", ["event_malformed"]),
    ],
)
def test_a_broken_element_leaves_its_neighbours_whole(body, expected):
    assert told(split_array(body)) == expected


@pytest.mark.parametrize("rest", [b"!", b"]", b",{}", b"[]", b"}],%s]" % B])
def test_what_follows_the_array_is_not_passed_over_in_silence(rest):
    assert told(split_array(b"[%s]%s" % (A, rest)))[-1] == "event_malformed"


def test_an_element_that_is_empty_is_a_problem_in_its_place():
    assert told(split_array(b"[%s,,%s]" % (A, B))) == ["a", "event_malformed", "b"]


def test_a_bottomless_element_is_a_problem_in_its_place():
    deep = b"[" * 100_000 + b"]" * 100_000
    assert told(split_array(b"[%s,%s,%s]" % (A, deep, B))) == ["a", "event_invalid", "b"]


def test_lines_are_events_and_empty_lines_are_nothing():
    assert told(split_lines(b"%s\n\n  \r\n%s\r\noops" % (A, B))) == ["a", "b", "event_malformed"]
