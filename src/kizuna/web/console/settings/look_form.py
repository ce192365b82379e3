"""The form of a brand's name and look, which the first step and the settings share: read, previewed, kept.

A logo is kept as soon as it is chosen, under its hash, and used only once the form is saved: what was chosen survives a
field that is refused, a preview, and the way back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from fastapi import Request
from starlette.datastructures import UploadFile

from kizuna.core.errors import N_, Kind, Problem
from kizuna.runtime.brands import LANGUAGES, Brand
from kizuna.runtime.look import WORDS, Look, keep_picture, picture_size, save_look
from kizuna.runtime.pictures import BYTES_MAX, read_picture
from kizuna.web import inputs
from kizuna.web.entered import Entered
from kizuna.web.look import logo_address, style_address
from kizuna.web.requests import services
from kizuna.web.views import LookView

NAME_MAX = 60
OWN = "#1c4c7d"
"""What a picker of colours shows before one was chosen: our indigo."""


class LanguageUnknown(Problem):
    """A form that names no languages of ours."""

    code = "languages_unknown"
    kind = Kind.INVALID
    title = N_("The member pages need a language.")
    remedy = N_("Choose one of the list.")


@dataclass(frozen=True, slots=True)
class LookForm:
    """The form as it is shown: what was typed, what is wrong, and the look that follows from what can be read."""

    entered: Entered
    look: LookView
    slug: str
    preview: str

    @property
    def live_style(self) -> str:
        """The address of a preview's styles, with {colour} where the six digits stand."""
        return style_address(self.slug, OWN, preview=True).replace(OWN.removeprefix("#"), "{colour}")


def filled(brand: Brand) -> LookForm:
    """Return the form as it stands for a brand."""
    fields = {
        "name": brand.name,
        "languages": ",".join(brand.languages),
        "colour": brand.look.colour or "",
        "colour-was": brand.look.colour or "",
        "logo": brand.look.logo or "",
    }
    fields |= {f"{name}-{lang}": brand.look.words.get(lang, {}).get(name, "") for lang in LANGUAGES for name in WORDS}
    return _shown(brand.slug, Entered(fields), brand.look)


async def take(request: Request, brand: Brand, fields: Mapping[str, str], *, words: bool) -> tuple[LookForm, Look]:
    """Read what was sent, keep a new logo, and return the form with the look that it asks for.

    Without `words` the brand's own words stay as they are. Raises `Unavailable`.
    """
    entered, db = Entered(fields), services(request).db
    entered.read(inputs.line, "name", most=NAME_MAX, required=True)
    if not languages_of(entered["languages"]):
        entered.refuse("languages", LanguageUnknown(field="languages"))
    entered.fields["colour"] = _chosen_colour(fields)
    colour = entered.read(inputs.colour, "colour")
    logo = await _logo(request, brand, entered)
    said = _words(entered) if words else brand.look.words
    size = await picture_size(db, brand.slug, logo) if logo else None
    look = Look(colour, said, logo if size else None, *(size or (0, 0)))
    entered.fields["logo"] = look.logo or ""
    entered.fields["colour-was"] = colour or ""
    return _shown(brand.slug, entered, look), look


async def save(request: Request, brand: Brand, form: LookForm, look: Look) -> None:
    """Keep what a form without faults asks for, and see it at once. Raises `Unavailable`."""
    kept = services(request)
    name = inputs.line(form.entered["name"], "name")
    await save_look(kept.db, brand.slug, name, languages_of(form.entered["languages"]), look)
    await kept.look_again(await kept.desk(brand.slug))


def languages_of(text: str) -> tuple[str, ...]:
    """Return the languages that a choice names, the brand's own first; none for what is no choice of ours."""
    named = tuple(text.split(","))
    return named if set(named) <= set(LANGUAGES) and len(set(named)) == len(named) else ()


def _chosen_colour(fields: Mapping[str, str]) -> str:
    """Return the colour meant: what was typed, or the picker's where only the picker was touched."""
    typed, was, picked = (fields.get(name, "").strip() for name in ("colour", "colour-was", "colour-pick"))
    return picked if typed == was and picked not in {"", was or OWN} else typed


async def _logo(request: Request, brand: Brand, entered: Entered) -> str | None:
    """Return the hash of the logo that the form asks for: a new file's, the one it had, or none."""
    if "remove-logo" in entered.fields:
        return None
    file = (await request.form()).get("logo-file")
    if not isinstance(file, UploadFile) or not file.filename:
        return entered["logo"] or None
    try:
        picture = read_picture(await file.read(BYTES_MAX + 1), "logo-file", size=file.size)
    except Problem as problem:
        entered.refuse("logo-file", problem)
        return entered["logo"] or None
    return await keep_picture(services(request).db, brand.slug, picture)


def _words(entered: Entered) -> Mapping[str, Mapping[str, str]]:
    said: dict[str, dict[str, str]] = {}
    for lang in LANGUAGES:
        for name in WORDS:
            field = f"{name}-{lang}"
            if name in {"tagline", "contact"}:
                text = entered.read(inputs.line, field, most=120)
            else:
                text = entered.read(inputs.address, field, mail=name == "support")
            if text:
                said.setdefault(lang, {})[name] = text
    return said


def _shown(slug: str, entered: Entered, look: Look) -> LookForm:
    view = LookView(
        css=style_address(slug, look.colour) if look.colour else None,
        logo=logo_address(slug, look.logo) if look.logo else None,
        logo_width=look.logo_width,
        logo_height=look.logo_height,
        colour=look.colour,
    )
    return LookForm(entered, view, slug, style_address(slug, look.colour or OWN, preview=True))


def with_faults(form: LookForm, faults: Mapping[str, Problem]) -> LookForm:
    """Return the form with other faults; for samples and tests."""
    return replace(form, entered=Entered(form.entered.fields, faults))
