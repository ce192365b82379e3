"""Whether a line of a story says what came out: `differences` names what it says wrongly, `words` says it rightly."""

import re
from collections.abc import Callable, Iterator

from docs.outcome import WAITS, Outcome, Part, day_words
from docs.story import Line, number

_ID = r"[a-z][a-z0-9_-]*"
_MOVED = re.compile(
    rf"(?P<sign>[+−]|(?:lapsed|released|cancelled|forgiven|to collect) )(?P<points>[\d,]+)(?: (?P<unit>{_ID}))?(?: \((?P<rules>.+)\))?"
)
_PART = re.compile(rf"(?P<rule>{_ID}) (?P<points>[\d,]+)(?: of (?P<raw>[\d,]+) by (?P<cut>[a-z]+))?")


def differences(line: Line, outcome: Outcome) -> list[str]:
    """Return what the line says that did not happen, and what happened that it does not say."""
    told: dict[tuple[str, str], int] = {}
    wrong = []
    for claim in line.says:
        if moved := _MOVED.fullmatch(claim):
            key = (moved["sign"].strip(), moved["unit"] or outcome.first_unit)
            told[key] = number(moved["points"])
            wrong += _parts_wrong(moved["rules"], outcome.moved.get(key, {})) if moved["rules"] else []
        elif claim != "nothing" and not _holds(claim, outcome):
            wrong.append(claim)
    for key in {*told, *outcome.moved}:
        happened = sum(part.points for part in outcome.moved.get(key, {}).values())
        if told.get(key, 0) != happened:
            wrong.append(f"{key[0]}{told.get(key, 0)} {key[1]} (it was {happened})")
    return wrong


def _parts_wrong(said: str, parts: dict[str, Part]) -> Iterator[str]:
    mentioned = set()
    for clause in said.split(", "):
        found = _PART.fullmatch(clause)
        part = parts.get(found["rule"], Part()) if found else Part()
        is_right = found is not None and part.points == number(found["points"])
        if found and found["raw"]:
            is_right &= (part.raw, part.cut) == (number(found["raw"]), found["cut"])
        if not is_right:
            yield clause
        mentioned.add(found["rule"] if found else "")
    yield from (f"{rule} is not told" for rule, part in parts.items() if part.points and rule not in mentioned)


def _holds(claim: str, it: Outcome) -> bool:
    for pattern, tell in _STATES:
        if found := re.fullmatch(pattern, claim):
            return tell(it, found)
    return False


def _number_of(sums: dict[str, int], it: Outcome, found: re.Match[str]) -> bool:
    return sums[found[2] or it.first_unit] == number(found[1].replace("−", "-"))


def _tier(it: Outcome, track: str, level: str, through: str | None) -> bool:
    return it.tracks[track][0] == level and through in (None, it.tracks[track][1])


_STATES: tuple[tuple[str, Callable[[Outcome, re.Match[str]], bool]], ...] = (
    (rf"balance (−?[\d,]+)(?: ({_ID}))?", lambda it, found: _number_of(it.balance, it, found)),
    (rf"waiting ([\d,]+)(?: ({_ID}))?", lambda it, found: _number_of(it.waiting, it, found)),
    (rf"tier ({_ID})(?: through (\S+))?", lambda it, found: _tier(it, "", found[1], found[2])),
    (rf"track ({_ID}) ({_ID})(?: through (\S+))?", lambda it, found: _tier(it, *found.groups())),
    (r"figure ([\d,]+)", lambda it, found: it.tracks[""][2] == number(found[1])),
    (rf"stage ({_ID})", lambda it, found: it.stage == found[1]),
    (rf"step ({_ID}) (\d+) of (\d+)", lambda it, found: it.steps[found[1]] == (int(found[2]), int(found[3]))),
    (r"until (.+)", lambda it, found: sorted(found[1].split(" and ")) == sorted(map(day_words, it.until))),
    (r"from (.+)", lambda it, found: found[1].split(" and ") == [day_words(day) for day in it.taken]),
    (r"waits .+", lambda it, found: {found[0]} == set(map(_waits, it.waits))),
    (rf"only for ({_ID})", lambda it, found: it.only == {found[1]}),
    (r"refused: (.+)", lambda it, found: it.refusal == found[1]),
    (r"qualifies", lambda it, _: it.qualifies),
    (r"is warned", lambda it, _: it.is_warned),
)


def _waits(day: int) -> str:
    return WAITS.get(day) or f"waits until {day_words(day)}"


def words(it: Outcome) -> str:
    """Say what came out, to be put into a story."""
    said = []
    for (what, unit), parts in it.moved.items():
        if points := sum(part.points for part in parts.values()):
            space = "" if what in "+−" else " "
            named = "" if unit == it.first_unit else f" {unit}"
            rules = ", ".join(
                f"{rule} {part.points}" + (f" of {part.raw} by {part.cut}" if part.cut else "")
                for rule, part in parts.items()
                if rule and (part.points or part.cut)
            )
            said.append(f"{what}{space}{points:,}{named}" + (f" ({rules})" if "," in rules or " of " in rules else ""))
    said = said or ["nothing"]
    for name, sums in (("balance", it.balance), ("waiting", it.waiting)):
        for unit, points in sums.items():
            if points or (unit == it.first_unit and name == "balance"):
                said.append(f"{name} {points:,}".replace("-", "−") + ("" if unit == it.first_unit else f" {unit}"))
    if it.until:
        said.append("until " + " and ".join(map(day_words, sorted(it.until))))
    said += sorted(map(_waits, it.waits)) + [f"only for {purpose}" for purpose in it.only]
    if it.taken:
        said.append("from " + " and ".join(map(day_words, it.taken)))
    for track, (level, through, figure) in it.tracks.items():
        said.append(
            f"track {track} {level} through {through}"
            if track
            else f"tier {level} through {through}, figure {figure:,}"
        )
    said += [f"stage {it.stage}"] if it.stage else []
    said += [f"step {step} {done} of {wanted}" for step, (done, wanted) in it.steps.items()]
    said += [f"refused: {it.refusal}"] if it.refusal else []
    said += ["qualifies"] if it.qualifies else []
    said += ["is warned"] if it.is_warned else []
    return ", ".join(said)
