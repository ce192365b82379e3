"""Families and groups: forming one, inviting, joining, leaving, and what its head may do. Every form does what it asks for once."""

import secrets
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from kizuna import members
from kizuna.core.errors import N_, Kind, NotFound, Problem, Unavailable
from kizuna.intake import (
    INVITATION_LIFETIME,
    POOL_ALLOWED,
    POOL_INVITED,
    POOL_JOINED,
    POOL_LEFT,
    POOL_MEMBER_REMOVED,
    POOL_OPENED,
    PoolKind,
    invited_to,
    open_invitation,
)
from kizuna.web import inputs
from kizuna.web.family import FamilyView, InvitationView, InviteeView, SharerView
from kizuna.web.invitations import Invited, code_hash, new_code, read_code, read_link, sign_link
from kizuna.web.masked import masked
from kizuna.web.member import family_pages as pages
from kizuna.web.member.visiting import Here, family_of, form_from, shown_here
from kizuna.web.requests import page, see
from kizuna.web.words import translate

GUESS = "invitation"
NAME_LENGTH_MAX = 60
routes = APIRouter(prefix="/my/family", include_in_schema=False)


class LinkOver(Problem):
    """A link to an invitation that leads nowhere from here."""

    code = "invitation_link_over"
    kind = Kind.NOT_FOUND
    title = N_("This invitation link is no longer valid here.")
    remedy = N_("Ask who invited you for a new one. A link works for seven days, in the shop that it comes from.")


@routes.get("")
async def family(request: Request) -> Response:
    """Show the family, or why one helps."""
    done = request.query_params.get("done")

    async def show(here: Here) -> Response:
        found = await family_of(here)
        if found is None and here.seen.offer.pools_max is None:
            raise NotFound(what="page", key="/my/family")
        return page(pages.family_page(here.face, found, done, _once()))

    return await shown_here(request, show)


@routes.get("/open")
async def open_form(request: Request) -> Response:
    """Show the form that forms one."""

    async def show(here: Here) -> Response:
        name = here.seen.member.name
        proposed = translate(here.face.lang, pages.PROPOSED, name=name.split()[0]) if name else ""
        return page(pages.open_page(here.face, proposed[:NAME_LENGTH_MAX], _once(), _most(here)))

    return await shown_here(request, show)


@routes.post("/open")
async def open_one(request: Request) -> Response:
    """Form one."""
    _, sent = await form_from(request)

    async def show(here: Here) -> Response:
        kind = PoolKind.ORGANISATION if sent.get("kind") == PoolKind.ORGANISATION else PoolKind.HOUSEHOLD
        try:
            name = inputs.line(sent.get("name", ""), "name", most=NAME_LENGTH_MAX, required=True)
            await here.ask(POOL_OPENED, f"open/{_sent_once(sent)}", {"name": name, "kind": kind})
        except Unavailable:
            raise
        except Problem as refusal:
            return page(pages.open_page(here.face, sent.get("name", ""), _once(), _most(here), refusal), 422)
        return see("/my/family?done=opened")

    return await shown_here(request, show)


@routes.post("/invite")
async def invite(request: Request) -> Response:
    """Make an invitation, and lead to it."""
    _, sent = await form_from(request)

    async def show(here: Here) -> Response:
        once = _sent_once(sent)
        code = new_code(here.services.secret, here.visit.brand, here.visit.member.hex(), once)
        await here.ask(POOL_INVITED, f"invite/{once}", {"invitation": code_hash(code)})
        token = sign_link(here.services.secret, Invited(here.visit.brand, code), here.at + INVITATION_LIFETIME)
        return see(f"/my/family/invitation/{token}")

    return await shown_here(request, show)


@routes.get("/invitation/{token}")
async def invitation(request: Request, token: str) -> Response:
    """Show an invitation to hand on, as long as somebody may join with it."""

    async def show(here: Here) -> Response:
        code = _code(here, token)
        link = f"{here.services.settings.public_url}/my/family/join/{token}"
        async with here.services.db.lend(here.desk.brand.schema) as conn:
            found = await open_invitation(conn, bytes.fromhex(code_hash(code)), here.at)
        ends_on = found.expires_at.astimezone(here.desk.brand.zone).date()
        return page(pages.invitation_page(here.face, InvitationView(code, link, ends_on)))

    return await shown_here(request, show)


@routes.get("/join")
async def code_form(request: Request) -> Response:
    """Show the form for a code."""

    async def show(here: Here) -> Response:
        _most(here)
        return page(pages.code_page(here.face))

    return await shown_here(request, show)


@routes.post("/code")
async def read_typed(request: Request) -> Response:
    """Read a code, and lead to where it leads. Every try counts."""
    _, sent = await form_from(request)

    async def show(here: Here) -> Response:
        typed = sent.get("code", "")
        try:
            code = read_code(inputs.line(typed, "code", required=True))
            async with here.services.db.lend(here.desk.brand.schema) as conn:
                await members.count_guess(conn, here.visit.member, GUESS, here.at)
                await invited_to(conn, bytes.fromhex(code_hash(code)), here.at)
        except Unavailable:
            raise
        except Problem as refusal:
            return page(pages.code_page(here.face, typed, refusal), 422)
        token = sign_link(here.services.secret, Invited(here.visit.brand, code), here.at + INVITATION_LIFETIME)
        return see(f"/my/family/join/{token}")

    return await shown_here(request, show)


@routes.get("/join/{token}")
async def join_form(request: Request, token: str) -> Response:
    """Ask whether to join, and say what that means; its own maker sees the invitation."""

    async def show(here: Here) -> Response:
        code = _code(here, token)
        async with here.services.db.lend(here.desk.brand.schema) as conn:
            pool = await invited_to(conn, bytes.fromhex(code_hash(code)), here.at)
            if here.visit.member in pool.members:
                return see("/my/family")
            head = (await members.get(conn, pool.head)).profile
        shown = masked(head.name, head.name_kana)
        return page(pages.join_page(here.face, InviteeView(pool.name, pool.kind, shown, len(pool.members), token)))

    return await shown_here(request, show)


@routes.post("/join")
async def join(request: Request) -> Response:
    """Join."""
    _, sent = await form_from(request)

    async def show(here: Here) -> Response:
        invitation = code_hash(_code(here, sent.get("invitation", "")))
        await here.ask(POOL_JOINED, f"join/{invitation}", {"invitation": invitation})
        return see("/my/family?done=joined")

    return await shown_here(request, show)


@routes.get("/leave")
async def leave_form(request: Request) -> Response:
    """Ask whether to leave."""

    async def show(here: Here) -> Response:
        found = await family_of(here)
        return see("/my/family") if found is None else page(pages.leave_page(here.face, found, _once()))

    return await shown_here(request, show)


@routes.post("/leave")
async def leave(request: Request) -> Response:
    """Leave."""
    _, sent = await form_from(request)

    async def show(here: Here) -> Response:
        await here.ask(POOL_LEFT, f"leave/{_sent_once(sent)}", {"pool": sent.get("pool", "")})
        return see("/my/family?done=left" if here.seen.offer.pools_max else "/my")

    return await shown_here(request, show)


@routes.get("/people/{id_}")
async def person(request: Request, id_: str) -> Response:
    """Show what the head may do about a person."""

    async def show(here: Here) -> Response:
        found, one = await _person(here, id_)
        return page(pages.person_page(here.face, found, one, _once()))

    return await shown_here(request, show)


@routes.post("/people/{id_}")
async def decide(request: Request, id_: str) -> Response:
    """Let a person spend, or not, or take them out."""
    _, sent = await form_from(request)

    async def show(here: Here) -> Response:
        found, one = await _person(here, id_)
        told: dict[str, Any] = {"member": f"member:{one.id}", "pool": found.id}
        if sent.get("do") == "remove":
            await here.ask(POOL_MEMBER_REMOVED, f"remove/{_sent_once(sent)}", told)
            return see("/my/family?done=removed")
        may_spend = sent.get("do") == "allow"
        await here.ask(POOL_ALLOWED, f"allow/{_sent_once(sent)}", told | {"may_spend": may_spend})
        return see(f"/my/family?done={'allowed' if may_spend else 'denied'}")

    return await shown_here(request, show)


async def _person(here: Here, id_: str) -> tuple[FamilyView, SharerView]:
    """Return somebody of the family that the member leads. Raises `NotFound`."""
    found = await family_of(here)
    one = found.person(id_) if found is not None and found.me.is_head else None
    if found is None or one is None:
        raise NotFound(what="page", key=f"/my/family/people/{id_}")
    return found, one


def _most(here: Here) -> int:
    """Return how many people there may be. Raises `NotFound` where the program has no pools."""
    if here.seen.offer.pools_max is None:
        raise NotFound(what="page", key="/my/family")
    return here.seen.offer.pools_max


def _code(here: Here, token: str) -> str:
    """Return the code that a link carries. Raises `LinkOver` where it is forged, over, or another shop's."""
    invited = read_link(here.services.secret, token, here.at)
    if invited is None or invited.brand != here.visit.brand:
        raise LinkOver
    return invited.code


def _once() -> str:
    return secrets.token_urlsafe(12)


def _sent_once(sent: dict[str, str]) -> str:
    """Return what makes a form one of its kind; it is no secret, and of nobody else."""
    return sent.get("once", "")[:40] or _once()
