"""What members share: giving points, and families and groups; each with what can be refused, the longest names and nobody yet."""

from dataclasses import replace
from datetime import date

from kizuna.intake import InvitationUnknown
from kizuna.members import GuessesTooMany
from kizuna.web import inputs
from kizuna.web.family import FamilyView, InvitationView, InviteeView, SharerView
from kizuna.web.member import family_pages, give_pages, pages
from kizuna.web.member.giving import Gift, GiftDraft, ReceiverUnknown
from kizuna.web.offer import GivingView
from samples.base import FULL, LONG_NAME, MEMBER, NEW, seen

ME = SharerView("018f-1", "山田 花子", is_me=True, is_head=True, may_spend=True, joined_on=date(2026, 4, 2))
TARO = SharerView("018f-2", "山田 太郎", is_me=False, is_head=False, may_spend=True, joined_on=date(2026, 4, 3))
KEN = SharerView("018f-3", "山田 健", is_me=False, is_head=False, may_spend=False, joined_on=date(2026, 9, 1))
FAMILY = FamilyView("018f-0", "山田家", "household", 18_230, 6, (ME, TARO, KEN))
GUEST = replace(
    FAMILY,
    people=(
        replace(TARO, is_head=True),
        replace(ME, is_head=False, may_spend=False),
        replace(KEN, name=LONG_NAME),
        *(replace(KEN, id=f"018f-{n}", name="") for n in range(4, 7)),
    ),
    name="丸の内商店会青年部レクリエーション実行委員会",
    kind="organisation",
    balance=1_234_567,
)
ANYBODY, WITHIN = GivingView(100, 5_000), GivingView(1, None, within_pool=True)
GIFT = Gift("018f-2", "ハ●コ", 1_500, "お誕生日おめでとう", "once")
DRAFT = GiftDraft("2900123456789012", "1,500", "お誕生日おめでとう")
WRONG = GiftDraft(
    "nobody@example.jp",
    "9,000",
    "とても長い" * 30,
    (
        ReceiverUnknown(field="to"),
        inputs.OutOfRange(field="points", value="9,000", least="100", most="5,000"),
        inputs.TooLong(field="note", characters=150, characters_max=100),
    ),
)
INVITATION = InvitationView(
    "7K4QM2P9XD",
    f"https://points.komorebi.example/my/family/join/{'eyJicmFuZCI6ImtvbW9yZWJpIiwiY29kZSI6IjdLNFFNMlA5WEQifQ' * 2}",
    date(2026, 11, 28),
)


def sharer(member=MEMBER, giving=ANYBODY, page=FULL):
    """Return what a member of a program with all of it sees."""
    plain = seen(member, page)
    return replace(plain, offer=replace(plain.offer, giving=giving, pools_max=6))


MEMBER_PAGES = {
    "home-sharing": lambda face: pages.home_page(face, sharer()),
    "give": lambda face: give_pages.give_page(face, sharer(), GiftDraft(), None),
    "give-wrong": lambda face: give_pages.give_page(face, sharer(), WRONG, None),
    "give-refused": lambda face: give_pages.give_page(face, sharer(), DRAFT, None, GuessesTooMany(count_max=20)),
    "give-family": lambda face: give_pages.give_page(face, sharer(giving=WITHIN), GiftDraft(), FAMILY),
    "give-alone": lambda face: give_pages.give_page(face, sharer(giving=WITHIN), GiftDraft(), None),
    "give-nothing": lambda face: give_pages.give_page(face, sharer(NEW), GiftDraft(), None),
    "give-sure": lambda face: give_pages.confirm_page(face, sharer(), GIFT, DRAFT, "token"),
    "give-done": lambda face: give_pages.done_page(face, sharer(), GIFT),
    "family": lambda face: family_pages.family_page(face, FAMILY, "joined", "once"),
    "family-guest": lambda face: family_pages.family_page(face, GUEST, None, "once"),
    "family-none": lambda face: family_pages.family_page(face, None, None, "once"),
    "family-open": lambda face: family_pages.open_page(face, "山田家", "once", 6),
    "family-open-wrong": lambda face: family_pages.open_page(face, "", "once", 6, inputs.Required(field="name")),
    "family-invitation": lambda face: family_pages.invitation_page(face, INVITATION),
    "family-code": lambda face: family_pages.code_page(face, "7K4QM-2P9X", InvitationUnknown(field="invitation")),
    "family-join": lambda face: family_pages.join_page(face, InviteeView("山田家", "household", "ハ●コ", 3, "token")),
    "family-leave": lambda face: family_pages.leave_page(face, FAMILY, "once"),
    "family-person": lambda face: family_pages.person_page(face, FAMILY, TARO, "once"),
}
RARE = {
    "home-sharing", "give-wrong", "give-refused", "give-family", "give-alone", "give-nothing", "family-guest", "family-open-wrong",
    "family-leave", "family-person", "family-code",
}  # fmt: skip
