"""What the books of a taking over share: rows about members, what is wrong with them, and what their files say.

Always true: a member falls whole if one of the member's rows is bad; what the files say is kept before anything is posted, of those
that fall too, so that the ledger can be held against it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from kizuna.connect.csv.cells import NO_DAY, Reader
from kizuna.connect.csv.columns import Columns, Layout, Rows
from kizuna.connect.csv.mapping import Member
from kizuna.connect.csv.reading import Mapping, Source, gather
from kizuna.connect.csv.rejects import BROKEN_QUOTES, BROKEN_ROW, Fault, Phrase, Reject
from kizuna.connect.csv.summary import FileRead
from kizuna.connect.csv.vocabulary import Vocabulary
from kizuna.core.days import day_date
from kizuna.core.errors import Problem

_COLUMN_OF = {
    "subject": "member",
    "tier": "tier",
    "closed": "status",
    "profile.language": "language",
    "profile.birthday": "birthday",
    "lots": "last_day",
    "unit": "unit",
    "only_for": "only_for",
}
"""Which column a field of an operation came from."""


@dataclass(slots=True)
class Sheet:
    """The rows of files about members, with the texts behind their codes. `fallen` are members with a bad row, by code.

    `unread` counts rows that name no member.
    """

    files: list[FileRead]
    columns: Columns
    rows: Rows
    words: dict[str, Vocabulary]
    fallen: set[int] = field(default_factory=set)
    unread: int = 0

    @classmethod
    def read(
        cls,
        sources: Sequence[Source],
        mapping: Mapping,
        member: Member,
        readers: Callable[[dict[str, Vocabulary]], tuple[dict[str, Reader], dict[str, int]]],
        told: Callable[[int], None],
    ) -> "Sheet":
        """Read files. `readers` makes, of the vocabularies by column, the readers of all columns and the digits of money."""
        names = mapping.columns.names
        words = {what: Vocabulary() for what in names}
        known, money = readers(words)
        layout = Layout(names, known, "member", words["member"], money, _bare)
        columns = Columns(layout)
        files = gather(sources, mapping, columns.add, told)
        sheet = cls(files, columns, columns.rows(), words)
        sheet._note_bad(known["member"], member)
        return sheet

    def text(self, what: str, position: int) -> str | None:
        """Return a text of a row, None where there is none."""
        code = self.number(what, position, -1)
        return self.words[what].words[code] if code >= 0 else None

    def number(self, what: str, position: int, nothing: int = 0) -> int:
        """Return a number of a row; `nothing` where the column is not mapped."""
        column = self.rows.columns.get(what)
        return nothing if column is None else int(column[position])

    def day(self, what: str, position: int) -> str | None:
        """Return a day of a row as it is written, None where there is none."""
        number = self.number(what, position, NO_DAY)
        date = None if number == NO_DAY else day_date(number)
        return None if date is None else date.isoformat()

    def subject(self, code: int) -> str:
        """Return a member's identity."""
        return self.words["member"].words[code]

    def reject(self, position: int, what: str, value: str, fault: Fault) -> None:
        """Note what is wrong with a row."""
        code = self.number("member", position, -1)
        of = self.columns.called(code)
        field_name = self.columns.layout.names.get(what, "")
        self.columns.rejects.append(
            Reject(self._file(position), int(self.rows.row[position]), of, field_name, value, *fault)
        )

    def refusal(self, position: int, problem: Problem) -> Reject:
        """Return the reject of what stands in a row and was not taken."""
        place, facts = (problem.field or "").partition("[")[0], problem.facts
        what = _COLUMN_OF.get(place, "member")
        return Reject(
            file=self._file(position),
            row=int(self.rows.row[position]),
            order_id=self.columns.called(self.number("member", position, -1)),
            field=self.columns.layout.names.get(what, ""),
            value=str(facts.get("identity") or facts.get(place.rpartition(".")[2]) or ""),
            reason=Phrase(problem.title, **facts),
            remedy=Phrase(problem.remedy, **facts),
        )

    @property
    def rejects(self) -> list[Reject]:
        """What is wrong, in the order of the rows."""
        files = {name: place for place, name in enumerate(self.columns.files)}
        return sorted(self.columns.rejects, key=lambda one: (files[one.file], one.row))

    def _file(self, position: int) -> str:
        return self.columns.files[int(self.rows.file[position])]

    def _note_bad(self, reader: Reader, member: Member) -> None:
        """Let the members of bad and broken rows fall; a row that names nobody is counted."""
        for code in self.rows.columns["member"][self.rows.bad].tolist():
            self._fall(code)
        for file, row in self.columns.broken:
            place = self.columns.id_places[file]
            own = row.fields[place].strip() if place < len(row.fields) else ""
            code = reader(own) if own and row.found is not None else -1
            self._fall(code if isinstance(code, int) else -1)
            fault = BROKEN_QUOTES if row.found is None else BROKEN_ROW
            reason = Phrase(fault.reason, found=row.found, expected=self.columns.widths[file])
            self.columns.rejects.append(
                Reject(
                    self.columns.files[file], row.row, own, member.column, ",".join(row.fields), reason, fault.remedy
                )
            )

    def _fall(self, code: int) -> None:
        if code < 0:
            self.unread += 1
        else:
            self.fallen.add(code)


def within(reader: Reader, first: int, last: int, fault: Fault) -> Reader:
    """Return a reader of days that refuses those before `first` and after `last`."""

    def read(value: object) -> int | Fault:
        day = reader(value)
        return fault if isinstance(day, int) and day != NO_DAY and not first <= day <= last else day

    return read


def _bare(subject: str) -> str:
    return subject.partition(":")[2]
