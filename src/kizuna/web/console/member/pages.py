"""One member as text: pure functions of a face and a view. History pages by cursor, so that new entries never shift what one reads."""

from kizuna.core.errors import N_
from kizuna.web.faces import Face, render
from kizuna.web.history import by_month, lot_rows
from kizuna.web.views import MemberView, Page
from kizuna.web.words import translate

_IDENTITIES = {
    "email": N_("Email"),
    "phone": N_("Phone"),
    "card": N_("Card"),
    "customer": N_("Customer number"),
    "line": N_("LINE"),
}


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
