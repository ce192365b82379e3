"""The parts of a back-test's pages: the report and the console show the same, made from `kizuna.simulate.told`. Pure."""

from collections.abc import Mapping
from typing import Any

from kizuna.web.backtest.groups import decile_table, deciles, places, segments, spread
from kizuna.web.backtest.headline import headline
from kizuna.web.backtest.limits import limits
from kizuna.web.backtest.months import balance, months
from kizuna.web.backtest.rules import rules
from kizuna.web.backtest.telling import Voice
from kizuna.web.backtest.tiers import tiers
from kizuna.web.backtest.views import Design


def design(
    told: Mapping[str, Any], variation: Mapping[str, Any] | None, lang: str, currency: str, number: int = 1
) -> Design:
    """Return every part of one design's result; `number` tells designs of one page apart."""
    voice, id_ = Voice(lang, currency), f"design-{number}"
    by_segment = segments(told, voice, id_)
    return Design(
        id=id_,
        name=told["name"],
        headline=headline(told, variation, voice, id_),
        months=months(told, voice, id_),
        balance=balance(told, voice, id_),
        tiers=tiers(told, voice, id_),
        rules=rules(told, voice, id_),
        deciles=deciles(told, voice, id_),
        spread=spread(told, voice, id_),
        groups=[
            decile_table(told, voice, id_),
            *([] if by_segment is None else [by_segment]),
            *places(told, voice, id_),
        ],
        limits=limits(told, voice),
    )
