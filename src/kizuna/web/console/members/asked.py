"""What an address of the list asks for, read and written: the address always names what is shown. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import Final, Self
from urllib.parse import urlencode

from kizuna.core.errors import N_, Kind, Problem
from kizuna.members import Listing, Order, Which

PATH: Final = "/console/members"
ACTIVE_DAYS: Final = (30, 90, 365)
SLEEPING_DAYS: Final = (90, 180, 365)
EXPIRING_DAYS: Final = (7, 30, 90)
QUERY_MAX: Final = 200
_ORDERS: Final = frozenset(order.value for order in Order)
_TIER_MAX: Final = 99


class FilterInvalid(Problem):
    """A filter of the list that means nothing."""

    code = "filter_invalid"
    kind = Kind.INVALID
    title = N_("“{value}” is nothing that the list can be narrowed by.")
    remedy = N_("Choose {field} from the list’s own filters, or leave it out. It can be: {known}.")

    def __init__(self, field: str, value: str, known: str) -> None:
        super().__init__(field=field, value=value[:100], known=known)
        self.facts["field"] = field


@dataclass(frozen=True, slots=True)
class Asked:
    """A list as its address names it; "" and None stand for what is not asked for. A search looks among everybody."""

    q: str = ""
    tier: int | None = None
    active: int | None = None
    sleeping: int | None = None
    joined: str = ""
    expiring: int | None = None
    sort: str = Order.KANA.value
    cursor: str = ""
    open: str = ""

    @classmethod
    def read(cls, params: Mapping[str, str]) -> Self:
        """Read an address's query; what it does not know is passed over. Raises `FilterInvalid`."""
        sort = params.get("sort", "") or Order.KANA.value
        if sort.removeprefix("-") not in _ORDERS:
            raise FilterInvalid("sort", sort, ", ".join(sorted(_ORDERS)))
        joined = params.get("joined", "")
        if joined and _month(joined) is None:
            raise FilterInvalid("joined", joined, "YYYY-MM")
        return cls(
            q=params.get("q", "")[:QUERY_MAX].replace("\x00", ""),
            tier=_one_of(params, "tier", range(_TIER_MAX + 1)),
            active=_one_of(params, "active", ACTIVE_DAYS),
            sleeping=_one_of(params, "sleeping", SLEEPING_DAYS),
            joined=joined,
            expiring=_one_of(params, "expiring", EXPIRING_DAYS),
            sort=sort,
            cursor=params.get("cursor", ""),
            open=params.get("open", ""),
        )

    @property
    def order(self) -> Order:
        """What the list is sorted by."""
        return Order(self.sort.removeprefix("-"))

    @property
    def is_down(self) -> bool:
        """Whether the greatest comes first."""
        return self.sort.startswith("-")

    @property
    def is_search(self) -> bool:
        """Whether somebody is looked for, so that filters and order are put aside."""
        return self.q.strip() != ""

    @property
    def filters(self) -> dict[str, str]:
        """The filters that are on, by name."""
        kept = {name: getattr(self, name) for name in ("tier", "active", "sleeping", "joined", "expiring")}
        return {name: str(value) for name, value in kept.items() if value not in (None, "")}

    def listing(self, today: date, tiers: int) -> Listing:
        """Return the list that is meant on the day `today`, in a program of so many tiers."""
        month = _month(self.joined)
        return Listing(
            Which(
                tier=self.tier,
                ordered_from=_since(today, self.active),
                quiet_from=_since(today, self.sleeping),
                joined_from=month,
                joined_before=(month + timedelta(days=31)).replace(day=1) if month else None,
                expires_from=today if self.expiring else None,
                expires_before=today + timedelta(days=self.expiring + 1) if self.expiring else None,
            ),
            self.order,
            self.is_down,
            range(tiers),
        )

    def address(self, **changes: object) -> str:
        """Return the address of this list with changes; a change of anything else leaves its page and its open member behind."""
        moved = {"cursor": "", "open": ""} | changes
        return PATH + self.replaced(moved).query

    def replaced(self, changes: Mapping[str, object]) -> "Asked":
        """Return this with changes."""
        return replace(self, **changes)  # type: ignore[arg-type]

    @property
    def query(self) -> str:
        """The query with its question mark; "" when nothing is asked for."""
        kept = {
            one.name: value
            for one in fields(self)
            if (value := getattr(self, one.name)) not in (None, "") and (one.name, value) != ("sort", Order.KANA.value)
        }
        return f"?{urlencode(kept)}" if kept else ""

    @property
    def saved(self) -> str:
        """What a saved view keeps: the list without its page and its open member, without the question mark."""
        return self.replaced({"cursor": "", "open": ""}).query.removeprefix("?")


def _one_of(params: Mapping[str, str], name: str, known: "range | tuple[int, ...]") -> int | None:
    text = params.get(name, "")
    if not text:
        return None
    if text.isascii() and text.isdecimal() and len(text) < 5 and int(text) in known:
        return int(text)
    raise FilterInvalid(name, text, f"0–{known[-1]}" if isinstance(known, range) else ", ".join(map(str, known)))


def _month(text: str) -> date | None:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}", text):
        return None
    try:
        return date(int(text[:4]), int(text[5:]), 1) if int(text[:4]) < date.max.year else None
    except ValueError:
        return None


def _since(today: date, days: int | None) -> date | None:
    """Return the first of the last `days` days, today included."""
    return None if days is None else today - timedelta(days=days - 1)
