"""Families and groups on My Page, as text: one function per screen."""

from kizuna.core.errors import N_, Problem
from kizuna.web.faces import Face, render
from kizuna.web.family import FamilyView, InvitationView, InviteeView, SharerView
from kizuna.web.invitations import grouped
from kizuna.web.words import problem_text

PROPOSED = N_("{name} family")
"""The name that is proposed, made of the family name."""
DONE = {
    "opened": N_("Your family or group is there. Invite the first person."),
    "joined": N_("You have joined."),
    "left": N_("You have left. Your own points are still yours."),
    "allowed": N_("This person may use everybody’s points now."),
    "denied": N_("This person may no longer use everybody’s points."),
    "removed": N_("This person is no longer in it."),
}
"""What has just been done, by the word in the address."""


def family_page(face: Face, family: FamilyView | None, done: str | None, once: str) -> str:
    """Return the people and what they have together; who is in none is told why it helps."""
    facts = {"family": family, "done": DONE.get(done or ""), "once": once, "section": "home"}
    return render(face, "member/family.html" if family else "member/family_none.html", **facts)


def open_page(face: Face, name: str, once: str, most: int, refusal: Problem | None = None) -> str:
    """Return the form that forms one."""
    facts = {"name": name, "once": once, "most": most, "refusal": _told(face, refusal), "section": "home"}
    return render(face, "member/family_open.html", **facts)


def invitation_page(face: Face, invitation: InvitationView) -> str:
    """Return an invitation to hand on: QR code, code, link."""
    return render(
        face, "member/family_invitation.html", invitation=invitation, code=grouped(invitation.code), section="home"
    )


def code_page(face: Face, typed: str = "", refusal: Problem | None = None) -> str:
    """Return the form for a code."""
    return render(face, "member/family_code.html", typed=typed, refusal=_told(face, refusal), section="home")


def join_page(face: Face, invitee: InviteeView) -> str:
    """Return the question whether to join, with what that means."""
    return render(face, "member/family_join.html", invitee=invitee, section="home")


def leave_page(face: Face, family: FamilyView, once: str) -> str:
    """Return the question whether to leave."""
    return render(face, "member/family_leave.html", family=family, once=once, section="home")


def person_page(face: Face, family: FamilyView, person: SharerView, once: str) -> str:
    """Return what the head may do about a person."""
    return render(face, "member/family_person.html", family=family, person=person, once=once, section="home")


def _told(face: Face, refusal: Problem | None) -> object:
    return problem_text(refusal, face.lang) if refusal else None
