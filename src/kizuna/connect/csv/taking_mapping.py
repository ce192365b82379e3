"""The mappings of a taking over: which column of another program's files is what. Valid on their own, as those of orders are."""

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, StringConstraints, field_validator, model_validator

from kizuna.connect.csv.mapping import Amount, ColumnName, CsvForm, MappingInvalid, Member, Strict, Time
from kizuna.core.errors import N_
from kizuna.program import Misuse, Sort, read_document

OTHERS = ("email", "phone", "card", "customer", "line")
"""Kinds of identities that a member may have beside the first."""
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,79}$")]
Word = Annotated[str, StringConstraints(min_length=1, max_length=200)]

NOTHING_BROUGHT = Sort(
    "nothing_brought",
    N_("No column tells what members bring."),
    N_("Map at least one of these: {names}."),
)
UNIT_TWICE = Sort(
    "unit_twice",
    N_("“unit” stands both beside the columns and among them."),
    N_("Say one unit for all rows, or which column tells it."),
)
DAY_WITHOUT_TIER = Sort(
    "tier_through_without_tier",
    N_("“{name}” says until when a tier is kept, and no column says which tier."),
    N_("Then map “{needed}” too, or leave “{name}” out."),
)


def _column(told: Any) -> Any:
    """Take a column's name alone for its entry."""
    return {"column": told} if isinstance(told, str) else told


class DayColumn(Strict):
    """A day. `format` (strptime) is needed only where the form is unusual."""

    column: ColumnName
    format: str | None = None

    @field_validator("format")
    @classmethod
    def _reads_back(cls, form: str | None) -> str | None:
        return Time(column="-", format=form).format


class LastDayColumn(DayColumn):
    """The last day of points. The words `never` say that they have none; an empty one takes the unit's own rule, from today on."""

    never: list[Word] = Field(default_factory=list)


class ChosenColumn(Strict):
    """A name of the program: `words` translate what stands in the file; left out: it stands there as it is."""

    column: ColumnName
    words: dict[Word, Word] = Field(default_factory=dict)


class TierColumn(Strict):
    """A tier: `levels` say which tier of the program each word of the file is; left out: the tiers' ids stand there."""

    column: ColumnName
    levels: dict[Word, Word] = Field(default_factory=dict)


class StatusColumn(Strict):
    """Whether a member left: the words `closed` say so, every other one does not."""

    column: ColumnName
    closed: Annotated[list[Word], Field(min_length=1)]


Day = Annotated[DayColumn, BeforeValidator(_column)]
LastDay = Annotated[LastDayColumn, BeforeValidator(_column)]
Chosen = Annotated[ChosenColumn, BeforeValidator(_column)]
Tier = Annotated[TierColumn, BeforeValidator(_column)]


def _named(columns: Strict) -> dict[str, str]:
    """Return the names of the mapped columns by what they are."""
    told = {what: getattr(columns, what) for what in type(columns).model_fields}
    return {what: one if isinstance(one, str) else one.column for what, one in told.items() if one is not None}


class MembersColumns(Strict):
    """Which column is what."""

    member: Member
    email: ColumnName | None = None
    phone: ColumnName | None = None
    card: ColumnName | None = None
    customer: ColumnName | None = None
    line: ColumnName | None = None
    name: ColumnName | None = None
    kana: ColumnName | None = None
    language: ColumnName | None = None
    birthday: Day | None = None
    joined_on: Day | None = None
    tier: Tier | None = None
    tier_through: Day | None = None
    status: StatusColumn | None = None

    @property
    def names(self) -> dict[str, str]:
        """The mapped columns by what they are."""
        return _named(self)


class MembersMapping(Strict):
    """What a file of members means. They come from `takeover:<program>`."""

    mapping: Literal[1] = Field(description="The mapping format's version")
    program: Slug
    csv: CsvForm = CsvForm()
    columns: MembersColumns

    @model_validator(mode="after")
    def _day_is_a_tiers(self) -> Self:
        if self.columns.tier_through is not None and self.columns.tier is None:
            raise Misuse(DAY_WITHOUT_TIER, name="tier_through", needed="tier")
        return self


class BalancesColumns(Strict):
    """Which column is what."""

    member: Member
    points: ColumnName | None = None
    unit: Chosen | None = None
    last_day: LastDay | None = None
    only_for: Chosen | None = None
    debt: ColumnName | None = None
    orders: ColumnName | None = None
    spend: Amount | None = None
    figure: Amount | None = None
    last_order: Day | None = None

    @property
    def names(self) -> dict[str, str]:
        """The mapped columns by what they are."""
        return _named(self)


class BalancesMapping(Strict):
    """What a file of balances means: a row is a lot of points, or all that a member has. `unit` says one unit for all rows."""

    mapping: Literal[1] = Field(description="The mapping format's version")
    program: Slug
    unit: Word | None = None
    csv: CsvForm = CsvForm()
    columns: BalancesColumns

    @model_validator(mode="after")
    def _brings_something(self) -> Self:
        of = self.columns
        if not any((of.points, of.debt, of.orders, of.spend, of.figure)):
            raise Misuse(NOTHING_BROUGHT, names="points, debt, orders, spend, figure")
        if self.unit is not None and of.unit is not None:
            raise Misuse(UNIT_TWICE)
        return self


class MembersMappingInvalid(MappingInvalid):
    """A mapping of members cannot be used."""

    remedy = N_("Correct the places named; examples/takeover/members.yaml shows every entry.")


class BalancesMappingInvalid(MappingInvalid):
    """A mapping of balances cannot be used."""

    remedy = N_("Correct the places named; examples/takeover/balances.yaml shows every entry.")


def parse_members(text: str) -> MembersMapping:
    """Read a mapping of members, YAML or JSON. Raises `MembersMappingInvalid` with every fault found."""
    return read_document(text, MembersMapping, MembersMappingInvalid, "mapping: 1")


def parse_balances(text: str) -> BalancesMapping:
    """Read a mapping of balances, YAML or JSON. Raises `BalancesMappingInvalid` with every fault found."""
    return read_document(text, BalancesMapping, BalancesMappingInvalid, "mapping: 1")
