"""What an operation did to points, in one sentence: holds, redemptions that were undone, corrections, transfers, merges. Pure.

Nobody is named here: whoever reads a transfer learns of the other side what the giver wrote for them, and no more.
"""

from collections.abc import Mapping

from kizuna.core.errors import N_
from kizuna.web import tell
from kizuna.web.views import EntryView
from kizuna.web.words import brand_words, day, points, translate

KINDS = {
    "hold": N_("Set aside"),
    "void": N_("Set aside no more"),
    "confirm": N_("Redeemed after a hold"),
    "restore": N_("Redemption undone"),
    "revive": N_("Brought back"),
    "extend": N_("Extended"),
    "adjust": N_("Adjusted"),
    "transfer": N_("Transferred"),
}
"""What happened, in a word, by the name of the entry's kind."""
REASONS = {
    "apology": N_("Apology"),
    "correction": N_("Correction"),
    "goodwill": N_("Goodwill"),
    "gift_card": N_("Gift card"),
    "account_closed": N_("Account closed"),
    "opening_balance": N_("Opening balance"),
    "import_undone": N_("Import undone"),
}
"""Reasons that no program has to name."""
_TOLD: Mapping[tuple[str, str], str] = {
    ("hold", ""): N_("{points} were set aside for a payment."),
    ("hold", "for"): N_("{points} were set aside for “{reward}”."),
    ("hold", "charity"): N_("{points} were set aside for a donation to “{reward}”."),
    ("hold", "merge"): N_("Two accounts became one: {points} that a payment holds came along."),
    ("void", ""): N_("The hold was called off: {points} are back in the balance."),
    ("void", "rest"): N_("The payment needed fewer points: {points} are back in the balance."),
    ("void", "timed_out"): N_("The hold ran out of time: {points} are back in the balance."),
    ("void", "merge"): N_("Two accounts became one: {points} that a payment holds went along."),
    ("confirm", ""): N_("{points} of those set aside were redeemed."),
    ("confirm", "for"): N_("{points} of those set aside were redeemed for “{reward}”."),
    ("confirm", "charity"): N_("{points} of those set aside were donated to “{reward}”."),
    ("redeem", "charity"): N_("{points} were donated to “{reward}”."),
    ("restore", ""): N_("A redemption was undone: {points} are back in the balance."),
    ("restore", "for"): N_("The redemption of “{reward}” was undone: {points} are back in the balance."),
    ("restore", "charity"): N_("The donation to “{reward}” was undone: {points} are back in the balance."),
    ("revive", ""): N_("{points} that had expired came back."),
    ("revive", "import_undone"): N_("An import was undone: {points} that had expired because of it came back."),
    ("extend", ""): N_("{points} can be used longer: through {day}."),
    ("extend", "reason"): N_("{reason}: {points} can be used longer, through {day}."),
    ("adjust", "+"): N_("{points} were added by hand."),
    ("adjust", "-"): N_("{points} were taken by hand."),
    ("adjust", "+reason"): N_("{reason}: {points} were added."),
    ("adjust", "-reason"): N_("{reason}: {points} were taken."),
    ("adjust", "+apology"): N_("{points} as an apology."),
    ("adjust", "+goodwill"): N_("{points} with our thanks."),
    ("adjust", "+correction"): N_("A mistake was put right: {points} were added."),
    ("adjust", "-correction"): N_("A mistake was put right: {points} were taken."),
    ("adjust", "+gift_card"): N_("{points} came with a gift card."),
    ("adjust", "-account_closed"): N_("The account was closed: {points} were given up."),
    ("adjust", "+opening_balance"): N_("{points} were taken over from the time before this program."),
    ("adjust", "-import_undone"): N_("An import was undone: {points} were taken."),
    ("adjust", "+import_undone"): N_("An import was undone: {points} were added."),
    ("transfer", "+"): N_("{points} came from another member."),
    ("transfer", "-"): N_("{points} were given to another member."),
    ("transfer", "+pool"): N_("{points} came from the family or group."),
    ("transfer", "-pool"): N_("{points} went into a payment of the family or group."),
    ("transfer", "+merge"): N_("Two accounts became one: {points} came along."),
    ("transfer", "-merge"): N_("Two accounts became one: {points} went along."),
    ("transfer", "+part"): N_("Two accounts are two again: {points} came back."),
    ("transfer", "-part"): N_("Two accounts are two again: {points} went back."),
    ("pend", "merge"): N_("Two accounts became one: {points} that wait came along."),
    ("cancel", "merge"): N_("Two accounts became one: {points} that wait went along."),
    ("pend", "part"): N_("Two accounts are two again: {points} that wait came back."),
    ("cancel", "part"): N_("Two accounts are two again: {points} that wait went back."),
    ("cancel", "account_closed"): N_("The account was closed: {points} that waited will not come."),
    ("forgive", "account_closed"): N_("The account was closed: {points} that were owed are written off."),
    ("forgive", "import_undone"): N_("An import was undone: {points} that were owed are written off."),
    ("reverse", "import_undone"): N_("An import was undone: {points} that it gave were taken back."),
    ("cancel", "import_undone"): N_("An import was undone: {points} that waited will not come."),
}
"""Sentences by kind and by what is known of the cause."""
_SIGNED = ("adjust", "transfer")


def sentence(entry: EntryView, lang: str) -> str:
    """Return what an operation did, empty where the entry is no operation's."""
    key = (entry.kind, _cause(entry))
    if key not in _TOLD:
        key = (entry.kind, _sign(entry))
    if key not in _TOLD:
        return ""
    said = translate(
        lang,
        _TOLD[key],
        points=points_of(entry, lang),
        reward=reward(entry, lang),
        reason=reason(entry, lang),
        day=day(entry.expires_on, lang) if entry.expires_on else translate(lang, N_("any day")),
    )
    if entry.kind == "transfer" and entry.note and key[1] in ("+", "-"):
        said = translate(lang, N_("{sentence} “{note}”"), sentence=said, note=entry.note)
    return said


def points_of(entry: EntryView, lang: str) -> str:
    """Return an entry's points without their sign."""
    n, unit = abs(entry.points), entry.unit
    return points(n, lang) if unit is None else tell.sum_text(n, unit.name, unit.kind, lang, unit.is_main)


def reward(entry: EntryView, lang: str) -> str:
    """Return what points were set aside or redeemed for, empty where nobody told."""
    account = entry.account
    if account is not None and account.kind in ("reward", "charity"):
        return brand_words(account.name, lang) if account.name else account.id
    return entry.reference or ""


def reason(entry: EntryView, lang: str) -> str:
    """Return why points were corrected, empty where nobody told."""
    account = entry.account
    if account is None or account.kind != "reason":
        return ""
    if account.name:
        return brand_words(account.name, lang)
    return translate(lang, REASONS[account.id]) if account.id in REASONS else account.id


def _sign(entry: EntryView) -> str:
    return ("+" if entry.points >= 0 else "-") if entry.kind in _SIGNED else ""


def _cause(entry: EntryView) -> str:  # noqa: PLR0911 - one for each cause
    """Return the cause as `_TOLD` knows it: that of the account, of the event, or of what was told beside."""
    account, sign = entry.account, _sign(entry)
    if entry.event == "member.unmerged":
        return "merge" if entry.kind in ("hold", "void") else f"{sign}part"
    if entry.event == "member.merged" or (account is not None and account.kind == "merge"):
        return f"{sign}merge"
    if entry.kind == "void":
        return "timed_out" if entry.timed_out else "rest" if entry.event == "hold.confirmed" else ""
    if account is not None and account.kind == "charity":
        return "charity"
    if account is not None and account.kind == "reason":
        known = f"{sign}{account.id}"
        return known if (entry.kind, known) in _TOLD else f"{sign}reason"
    if account is not None and account.kind == "pool":
        return f"{sign}pool"
    if entry.kind in ("hold", "confirm", "restore") and reward(entry, "ja"):
        return "for"
    return sign
