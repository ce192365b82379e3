"""What a back-test cannot know, said of each result: it never claims that a program lifts sales. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from kizuna.core.errors import N_
from kizuna.web.backtest.telling import Voice

_ALWAYS = (
    N_(
        "Purchases are taken as they were. Whether a program makes people buy more, or others join, a back-test cannot tell; "
        "only a test with members left out can."
    ),
    N_(
        "Everybody begins with no points and on the lowest tier on the first day, so the first months issue and cost less than "
        "later ones would."
    ),
    N_("A point costs what the program says that it is worth. Goods, postage, staff and systems are not counted."),
)  # fmt: skip


def limits(told: Mapping[str, Any], voice: Voice) -> Sequence[str]:
    """Return what has to be kept in mind about a result."""
    said = [voice.words(one) for one in _ALWAYS]
    if told["behaviour"]["kind"] != "never":
        said.insert(
            1,
            voice.words(
                N_("Who redeems when is assumed, not known; another assumption moves cost, expiry and what is owed.")
            ),
        )
    if told["refused"]:
        said.append(
            voice.words(
                N_(
                    "Redemptions that the program’s own terms refuse were assumed {n} times. Look at its minimum and step."
                ),
                n=f"{told['refused']:,}",
            )
        )
    if told["cost"] is not None:
        said.append(
            voice.words(
                N_(
                    "How much of what is owed will expire is taken from points that ended within the period; "
                    "a short one says little."
                )
            )
            if told["redeemed"]
            else voice.words(N_("Nobody used points within the period, so what is owed is counted in full."))
        )
    if told["silent"]:
        names = (voice.words(N_("“{rule}”"), rule=voice.name(one["name"])) for one in told["silent"])
        said.append(
            voice.words(
                N_(
                    "These rules pay for what a history of purchases does not tell. "
                    "They paid nothing here, and will in the running program: {rules}."
                ),
                rules=("、" if voice.lang == "ja" else ", ").join(names),
            )
        )  # fmt: skip
    return said
