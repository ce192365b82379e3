"""A program in plain words: what a marketer would say of it, from the document alone. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kizuna.core.errors import N_
from kizuna.program import Holds, Message, Program, telling, telling_operations, telling_terms
from kizuna.web.tell import teller
from kizuna.web.views import BrandView
from kizuna.web.words import translate


@dataclass(frozen=True, slots=True)
class PlainRung:
    """A tier in words; `rank` counts from 0."""

    id: str
    rank: int
    name: dict[str, str]
    reached: str
    benefits: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Plain:
    """A program in words. `rungs` is empty where there is only one tier: then there is nothing to climb."""

    earning: Sequence[str]
    expiry: str
    redeeming: Sequence[str]
    rungs: Sequence[PlainRung]
    kept: str
    joining: str


def plain(program: Program, brand: BrandView, lang: str) -> Plain:
    """Return what `program` says. Campaigns are told apart from it: they have dates."""
    tell = teller(brand.currency, lang)
    levels = program.tiers.levels if len(program.tiers.levels) > 1 else []
    tiers = program.tiers
    return Plain(
        earning=[
            translate(
                lang,
                N_("{rule}: {sentence}"),
                rule=getattr(rule.name, lang),
                sentence=tell(telling.rule(program, rule)),
            )
            for rule in program.earning_rules
        ],
        expiry=" ".join(tell(telling_terms.unit(program, unit)) for unit in program.units),
        redeeming=[
            tell(telling_terms.redemption(program, program.redemption)),
            tell(telling_terms.returns(program.returns)),
            *(tell(one) for one in _operations(program)),
        ],
        rungs=[
            PlainRung(
                level.id,
                rank,
                {"ja": level.name.ja, "en": level.name.en},
                tell(telling_terms.reached(program, tiers, level.at)),
                [str(getattr(one, lang)) for one in level.benefits],
            )
            for rank, level in enumerate(levels)
        ],
        kept=f"{tell(telling_terms.counted(program, tiers))} {tell(telling_terms.held(tiers))}" if levels else "",
        joining=translate(
            lang,
            N_("Whoever buys for the first time becomes a member by it.")
            if program.unknown_member == "create"
            else N_("An order of somebody who is not a member yet is refused."),
        ),
    )


def _operations(program: Program) -> Iterator[Message]:
    """Yield what else may be done with points, where the program says so."""
    if program.holds != Holds():
        yield telling_operations.holds(program.holds)
    if program.transfers is not None:
        yield telling_operations.transfers(program, program.transfers)
    if program.pools is not None:
        yield telling_operations.pools(program.pools)
    if program.charities:
        yield telling_operations.charities(program.charities)
