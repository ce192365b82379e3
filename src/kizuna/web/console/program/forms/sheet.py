"""A part's form while it is being filled in: what was typed, what stood there before, and what the forms have to know."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from kizuna.core.errors import N_, Kind, Problem
from kizuna.program import TIMES_MAX, Program
from kizuna.runtime.brands import Brand
from kizuna.web import inputs
from kizuna.web.entered import Entered

Raw = dict[str, Any]
NAME_MAX = 60
WORDS_MAX = 2_000


class NoTimes(Problem):
    """Not a multiplier."""

    code = "input_no_times"
    kind = Kind.INVALID
    title = N_("“{value}” is not a multiplier.")
    remedy = N_("Write it as 2, 1.5 or 3/2, up to {most}.")


class NothingChosen(Problem):
    """A list of which something has to be chosen."""

    code = "input_nothing_chosen"
    kind = Kind.INVALID
    title = N_("Nothing is chosen here.")
    remedy = N_("Choose at least one, or remove the condition.")


class NoChoice(Problem):
    """A value that is not on offer."""

    code = "input_no_choice"
    kind = Kind.INVALID
    title = N_("Nothing is chosen here yet.")
    remedy = N_("Choose one of the list.")


@dataclass(frozen=True, slots=True)
class Bench:
    """What every form has to know: the draft as it stands, the brand, the reader's language, and the brand's day."""

    program: Program
    brand: Brand
    lang: str
    today: date

    def major(self, minor: int) -> str:
        """Return an amount as one types it: 4,980 or 49.80."""
        digits = self.brand.currency_digits
        whole, rest = divmod(minor, 10**digits)
        return f"{whole:,}" + (f".{rest:0{digits}}" if digits else "")

    def said(self, text: Any) -> str:
        """Return the brand's own words (a `Text`, or its raw form) in the reader's language."""
        return str(text[self.lang] if isinstance(text, dict) else getattr(text, self.lang))


@dataclass(frozen=True, slots=True)
class Sheet:
    """`part` is what stands in the document (for a new part: what it begins with), `before` its fields as they were shown."""

    bench: Bench
    entered: Entered
    part: Raw
    before: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.entered[name]

    def touched(self, *prefixes: str) -> bool:
        """Tell whether a field was changed whose name is one of `prefixes` or begins with one and a dot."""
        return _under(self.entered.fields, prefixes) != _under(self.before, prefixes)

    def whole(self, name: str, *, least: int = 1, most: int = 10**9) -> int | None:
        """Return the number typed, None where it was refused."""
        return self.entered.read(inputs.whole, name, least=least, most=most)

    def maybe_whole(self, name: str, *, least: int = 0, most: int = 10**9) -> int | None:
        """Return the number typed, None where nothing was, or it was refused."""
        return self.whole(name, least=least, most=most) if self[name].strip() else None

    def amount(self, name: str, *, least: int = 1, most: int = 10**12) -> int | None:
        """Return the money typed, in minor units, None where it was refused."""
        digits = self.bench.brand.currency_digits
        return self.entered.read(inputs.amount, name, digits=digits, least=least, most=most)

    def day(self, name: str) -> str | None:
        """Return the day typed as the document writes it, None where it was refused."""
        day = self.entered.read(inputs.day, name)
        return day.isoformat() if day else None

    def choice(self, name: str, offered: tuple[str, ...]) -> str | None:
        """Return what was chosen, None where it is not on offer."""
        if self[name] in offered:
            return self[name]
        self.entered.refuse(name, NoChoice(field=name))
        return None

    def times(self, name: str) -> Raw | None:
        """Return the multiplier typed as an exact fraction, None where it was refused."""
        return self.entered.read(times, name)

    def words(self, name: str) -> list[str]:
        """Return the words typed, by comma or by line."""
        return words(self[name])


def _under(fields: Mapping[str, str], prefixes: tuple[str, ...]) -> dict[str, str]:
    return {
        name: value.replace("\r\n", "\n").strip()
        for name, value in fields.items()
        if value.strip() and any(name == prefix or name.startswith(f"{prefix}.") for prefix in prefixes)
    }


def times(text: str, name: str) -> Raw:
    """Return 2, 1.5 or 3/2 as the document writes a multiplier. Raises `Required`, `NoTimes`."""
    read = inputs.narrow(text).lstrip("×x✕ ")
    if not read:
        raise inputs.Required(field=name)
    if re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,3}|/[0-9]{1,2})?", read) and not re.search(r"/0+$", read):
        found = Fraction(read)
        if found.numerator <= TIMES_MAX and found.denominator <= TIMES_MAX:
            over = {} if found.denominator == 1 else {"over": found.denominator}
            return {"times": found.numerator, **over}
    raise NoTimes(field=name, value=text.strip()[:40], most=TIMES_MAX)


def shown_times(raw: Mapping[str, int]) -> str:
    """Return a multiplier as one types it."""
    found = Fraction(raw["times"], raw.get("over", 1))
    return shown_fraction(found)


def shown_fraction(found: Fraction) -> str:
    """Return 2, 1.5 or, where decimals do not end within three, 4/3."""
    thousandths = found * 1000
    if thousandths.denominator != 1:
        return f"{found.numerator}/{found.denominator}"
    whole, part = divmod(thousandths.numerator, 1000)
    return f"{whole}" + (f".{part:03d}".rstrip("0") if part else "")


def words(text: str) -> list[str]:
    """Return what stands between commas and line ends, each once; “"a, b"” in quotes is one."""
    found = re.findall(r'"([^"\n]*)"|([^",、，\n]+)', text.replace("\r", "\n"))
    named = (" ".join((quoted or plain).split()) for quoted, plain in found)
    return list(dict.fromkeys(word[:200] for word in named if word))[:WORDS_MAX]


def shown_words(found: list[Any]) -> str:
    """Return words as one types them."""
    return ", ".join(f'"{word}"' if re.search(r"[,、，]", str(word)) else str(word) for word in found)


# Names


def name_fields(prefix: str, text: Mapping[str, str], bench: Bench) -> dict[str, str]:
    """Return a name's fields, one for each of the brand's languages."""
    return {f"{prefix}.{lang}": text.get(lang, "") for lang in bench.brand.languages}


def read_name(sheet: Sheet, prefix: str, old: Mapping[str, str] | None, most: int = NAME_MAX) -> Raw | None:
    """Return a name in both languages; a language left empty takes the first one's words. None where all are empty."""
    if old and not sheet.touched(prefix):
        return dict(old)
    languages = sheet.bench.brand.languages
    typed = {lang: sheet.entered.read(inputs.line, f"{prefix}.{lang}", most=most) for lang in languages}
    first = next((text for text in typed.values() if text), None)
    if first is None:
        sheet.entered.refuse(f"{prefix}.{languages[0]}", inputs.Required(field=prefix))
        return None
    return {lang: typed.get(lang) or first for lang in ("ja", "en")}


def id_for(name: Mapping[str, str] | None, taken: set[str], stem: str) -> str:
    """Return a new id: the English name in small letters, or the stem; with a number where it is taken."""
    words_ = re.findall(r"[a-z0-9]+", (name or {}).get("en", "").lower())
    made = "-".join(words_)[:32].strip("-")
    base = made if re.match("[a-z]", made) else stem
    return next(one for one in (base, *(f"{base}-{n}" for n in range(2, 2_000))) if one not in taken)
