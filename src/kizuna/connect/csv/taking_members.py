"""Members of another program, as read from files: a row is a member."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Self

from kizuna.connect.csv import claim_store
from kizuna.connect.csv.books import Told
from kizuna.connect.csv.cells import Reader, chosen, days, texts
from kizuna.connect.csv.claim_store import Claim
from kizuna.connect.csv.columns import subjects
from kizuna.connect.csv.reading import Source
from kizuna.connect.csv.rejects import MEMBER_TWICE, NO_BIRTHDAY, NOT_JOINED_YET, Reject
from kizuna.connect.csv.summary import FileRead
from kizuna.connect.csv.taken import Taken, TakenTally
from kizuna.connect.csv.taking import Sheet, within
from kizuna.connect.csv.taking_mapping import OTHERS, DayColumn, MembersMapping
from kizuna.connect.csv.vocabulary import Vocabulary
from kizuna.core.days import DAY_NEVER, day_number, day_of
from kizuna.core.errors import Problem
from kizuna.core.ids import digest
from kizuna.intake import MEMBER_TAKEN_OVER, Arrival, Terms, operate
from kizuna.runtime.brands import Brand
from kizuna.runtime.clock import now
from kizuna.runtime.db import Connection

_BORN_FIRST = day_number(date(1900, 1, 1))


@dataclass(slots=True)
class MembersBook:
    """Members as read: `positions` are the rows of those who are posted, `twice` members who stand in more than one row."""

    sheet: Sheet
    mapping: MembersMapping
    terms: Terms
    today: int
    positions: list[int] = field(default_factory=list)
    twice: set[int] = field(default_factory=set)
    rejected: int = 0

    @classmethod
    def read(
        cls, sources: Sequence[Source], mapping: MembersMapping, brand: Brand, terms: Terms, told: Callable[[int], None]
    ) -> Self:
        """Read the files. Raises what reading raises."""
        today = day_of(now(), brand.zone)

        def readers(words: dict[str, Vocabulary]) -> tuple[dict[str, Reader], dict[str, int]]:
            return _readers(mapping, words, brand.country, today), {}

        book = cls(Sheet.read(sources, mapping, mapping.columns.member, readers, told), mapping, terms, today)
        book._sort_out()
        return book

    def _sort_out(self) -> None:
        first_of: dict[int, int] = {}
        codes = self.sheet.rows.columns["member"].tolist()
        for position, code in enumerate(codes):
            if code >= 0 and first_of.setdefault(code, position) != position:
                self.twice.add(code)
        for position, code in enumerate(codes):
            if code in self.twice:
                self.sheet.reject(position, "member", self.sheet.columns.called(code), MEMBER_TWICE)
        fallen = self.sheet.fallen | self.twice
        self.positions = [position for code, position in first_of.items() if code not in fallen]
        self.rejected = len(fallen)

    @property
    def files(self) -> list[FileRead]:
        """The files as they were read."""
        return self.sheet.files

    @property
    def rejects(self) -> list[Reject]:
        """What is wrong, row by row."""
        return self.sheet.rejects

    def __len__(self) -> int:
        return len(self.positions)

    def whose(self, start: int, stop: int) -> Sequence[int]:
        """Return of some members their numbers: everybody stands once."""
        return range(start, stop)

    def tell(self, start: int, stop: int, now_ms: int) -> Told:
        """Return some members as arrivals."""
        told = Told()
        for number in range(start, stop):
            try:
                told.arrivals.append(self._arrival(self.positions[number], now_ms))
                told.numbers.append(number)
            except Problem as problem:
                told.refused.append((number, problem))
        return told

    def _arrival(self, position: int, now_ms: int) -> Arrival:
        sheet = self.sheet
        subject = sheet.subject(sheet.number("member", position))
        profile = {name: sheet.text(what, position) for name, what in (("name", "name"), ("name_kana", "kana"))}
        language = sheet.text("language", position)
        profile |= {"language": language and language.lower(), "birthday": sheet.day("birthday", position)}
        tier = sheet.text("tier", position)
        data: dict[str, Any] = {
            "identities": [text for kind in OTHERS if (text := sheet.text(kind, position)) is not None],
            "profile": {name: told for name, told in profile.items() if told is not None},
            "joined_on": sheet.day("joined_on", position),
            "tier": tier,
            "tier_through": sheet.day("tier_through", position) if tier else None,
            "closed": self._is_closed(position) or None,
        }
        told = {name: value for name, value in data.items() if value}
        return operate(MEMBER_TAKEN_OVER, self._id(subject), self._source, subject, told, self.terms, now_ms)

    def _is_closed(self, position: int) -> bool:
        status = self.mapping.columns.status
        return status is not None and self.sheet.text("status", position) in status.closed

    def _id(self, subject: str) -> str:
        return f"member/{subject}"

    @property
    def _source(self) -> str:
        return f"takeover:{self.mapping.program}"

    async def prepare(self, conn: Connection, run: str) -> None:
        """Keep what the files say."""
        posted = {self.sheet.number("member", position): position for position in self.positions}
        claims = []
        for code, subject in enumerate(self.sheet.words["member"].words):
            position = posted.get(code)
            key = None if position is None else digest(self._source, self._id(subject))
            claims.append(Claim(key, subject, tier=None if position is None else self._tier(position)))
        await claim_store.put_claims(conn, run, claims)

    def _tier(self, position: int) -> str | None:
        """Return the tier that a row says, unless its last day is over: then it is reviewed at once."""
        through = self.sheet.number("tier_through", position, DAY_NEVER)
        is_over = self.sheet.day("tier_through", position) is not None and through < self.today
        return None if is_over else self.sheet.text("tier", position)

    def refusal(self, number: int, problem: Problem) -> Reject:
        """Return the reject of a member who was not taken over."""
        return self.sheet.refusal(self.positions[number], problem)

    def tally(self, _today: int, earlier: Mapping[str, Any]) -> TakenTally:
        """Return a tally that goes on from the numbers of an earlier one."""
        return TakenTally.going_on(earlier)

    def summary(self, run: str, tally: TakenTally, skipped: int) -> Taken:
        """Return what came of the files."""
        return Taken(
            run_id=run,
            files=self.files,
            lines=sum(file.rows for file in self.files),
            accepted=tally.accepted,
            replayed=tally.replayed + skipped,
            refused=tally.refused,
            members_new=tally.members_new,
            kind="members",
            things=len(self) + self.rejected,
            rejected=self.rejected,
            unread=self.sheet.unread,
            members_known=tally.members_known,
            tiers=dict(tally.tiers),
        )


def _readers(mapping: MembersMapping, words: dict[str, Vocabulary], country: str, today: int) -> dict[str, Reader]:
    columns = mapping.columns
    known: dict[str, Reader] = {"member": subjects(words["member"], columns.member.kind, country)}
    for kind in OTHERS:
        if kind in words:
            known[kind] = subjects(words[kind], kind, country, optional=True)
    for what in ("name", "kana", "language", "status"):
        if what in words:
            known[what] = texts(words[what], optional=True)
    if columns.tier is not None:
        known["tier"] = chosen(words["tier"], columns.tier.levels)
    if columns.tier_through is not None:
        known["tier_through"] = days(columns.tier_through.format)
    for what, day, first, fault in (
        ("birthday", columns.birthday, _BORN_FIRST, NO_BIRTHDAY),
        ("joined_on", columns.joined_on, 0, NOT_JOINED_YET),
    ):
        if isinstance(day, DayColumn):
            known[what] = within(days(day.format), first, today, fault)
    return known
