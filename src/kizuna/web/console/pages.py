"""The console's pages as text: pure functions of a face and a view. One function per screen; the routes call them.

A search lists pages by number; a member's history pages by cursor, so that new entries never shift what one reads.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from kizuna.core.errors import N_, Problem
from kizuna.web.faces import Face, render
from kizuna.web.history import by_month, lot_rows
from kizuna.web.views import MemberList, MemberView, Page
from kizuna.web.words import problem_text, translate

_IDENTITIES = {
    "email": N_("Email"),
    "phone": N_("Phone"),
    "card": N_("Card"),
    "customer": N_("Customer number"),
    "line": N_("LINE"),
}


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


def sign_in_page(face: Face, problem: Problem | None = None, email: str = "", csrf: str | None = None) -> str:
    """Return the sign-in form; `problem` says why the last try was refused. `csrf` is the face's token unless given."""
    refusal = problem_text(problem, face.lang) if problem else None
    token = face.csrf_token if csrf is None else csrf
    return render(face, "console/sign_in.html", refusal=refusal, email=email, csrf=token)


def members_page(face: Face, members: MemberList, query: str) -> str:
    """Return the list of members that match `query`, or of all when it is empty."""
    return render(
        face, "console/members.html", members=members, q=query, pager=pager(members), section="members", here=True
    )


def member_page(face: Face, member: MemberView, page: Page, my_page_url: str | None, cursor: str | None = None) -> str:
    """Return one member: balance, tier, open points, names known by, and one page of history from `cursor`."""

    def identity_name(kind: str) -> str:
        return translate(face.lang, _IDENTITIES.get(kind, kind))

    return render(
        face,
        "console/member.html",
        member=member,
        groups=by_month(page.entries, face.brand),
        next_cursor=page.next_cursor,
        cursor=cursor,
        lot_rows=lot_rows(member, face.brand),
        my_page_url=my_page_url,
        identity_name=identity_name,
        section="members",
        here=False,
    )


def problem_page(face: Face, problem: Problem, status: int) -> str:
    """Return a refusal as a page of its own, with the way back."""
    return render(
        face, "console/problem.html", refusal=problem_text(problem, face.lang), status=status, section="", here=False
    )
