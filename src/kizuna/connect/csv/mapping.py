"""The mapping of an import: which column of a file is what, as a document that is checked before any row is read.

A mapping is valid on its own: every name is known, a zone is one of the IANA database, a time format can be read back,
products are mapped only where a row is a line. Whether the columns exist, each file tells.
"""

from datetime import datetime
from difflib import get_close_matches
from typing import Annotated, Literal, Self
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from kizuna.core.errors import N_
from kizuna.members import KINDS
from kizuna.program import DocumentInvalid, Misuse, Sort, read_document, say, use_one_of

ColumnName = Annotated[str, StringConstraints(min_length=1, max_length=200)]
"""A column's name exactly as it stands in the head of the file."""

NO_KIND = Sort("unknown_kind", N_("“{value}” is not a kind of identity."), N_("Use one of these: {names}."))
NO_ZONE = Sort("unknown_zone", N_("“{value}” is not the name of a time zone."))
NO_FORMAT = Sort(
    "format_unreadable",
    N_("“{value}” is not a format in which a time can be read."),
    N_("Write it as strptime does, such as %Y/%m/%d %H:%M."),
)
NO_DAY = Sort(
    "format_without_a_day",
    N_("“{value}” lacks the year, the month or the day."),
    N_("Write all three, such as %Y/%m/%d %H:%M."),
)
DIGITS_OF_MINOR = Sort(
    "digits_of_minor",
    N_("“digits” belongs to “unit: major”; whole minor units have no decimals."),
    N_("Take “digits” away, or write unit: major."),
)
LINES_ONLY = Sort(
    "columns_of_lines",
    N_("“{names}” belongs to a line, and here each row is a whole order."),
    N_("Write “level: line”, or take it away."),
)
SKU_NEEDED = Sort(
    "product_without_sku",
    N_("“{names}” tells of products, and no column says which."),
    N_("Then map “sku” too (it may be the same column), or take it away."),
)

_MOMENT = datetime(2026, 11, 23, 14, 35, 47)  # noqa: DTZ001 - a local time on purpose: it only tries a format out


class Strict(BaseModel):
    """Unknown keys, coerced types and later changes are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Member(Strict):
    """Who bought. `kind` says what the column's values are: a customer number, a card, an e-mail address and so on."""

    column: ColumnName
    kind: str

    @field_validator("kind")
    @classmethod
    def _is_known(cls, kind: str) -> str:
        if kind not in KINDS:
            raise Misuse(NO_KIND, value=kind, names=", ".join(KINDS))
        return kind


class Time(Strict):
    """When. `zone` is that of values that carry none; `format` (strptime) is needed only where the form is unusual."""

    column: ColumnName
    zone: str | None = None
    format: str | None = None

    @field_validator("zone")
    @classmethod
    def _is_a_zone(cls, zone: str | None) -> str | None:
        if zone is not None and zone not in available_timezones():
            near = get_close_matches(zone, available_timezones(), n=1)
            remedy = (
                use_one_of(zone, near)
                if near
                else say(N_("Write one of the IANA database, such as Asia/Tokyo or UTC."))
            )
            raise Misuse(NO_ZONE, remedy, value=zone)
        return zone

    @field_validator("format")
    @classmethod
    def _reads_back(cls, form: str | None) -> str | None:
        if form is not None:
            try:
                read = datetime.strptime(_MOMENT.strftime(form), form)  # noqa: DTZ007 - tries a format out
            except ValueError as fault:
                raise Misuse(NO_FORMAT, value=form) from fault
            if read.date() != _MOMENT.date():
                raise Misuse(NO_DAY, value=form)
        return form


class Amount(Strict):
    """How much. `major`: decimal currency units; `minor`: whole minor units. Both end as minor units of the brand's currency.

    `digits` is how many decimals of a major unit one minor unit is: the currency's own unless it is said, 0 for JPY and 2
    for USD. Saying 2 for a brand in JPY reads cents as yen.
    """

    column: ColumnName
    unit: Literal["major", "minor"]
    digits: Annotated[int, Field(ge=0, le=4)] | None = None

    def decimals(self, currency_digits: int) -> int:
        """Return how many decimals a value may have."""
        return 0 if self.unit == "minor" else currency_digits if self.digits is None else self.digits

    @model_validator(mode="after")
    def _digits_are_of_major(self) -> Self:
        if self.unit == "minor" and self.digits is not None:
            raise Misuse(DIGITS_OF_MINOR)
        return self


class Kind(Strict):
    """What a row tells. Rows with a word of `returned` tell that their order, or a part of it, came back at their time.

    With `bought` all other words are refused; without it every other row is a purchase.
    """

    column: ColumnName
    returned: Annotated[list[ColumnName], Field(min_length=1)]
    bought: list[ColumnName] = []


OF_ORDERS = ("store", "channel")
OF_LINES = ("sku", "quantity", "category", "brand")
"""What may be told of an order, and of a line of it."""


class Columns(Strict):
    """Which column is what. `store` and `channel` are the order's, `sku`, `quantity`, `category` and `brand` the line's.

    Rows in another `currency` than the brand's are rejected.
    """

    order_id: ColumnName
    member: Member
    time: Time
    amount: Amount
    store: ColumnName | None = None
    channel: ColumnName | None = None
    sku: ColumnName | None = None
    quantity: ColumnName | None = None
    category: ColumnName | None = None
    brand: ColumnName | None = None
    kind: Kind | None = None
    currency: ColumnName | None = None

    @property
    def names(self) -> dict[str, str]:
        """The mapped columns by what they are."""
        named = {
            "order_id": self.order_id,
            "member": self.member.column,
            "time": self.time.column,
            "amount": self.amount.column,
            "kind": self.kind and self.kind.column,
            "currency": self.currency,
        } | {what: getattr(self, what) for what in (*OF_ORDERS, *OF_LINES)}
        return {what: name for what, name in named.items() if name is not None}


class CsvForm(Strict):
    """How a CSV file is written. `auto` tells UTF-8 (with or without a mark) and CP932 apart by reading the file."""

    delimiter: Annotated[str, StringConstraints(pattern=r'^[^"\r\n]$')] = ","
    encoding: Literal["auto", "utf-8", "cp932"] = "auto"


class Mapping(Strict):
    """What an import file means. Its events have the source `csv:<shop>` and the ids `order/<order id>`."""

    mapping: Literal[1] = Field(description="The mapping format's version")
    shop: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,79}$")]
    level: Literal["line", "order"] = Field(description="What a row is: a line of an order, or a whole order")
    csv: CsvForm = CsvForm()
    columns: Columns

    @model_validator(mode="after")
    def _products_are_lines(self) -> Self:
        told = [what for what in OF_LINES if getattr(self.columns, what)]
        if self.level == "order" and told:
            raise Misuse(LINES_ONLY, names=", ".join(told))
        if told and not self.columns.sku:
            raise Misuse(SKU_NEEDED, names=", ".join(told))
        return self


class MappingInvalid(DocumentInvalid):
    """A mapping cannot be used; `faults` lists everything that is wrong with it."""

    code = "mapping_invalid"
    title = N_("The mapping has {count} fault(s). {summary}")
    remedy = N_("Correct the places named; examples/orders/mapping.yaml shows every entry.")


def parse_mapping(text: str) -> Mapping:
    """Read a mapping, YAML or JSON. Raises `MappingInvalid` with every fault found."""
    return read_document(text, Mapping, MappingInvalid, "mapping: 1")
