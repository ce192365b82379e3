"""Deeds as text: pure functions of a face and views. Each is a page of its own: a form, then what it would do, then one button."""

from collections.abc import Sequence
from urllib.parse import quote

from kizuna import members
from kizuna.web.console.deeds.views import Deeds, Form, Pair
from kizuna.web.faces import Face, render
from kizuna.web.views import MemberView, UnitView
from kizuna.web.words import brand_words, problem_text

CLOSING = {"ja": "退会", "en": "close"}
"""What is typed before an account is closed, in either language."""


def deed_path(member: str, deed: str, *more: str) -> str:
    """Return the address of a deed."""
    return "/".join(["/console/members", *(quote(part, safe="") for part in (member, deed, *more))])


def _page(face: Face, template: str, member: MemberView, form: Form, **facts: object) -> str:
    return render(
        face,
        f"console/deeds/{template}.html",
        member=member,
        form=form,
        errors=form.entered.errors(face.lang),
        refusal=problem_text(form.problem, face.lang) if form.problem else None,
        back=f"/console/members/{quote(member.id, safe='')}",
        path=lambda *parts: deed_path(member.id, *parts),
        section="members",
        here=False,
        **facts,
    )


def adjust_page(
    face: Face,
    member: MemberView,
    form: Form,
    reasons: Sequence[tuple[str, str]],
    units: Sequence[UnitView],
    limit: int | None,
) -> str:
    """Return the form of a correction. `limit` is what one person may decide, None for everything."""
    named = [(unit.id, brand_words(unit.name, face.lang)) for unit in units]
    return _page(face, "adjust", member, form, reasons=reasons, units=named, limit=limit)


def extend_page(
    face: Face, member: MemberView, form: Form, reasons: Sequence[tuple[str, str]], points: int | None
) -> str:
    """Return the form that puts last days off. `points` are those that it would concern, None before that is known."""
    return _page(face, "extend", member, form, reasons=reasons, points_put_off=points)


def close_page(face: Face, member: MemberView, form: Form, deeds: Deeds) -> str:
    """Return what closing an account takes away, and the form that does it."""
    return _page(face, "close", member, form, deeds=deeds, word=CLOSING[face.lang])


def find_page(face: Face, member: MemberView, form: Form, query: str, found: Sequence[members.Found] | None) -> str:
    """Return the search for who is the same person."""
    return _page(face, "find", member, form, query=query, found=found)


def pair_page(face: Face, pair: Pair, form: Form) -> str:
    """Return two members side by side, and what is added up."""
    return _page(face, "pair", pair.kept.member, form, pair=pair)
