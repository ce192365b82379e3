"""Which column is what, guessed from a file's head line and first rows, so that a person only corrects. Pure but for reading.

A guess is never posted by itself: it fills a form. What cannot be told stays None.
"""

import csv
import re
import unicodedata
from collections.abc import Mapping as Facts
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from kizuna.connect.csv.cells import plain
from kizuna.connect.csv.encoding import NOT_TEXT, encoding_of
from kizuna.connect.csv.problems import FileEmpty, FileUnreadable
from kizuna.core.errors import N_

ROWS_SEEN = 50
DELIMITERS = (",", "\t", ";")
FORMATS = (
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y",
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y",
    "%Y%m%d%H%M%S",
    "%Y%m%d",
)
"""Forms of a time that need to be said; every other usual form is read as it is."""

# By what a column is: how its name is written, best first. Names are compared without blanks, signs and case.
_NAMES: Facts[str, Sequence[str]] = {
    "order_id": ("注文番号", "受注番号", "注文id", "受注id", "伝票番号", "取引番号", "取引id", "レシート番号", "会計id", "会計番号",
                 "orderid", "ordernumber", "orderno", "transactionid", "receiptid", "receiptnumber", "receiptno", "basketid", "name"),
    "member": ("会員番号", "会員id", "会員コード", "顧客番号", "顧客id", "顧客コード", "得意先コード", "会員", "カード番号", "会員証番号",
               "memberid", "membernumber", "customerid", "customernumber", "customer", "member", "cardnumber", "householdid",
               "メールアドレス", "eメール", "email", "emailaddress", "電話番号", "電話", "携帯電話", "phone", "phonenumber"),
    "time": ("注文日時", "購入日時", "受注日時", "取引日時", "会計日時", "売上日時", "注文日", "購入日", "受注日", "取引日", "売上日",
             "日時", "日付", "orderedat", "orderdate", "purchasedat", "purchasedate", "createdat", "paidat",
             "transactiontimestamp", "transactiondate",
             "timestamp", "datetime", "date", "time", "at"),
    "amount": ("合計金額", "お支払金額", "支払金額", "購入金額", "注文金額", "売上金額", "税込合計", "合計税込", "請求金額", "小計", "合計",
               "売上", "金額", "total", "totalamount", "totalprice", "amount", "salesvalue", "paid", "grandtotal", "subtotal", "price"),
    "store": ("店舗名", "店舗", "店名", "店舗コード", "店舗id", "storename", "store", "storeid", "shop", "location", "branch"),
    "sku": ("商品コード", "商品番号", "品番", "商品id", "jan", "janコード", "sku", "lineitemsku", "productid", "productcode", "itemcode"),
    "quantity": ("数量", "個数", "点数", "quantity", "qty", "lineitemquantity", "count"),
    "channel": ("販売チャネル", "受注チャネル", "チャネル", "チャンネル", "販売経路", "購入経路", "saleschannel", "channel"),
    "category": ("商品カテゴリ", "カテゴリー", "カテゴリ", "商品分類", "部門名", "部門", "productcategory", "category", "department"),
    "brand": ("ブランド名", "ブランド", "メーカー", "brandname", "brand"),
    "kind": ("返品区分", "取引区分", "売上区分", "伝票区分", "取引種別", "transactiontype", "ordertype", "区分", "種別", "type"),
    "currency": ("通貨コード", "通貨", "currencycode", "currency"),
}  # fmt: skip
_OF_PRODUCTS = ("quantity", "category", "brand")
_KINDS_SURE = 7
"""So many of the names of “kind” tell by themselves that a row may be a return; the others need a row that says so."""
_RETURNED = re.compile(r"返品|返金|refund|return", re.IGNORECASE)
RETURNED = ("返品", "return")
_KINDS = (
    ("email", ("メール", "mail")),
    ("phone", ("電話", "携帯", "phone", "tel")),
    ("card", ("カード", "会員証", "card")),
    ("line", ("lineid", "lineuser")),
)


@dataclass(frozen=True, slots=True)
class Head:
    """How a file begins: its format, the names of its columns, and its first rows as text."""

    format: str
    delimiter: str
    names: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Guess:
    """Columns by what they are (`Columns.names`), what the members are known by, and what a row is.

    `returned` are the words of returns in the column `kind`.
    """

    columns: Facts[str, str]
    member_kind: str
    level: str
    time_format: str | None
    returned: Sequence[str] = ()


def head_of(path: Path) -> Head:
    """Return how a file begins. Raises `FileUnreadable`, `FileEmpty`, `EncodingWrong`."""
    try:
        with path.open("rb") as file:
            first = file.read(8)
        if first.startswith(b"PAR1"):
            return _parquet_head(path)
        if not first:
            raise FileEmpty(file=path.name)
        if any(first.startswith(mark) for mark in NOT_TEXT):
            raise FileUnreadable(file=path.name, reason=N_("it is a workbook or an archive, not a CSV file"))
        with path.open(encoding=encoding_of(path, "auto"), newline="") as file:
            line = file.readline()
            delimiter = max(DELIMITERS, key=line.count)
            file.seek(0)
            rows = list(islice(csv.reader(file, delimiter=delimiter), ROWS_SEEN + 1))
    except (OSError, csv.Error) as fault:
        raise FileUnreadable(file=path.name, reason=getattr(fault, "strerror", None) or str(fault)) from fault
    if not rows or not any(name.strip() for name in rows[0]):
        raise FileEmpty(file=path.name)
    return Head(
        "csv", delimiter, [name.strip() for name in rows[0]], [row for row in rows[1:] if len(row) == len(rows[0])]
    )


def _parquet_head(path: Path) -> Head:
    try:
        file = pq.ParquetFile(path)
        batch = next(file.iter_batches(batch_size=ROWS_SEEN), None)
    except (pa.ArrowException, OSError) as fault:
        raise FileUnreadable(
            file=path.name, reason=N_("it is no whole Parquet file; it may have been cut off")
        ) from fault
    try:  # column by column: two columns may have the same name
        columns = [] if batch is None else [[plain(value) for value in column.to_pylist()] for column in batch.columns]
    except (ValueError, OverflowError) as fault:
        raise FileUnreadable(file=path.name, reason=N_("it holds a value that no text or calendar has")) from fault
    return Head("parquet", ",", list(file.schema_arrow.names), list(zip(*columns, strict=True)))


def guess(head: Head) -> Guess:
    """Return what the columns seem to be; no column is taken for two things."""
    folded = [_folded(name) for name in head.names]
    found: dict[str, int] = {}
    for what, names in _NAMES.items():
        free = [place for place in range(len(folded)) if place not in found.values()]
        best = _best(names, folded, free)
        if best is not None:
            found[what] = best
    order = found.get("order_id")
    returned = _returned(head, folded, found)
    ids = [row[order] for row in head.rows if not _is_return(row, found, returned)] if order is not None else []
    level = "line" if "sku" in found or len(set(ids)) < len(ids) else "order"
    if level == "order" or "sku" not in found:
        for what in _OF_PRODUCTS:
            found.pop(what, None)
    member = found.get("member")
    samples = [row[member] for row in head.rows if row[member]] if member is not None else []
    times = [row[found["time"]] for row in head.rows if row[found["time"]]] if "time" in found else []
    kind = _kind(folded[member] if member is not None else "", samples)
    return Guess({what: head.names[place] for what, place in found.items()}, kind, level, _format(times), returned)


def _is_return(row: Sequence[str], found: Facts[str, int], returned: Sequence[str]) -> bool:
    return "kind" in found and row[found["kind"]] in returned


def _returned(head: Head, folded: Sequence[str], found: dict[str, int]) -> Sequence[str]:
    """Return the words of returns; a column that tells of none is no “kind”."""
    place = found.get("kind")
    if place is None:
        return ()
    words = list(dict.fromkeys(row[place] for row in head.rows if _RETURNED.search(row[place])))
    if not words and folded[place] not in _NAMES["kind"][:_KINDS_SURE]:
        del found["kind"]
        return ()
    return words or RETURNED


def _folded(name: str) -> str:
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", name)).lower()


def _best(names: Sequence[str], folded: Sequence[str], free: Sequence[int]) -> int | None:
    """Return the place whose name is one of `names`, else one that holds one of them; the first of `names` wins."""
    for holds in (str.__eq__, str.__contains__):
        for name in names:
            if len(name) < 2 or (holds is str.__contains__ and len(name) < 4 and name.isascii()):
                continue
            places = [place for place in free if holds(folded[place], name)]
            if places:
                return places[0]
    return None


def _kind(name: str, samples: Sequence[str]) -> str:
    if samples and all("@" in sample for sample in samples):
        return "email"
    return next((kind for kind, marks in _KINDS if any(mark in name for mark in marks)), "customer")


def _format(samples: Sequence[str]) -> str | None:
    """Return the form that reads every sample, None where the usual reading does."""
    if not samples or all(re.match(r"\s*[0-9]{4}[-/.年]", sample) for sample in samples):
        return None
    return next((form for form in FORMATS if all(_reads(sample, form) for sample in samples)), None)


def _reads(text: str, form: str) -> bool:
    try:
        datetime.strptime(text.strip(), form)  # noqa: DTZ007 - only tries a form out
    except ValueError:
        return False
    return True
