"""What was not imported, and why: one line per bad value, in a CSV file that a spreadsheet opens as it is.

UTF-8 with a byte order mark, so that Excel reads Japanese. `row` counts as a person counts in the file: the head line of a
CSV file is row 1, the first row of a Parquet file is row 1.
"""

import csv
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self, TextIO

from kizuna.connect.csv.problems import RejectsUnwritable
from kizuna.core.errors import N_

HEAD = ("file", "row", "order_id", "field", "value", "reason", "remedy")
"""The columns; files of members name the member where those of orders name the order."""
VALUE_LENGTH_MAX = 200
FIRST_MAX = 5


class Phrase(str):
    """A sentence in English that a face can say in its own language: its message id, and the facts that fill it."""

    __slots__ = ("facts", "msgid")
    msgid: str
    facts: dict[str, object]

    def __new__(cls, msgid: str, **facts: object) -> Self:
        """Fill `msgid`."""
        made = super().__new__(cls, msgid.format(**facts))
        made.msgid, made.facts = msgid, facts
        return made


Say = Callable[[str], str]
"""Says a reason or a remedy in the reader's language; a `Phrase` carries what is needed."""


class Fault(NamedTuple):
    """What is wrong with a value, and what a person does about it."""

    reason: str
    remedy: str


class Reject(NamedTuple):
    """One bad value. `field` is the column's name in the file."""

    file: str
    row: int
    order_id: str
    field: str
    value: str
    reason: str
    remedy: str


class Rejects:
    """Where rejects go: counted always, kept in `path` if there is one. The file begins anew with every import."""

    def __init__(self, path: Path | None, inputs: Iterable[Path] = (), say: Say = str, of: str = "order_id") -> None:
        self.path = path
        self._say = say
        self.first: list[Reject] = []
        self._rows: set[tuple[str, int]] = set()
        self._file: TextIO | None = None
        if path is None:
            return
        try:
            if path.exists() and any(path.samefile(one) for one in inputs):
                raise RejectsUnwritable(file=path, reason="it is one of the files to import")
            self._file = path.open("w", encoding="utf-8-sig", newline="")
        except OSError as fault:
            raise RejectsUnwritable(file=path, reason=fault.strerror or str(fault)) from fault
        self._csv = csv.writer(self._file)
        self._csv.writerow([of if name == "order_id" else name for name in HEAD])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, rejects: Iterable[Reject]) -> None:
        """Note more rejects; they are in the file when this returns."""
        for reject in rejects:
            self._rows.add((reject.file, reject.row))
            if len(self.first) < FIRST_MAX:
                self.first.append(reject)
            if self._file is not None:
                told = reject._replace(reason=self._say(reject.reason), remedy=self._say(reject.remedy))
                self._csv.writerow([_harmless(str(cell)[:VALUE_LENGTH_MAX]) for cell in told])
        if self._file is not None:
            self._file.flush()

    @property
    def rows(self) -> int:
        """How many different rows were rejected."""
        return len(self._rows)


def _harmless(cell: str) -> str:
    """Keep a spreadsheet from running a cell as a formula: only a text of ours may begin like one."""
    return f"'{cell}" if cell[:1] in {"=", "@", "+", "\t", "\r"} or (cell[:1] == "-" and cell[1:2].isalpha()) else cell


EMPTY = Fault(N_("it is empty"), N_("Fill it in; every row needs one."))
TOO_LONG = Fault(N_("it is longer than 190 characters"), N_("Check that the column holds what the mapping says."))
UNPRINTABLE = Fault(N_("it holds a line break or another sign that cannot be printed"), N_("Remove the sign."))
NOT_WHOLE_NUMBER = Fault(N_("it is not a whole number"), N_("Write digits only, such as 3."))
NOT_A_NUMBER = Fault(N_("it is not an amount"), N_("Write digits, such as 1234, 1,234 or -50."))
TOO_LARGE = Fault(N_("it is larger than any purchase"), N_("Check the amount and the unit in the mapping."))
NOT_A_TIME = Fault(
    N_("it is not a time"),
    N_("Write it as 2026-01-31 14:05 or 2026/01/31 14:05:00, or say its “format” in the mapping."),
)
NO_SUCH_TIME = Fault(N_("the clocks of its zone skip this hour"), N_("Correct the hour, or the zone in the mapping."))
UNTRANSLATED = Fault(N_("the mapping knows only {known}"), N_("Add the word to the mapping, or correct the row."))
BROKEN_ROW = Fault(
    N_("the row has {found} fields, the head line has {expected}"), N_("Check the row for a stray delimiter or quote.")
)
BROKEN_QUOTES = Fault(
    N_("a quote in this row does not end as it should"), N_("Close the quote, or double a quote that is text.")
)
BROKEN_NEIGHBOUR = Fault(N_("row {row} of {file} is broken and seems to belong to this order"), N_("Correct that row."))
TWICE = Fault(
    N_("the order stands in more than one row"), N_("Keep one row per order, or say “level: line” in the mapping.")
)
MIXED = Fault(N_("the order’s first line (row {row}) says “{other}”"), N_("Give all lines of an order the same value."))
NEGATIVE = Fault(
    N_("the order’s lines add up to less than 0"),
    N_("A return is not an order of its own: say in the mapping which rows are returns (“kind”), or leave it out."),
)
SUM_TOO_LARGE = Fault(
    N_("the order’s lines add up to more than any purchase"), N_("Check the amounts and the unit in the mapping.")
)
OTHER_CURRENCY = Fault(
    N_("it is not in {currency}"),
    N_("A brand counts in one currency: convert the amount into {currency}, or leave the order out."),
)
RETURN_ALONE = Fault(
    N_("this order came back, and no row says that it was bought"),
    N_("Read the file that has the order together with this one, or leave the return out."),
)
RETURN_OF_REJECTED = Fault(N_("the order that came back is rejected itself"), N_("Mend the order’s own rows first."))
RETURN_EARLY = Fault(N_("it came back before it was bought ({at})"), N_("Correct the time, or the order id."))
RETURN_OF_ANOTHER = Fault(N_("another member bought this order"), N_("Name the member who bought it."))
RETURN_OF_NOTHING = Fault(
    N_("a return of nothing gives nothing back"), N_("Write how much came back, or leave the row out.")
)
RETURN_NEIGHBOUR = Fault(N_("another row of what came back of this order (row {row}) is bad"), N_("Correct that row."))
OVER = Fault(
    N_("its last day is over: these points could not be spent any more"),
    N_("Leave the row out, or give it a last day from today on."),
)
NO_BIRTHDAY = Fault(N_("nobody was born on this day"), N_("Correct the day, or leave it empty."))
NOT_JOINED_YET = Fault(N_("it is no day from 1970 to today"), N_("Correct the day, or leave it empty."))
MEMBER_TWICE = Fault(N_("the member stands in more than one row"), N_("Keep one row for each member."))
DIFFERING = Fault(
    N_("another row of the member (row {row}) says “{other}”"),
    N_("Give all rows of a member the same value, or fill in one of them only."),
)
NEGATIVE_FIGURE = Fault(N_("it is less than 0"), N_("Correct the number, or leave it empty."))
