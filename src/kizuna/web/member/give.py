"""Giving points to another member: the form, the question, the gift. However often the question is answered, the points go once."""

import secrets
from datetime import timedelta

from fastapi import APIRouter, Request
from fastapi.responses import Response

from kizuna.core.errors import NotFound, Problem, Unavailable
from kizuna.intake import POINTS_TRANSFERRED
from kizuna.members import GuessesTooMany
from kizuna.web import inputs
from kizuna.web.family import FamilyView
from kizuna.web.member import give_pages
from kizuna.web.member.giving import NOTE_LENGTH_MAX, Gift, GiftDraft, chosen, givable, read_points, receiver
from kizuna.web.member.visiting import Here, family_of, form_from, shown_here
from kizuna.web.offer import GivingView
from kizuna.web.requests import FormExpired, page, see

ASKED_FOR = timedelta(hours=1)
DONE_FOR = timedelta(days=1)
routes = APIRouter(prefix="/my/give", include_in_schema=False)


@routes.get("")
async def form(request: Request) -> Response:
    """Show the form."""
    to = request.query_params.get("to", "")

    async def show(here: Here) -> Response:
        _terms(here)
        return page(give_pages.give_page(here.face, here.seen, GiftDraft(to), await _family(here)))

    return await shown_here(request, show)


@routes.post("")
async def check(request: Request) -> Response:
    """Read the form; ask before anything goes, or say what is wrong."""
    _, sent = await form_from(request)
    draft = GiftDraft(sent.get("to", ""), sent.get("points", ""), sent.get("note", ""))

    async def show(here: Here) -> Response:
        terms, family = _terms(here), await _family(here)
        if "edit" in sent:
            return page(give_pages.give_page(here.face, here.seen, draft, family))
        try:
            gift = await _read(here, draft, terms, family)
        except _Wrong as wrong:
            faulty = GiftDraft(draft.to, draft.points, draft.note, wrong.faults)
            return page(give_pages.give_page(here.face, here.seen, faulty, family, wrong.refusal), 422)
        token = gift.signed(here.services.secret, here.visit.member, here.at + ASKED_FOR)
        return page(give_pages.confirm_page(here.face, here.seen, gift, draft, token))

    return await shown_here(request, show)


@routes.post("/send")
async def send(request: Request) -> Response:
    """Let the points go, and lead to what was done."""
    _, sent = await form_from(request)

    async def show(here: Here) -> Response:
        gift = Gift.read(here.services.secret, here.visit.member, sent.get("gift", ""), here.at)
        if gift is None:
            raise FormExpired
        told = {"to": f"member:{gift.to}", "points": gift.points} | ({"note": gift.note} if gift.note else {})
        try:
            await here.ask(POINTS_TRANSFERRED, f"gift/{gift.once}", told)
        except Unavailable:
            raise
        except Problem as refusal:
            draft = GiftDraft("", str(gift.points), gift.note)
            return page(give_pages.give_page(here.face, here.seen, draft, await _family(here), refusal), 409)
        return see(f"/my/give/done/{gift.signed(here.services.secret, here.visit.member, here.at + DONE_FOR)}")

    return await shown_here(request, show)


@routes.get("/done/{token}")
async def done(request: Request, token: str) -> Response:
    """Show what was done, with the balance now."""

    async def show(here: Here) -> Response:
        gift = Gift.read(here.services.secret, here.visit.member, token, here.at)
        return see("/my") if gift is None else page(give_pages.done_page(here.face, here.seen, gift))

    return await shown_here(request, show)


class _Wrong(Exception):  # noqa: N818 - what is wrong with a form, not an error of ours
    """A form that cannot go on: by field, or as a whole."""

    def __init__(self, faults: tuple[Problem, ...], refusal: Problem | None = None) -> None:
        super().__init__()
        self.faults, self.refusal = faults, refusal


async def _read(here: Here, draft: GiftDraft, terms: GivingView, family: FamilyView | None) -> Gift:
    """Return what the form asks for. Raises `_Wrong`. Whom it means is looked up only once everything else is right."""
    faults: list[Problem] = []
    points, note = 0, ""
    try:
        points = read_points(draft.points, terms, givable(here.seen.member))
    except Problem as fault:
        faults.append(fault)
    try:
        note = inputs.line(draft.note, "note", most=NOTE_LENGTH_MAX)
    except Problem as fault:
        faults.append(fault)
    if not draft.to.strip():
        faults.insert(0, inputs.Required(field="to"))
    if faults:
        raise _Wrong(tuple(faults))
    try:
        if terms.within_pool:
            to, name = chosen(draft.to, family.others if family else ())
        else:
            async with here.services.db.lend(here.desk.brand.schema) as conn:
                to, name = await receiver(conn, here.desk.brand, here.visit.member, draft.to, here.at)
    except GuessesTooMany as refusal:
        raise _Wrong((), refusal) from refusal
    except Unavailable:
        raise
    except Problem as fault:
        raise _Wrong((fault,)) from fault
    return Gift(to.hex(), name, points, note, secrets.token_urlsafe(12))


def _terms(here: Here) -> GivingView:
    """Return how points may be given. Raises `NotFound` where they may not."""
    if here.seen.offer.giving is None:
        raise NotFound(what="page", key="/my/give")
    return here.seen.offer.giving


async def _family(here: Here) -> FamilyView | None:
    """Return the member's family where points pass only within it."""
    terms = here.seen.offer.giving
    if terms is None or not terms.within_pool:
        return None
    return await family_of(here)
