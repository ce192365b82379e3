"""Giving points on My Page, as text: the form, the question before they go, and what was done."""

from kizuna.core.errors import Problem
from kizuna.web.faces import Face, render
from kizuna.web.family import FamilyView
from kizuna.web.member.giving import NOTE_LENGTH_MAX, Gift, GiftDraft, givable, leaving
from kizuna.web.member.reads import Seen
from kizuna.web.words import problem_text


def give_page(
    face: Face, seen: Seen, draft: GiftDraft, family: FamilyView | None, refusal: Problem | None = None
) -> str:
    """Return the form; where points pass only within a family or group, its people are what can be chosen."""
    return render(
        face,
        "member/give.html",
        terms=seen.offer.giving,
        available=givable(seen.member),
        draft=draft,
        wrong={field: _said(draft.fault(field), face.lang) for field in ("to", "points", "note")},
        family=family,
        note_length_max=NOTE_LENGTH_MAX,
        refusal=problem_text(refusal, face.lang) if refusal else None,
        section="home",
    )


def confirm_page(face: Face, seen: Seen, gift: Gift, draft: GiftDraft, token: str) -> str:
    """Return the question: to whom, how many, through which day they can be used, and what stays."""
    left = seen.member.balance - gift.points
    facts = {"gift": gift, "draft": draft, "token": token, "lots": leaving(seen.member, gift.points), "left": left}
    return render(face, "member/give_sure.html", section="home", **facts)


def done_page(face: Face, seen: Seen, gift: Gift) -> str:
    """Return what was done, with the balance now."""
    return render(face, "member/give_done.html", gift=gift, balance=seen.member.balance, section="home")


def _said(fault: Problem | None, lang: str) -> str:
    if fault is None:
        return ""
    text = problem_text(fault, lang)
    return f"{text.title} {text.remedy}" if lang == "en" else f"{text.title}{text.remedy}"
