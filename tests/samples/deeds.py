"""Deeds: adjusting, extending, merging, closing; members on whom nothing may happen any more; approvals; files of adjustments."""

from dataclasses import replace
from datetime import date, timedelta

from kizuna.corrections import Bulk, BulkState, Faulty, Preview, Row, SamePerson, Sums, Wish
from kizuna.corrections.problems import CellNoNumber, MemberMissing
from kizuna.intake import InsufficientPoints
from kizuna.members import Found
from kizuna.runtime.uploads import Upload
from kizuna.web.console.approvals import pages as approvals
from kizuna.web.console.approvals.views import BulkCard, CorrectionView, Desk, FileView, RowView
from kizuna.web.console.deeds import pages
from kizuna.web.console.deeds.views import After, Deeds, Form, HoldView, MergedHere, Named, Pair, Side, WaitingView
from kizuna.web.console.member import pages as member_pages
from kizuna.web.console.member.views import Wish as Narrowed
from kizuna.web.entered import Entered
from kizuna.web.inputs import NoNumber, Required
from kizuna.web.views import IdentityView, Page, UnitView
from samples.base import LONG, MEMBER, NEW, NOW
from samples.member import HISTORY, LONGEST, WHOLE

MAIN = UnitView("points", {"ja": "ポイント", "en": "points"}, "spendable", is_main=True)
STARS = UnitView("stars", {"ja": "スター", "en": "stars"}, "spendable", is_main=False)
REASONS = [("apology", "お詫び"), ("correction", "訂正"), ("goodwill", "ご厚意"), ("lost_card", "カードの紛失")]
TYPED = {"way": "take", "points": "1,500", "reason": "correction", "note": "10/3の二重付与の訂正（問合せ #4812）"}
EMPTY = Form(Entered({"way": "add"}), "t1")
TWIN = replace(
    NEW, id="0198c2a4-0000-7000-8000-00000000002b", name="山田 ハナコ", name_kana="ヤマダ ハナコ", balance=480,
    card_number="9000111122223333",
    identities=(IdentityView("card", "9000111122223333"), IdentityView("phone", "+819012345678")),
)  # fmt: skip
HANAKO, MIKA, KEN = Named(MEMBER.id, MEMBER.name), "mika.tanaka@komorebi.example", "ken@komorebi.example"
PAIR = Pair(Side(MEMBER, 214, 1_204_980, 500), Side(TWIN, 3, 14_280, 0))
HOLD = HoldView(
    "0198c2a4-aaaa-7000-8000-000000000001",
    500,
    MAIN,
    "cart-90210",
    NOW - timedelta(minutes=5),
    NOW + timedelta(minutes=25),
)
AROUND = Deeds(
    holds=(HOLD, replace(HOLD, id="0198c2a4-aaaa-7000-8000-000000000002", points=1_200, reference=None)),
    waiting=(WaitingView(5_000, MAIN, MIKA, NOW),),
    merged_here=(
        MergedHere("0198c2a4-bbbb-7000-8000-000000000001", Named(TWIN.id, TWIN.name), NOW - timedelta(days=3)),
    ),
)
MERGED = Deeds("merged", HANAKO, "0198c2a4-bbbb-7000-8000-000000000001")
ASKED = CorrectionView(
    "c1", HANAKO, 5_000, MAIN, "お詫び", "配送遅延のお詫び。店長確認済み。", date(2027, 3, 31), "waiting", KEN, NOW - timedelta(hours=2),
    balance=12_300,
)  # fmt: skip
DECIDED = replace(ASKED, id="c9", state="done", decided_by=MIKA, decided_at=NOW - timedelta(hours=1), balance=17_300)
BULK = Bulk(
    "b1",
    7,
    "2026年11月_配送遅延のお詫び.csv",
    "customer",
    BulkState.WAITING,
    1_234,
    3,
    617_000,
    f"user:{KEN}",
    NOW - timedelta(hours=3),
)
CARD = BulkCard(BULK, KEN, is_own=False)
DESK = Desk(
    waiting=(
        ASKED,
        replace(ASKED, id="c2", points=-20_000, reason="訂正", note=None, expires_on=None, asked_by=MIKA, is_own=True),
        replace(ASKED, id="c3", who=Named(LONG.id, LONG.name), points=99_999_999_999, note="とても長いメモ。" * 40),
    ),
    bulks=(CARD,),
    decided=(
        DECIDED,
        replace(DECIDED, id="c8", state="rejected", decision="根拠となる注文が見つかりません。"),
        replace(
            DECIDED, id="c7", points=-90_000, state="refused", balance=None,
            problem=InsufficientPoints(field="points", points=90_000, balance=12_300),
        ),
    ),
    carried=(replace(CARD, bulk=replace(BULK, id="b0", state=BulkState.DONE, carried=1_230, refused=4), decided_by=MIKA),),
    limit=3_000,
)  # fmt: skip
UPLOAD = Upload(7, BULK.file, 48_120, KEN, NOW)
WISH = Wish("customer:C0001", 500, "apology", None, "配送遅延のお詫び")
FAULTY = (
    Faulty(5, ("C9999", "500"), MemberMissing(field="member", subject="customer:C9999")),
    Faulty(9, ("C0007", "五百"), CellNoNumber(field="points", value="五百")),
)
SEEN = Preview(
    head=("会員", "ポイント", "理由"), rows=[Row(2 + n, WISH, ()) for n in range(1_234)], faulty=FAULTY,
    sums={"points": Sums(640_000, 2_000)}, points=642_000, above=1, needs_approval=True, not_found=1, again=((14, 3), (29, 7)),
)  # fmt: skip
FILE = FileView(
    UPLOAD, "customer", SEEN, faulty=FAULTY, sums=((MAIN, 640_000, 2_000), (STARS, 30, 0)), limit=3_000,
    rows=(
        RowView(2, HANAKO, 500, MAIN, "お詫び", "配送遅延のお詫び", None, is_above=False),
        RowView(3, Named(TWIN.id, TWIN.name), 5_000, MAIN, "お詫び", None, date(2027, 3, 31), is_above=True),
        RowView(4, Named(LONG.id, LONG.name), -2_000, MAIN, "訂正", "二重付与", None, is_above=False),
        RowView(6, Named(NEW.id, None), 30, STARS, "ご厚意", None, None, is_above=False),
    ),
)  # fmt: skip
FOUND = [
    Found(bytes.fromhex(TWIN.id.replace("-", "")), TWIN.name, TWIN.name_kana, TWIN.card_number, date(2026, 8, 2)),
    Found(b"\x01" * 16, LONG.name, None, None, date(2020, 1, 1)),
]
AFTER = After(-1_500, 12_300, 10_800, MAIN)
WRONG = Form(
    Entered(
        {"way": "add", "points": "たくさん"},
        {"points": NoNumber(field="points", value="たくさん"), "reason": Required(field="reason")},
    ),
    "t1",
)  # fmt: skip


def _member(deeds: Deeds, whole=WHOLE, page: Page = HISTORY):
    return lambda face: member_pages.member_page(face, replace(whole, deeds=deeds), page, Narrowed(), "/my")


def _adjust(form: Form, units=(MAIN,), member=MEMBER):
    return lambda face: pages.adjust_page(face, member, form, REASONS, units, 3_000)


def _busy(face):
    return replace(face, approvals=4)


CONSOLE_PAGES = {
    "member-deeds": _member(AROUND),
    "member-merged": _member(MERGED),
    "member-closed": _member(Deeds("closed"), LONGEST),
    "adjust": _adjust(EMPTY),
    "adjust-wrong": _adjust(WRONG, (MAIN, STARS), LONG),
    "adjust-after": _adjust(Form(Entered(TYPED), "t1", AFTER)),
    "adjust-waits": _adjust(
        Form(Entered({**TYPED, "way": "add"}), "t1", After(5_000, 12_300, 17_300, MAIN, date(2027, 11, 30), waits=True))
    ),
    "adjust-short": _adjust(Form(Entered(TYPED), "t1", After(-15_000, 12_300, -2_700, MAIN, owes=2_700))),
    "extend": lambda face: pages.extend_page(face, MEMBER, Form(Entered({}), "t1"), REASONS, None),
    "extend-after": lambda face: pages.extend_page(
        face, MEMBER, Form(Entered({"through": "2027-12-31", "reason": "goodwill"}), "t1"), REASONS, 1_500
    ),
    "merge-find": lambda face: pages.find_page(face, MEMBER, EMPTY, "山田", FOUND),
    "merge-none": lambda face: pages.find_page(face, MEMBER, EMPTY, "佐藤", []),
    "merge-pair": lambda face: pages.pair_page(face, PAIR, EMPTY),
    "close": lambda face: pages.close_page(face, MEMBER, EMPTY, Deeds()),
    "close-held": lambda face: pages.close_page(face, MEMBER, EMPTY, AROUND),
    "approvals": lambda face: approvals.approvals_page(_busy(face), DESK),
    "approvals-empty": lambda face: approvals.approvals_page(face, Desk()),
    "approvals-own": lambda face: approvals.approvals_page(
        _busy(face), replace(DESK, bulks=(), carried=(), decided=()), SamePerson()
    ),
    "adjust-file": lambda face: approvals.send_page(face, REASONS),
    "adjust-file-seen": lambda face: approvals.file_page(face, FILE),
    "adjust-file-waits": lambda face: approvals.file_page(_busy(face), replace(FILE, card=CARD)),
    "adjust-file-done": lambda face: approvals.file_page(
        face,
        replace(
            FILE,
            card=BulkCard(
                replace(BULK, state=BulkState.DONE, carried=1_230, refused=4, refused_file=8), KEN, is_own=False
            ),
        ),
    ),
}
RARE = {
    "adjust-wrong", "adjust-waits", "adjust-short", "extend", "extend-after", "merge-none", "close-held", "approvals-empty",
    "approvals-own",
    "member-closed", "member-merged", "adjust-file", "adjust-file-done", "adjust-file-waits",
}  # fmt: skip
