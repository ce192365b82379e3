"""The list of members as text: pure functions of a face and a view."""

from collections.abc import Sequence
from dataclasses import dataclass

from kizuna.web.faces import Face, render
from kizuna.web.views import MemberList


@dataclass(frozen=True, slots=True)
class Pager:
    """Where a numbered list stands; a None among `numbers` is a gap."""

    page: int
    last: int
    from_row: int
    to_row: int
    numbers: Sequence[int | None]


def pager(members: MemberList) -> Pager:
    """Return the pager of a list: the first, the last and two pages at each side of this one."""
    last = max(1, -(-members.total // members.page_size))
    near = {1, last, *range(members.page - 2, members.page + 3)}
    numbers: list[int | None] = []
    for page in sorted(n for n in near if 1 <= n <= last):
        before = numbers[-1] if numbers else None
        if before is not None and page - before == 2:
            numbers.append(page - 1)
        elif before is not None and page - before > 2:
            numbers.append(None)
        numbers.append(page)
    first = (members.page - 1) * members.page_size
    return Pager(members.page, last, first + 1, first + len(members.rows), numbers)


def members_page(face: Face, members: MemberList, query: str) -> str:
    """Return the list of members that match `query`, or of all when it is empty."""
    return render(
        face, "console/members.html", members=members, q=query, pager=pager(members), section="members", here=True
    )
