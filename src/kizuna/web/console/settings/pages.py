"""The settings as text: pure functions of a face and a form."""

from kizuna.runtime.look import WORDS
from kizuna.web.console.settings.look_form import LookForm
from kizuna.web.faces import Face, render


def settings_page(face: Face, form: LookForm) -> str:
    """Return name, look, languages and words."""
    return render(
        face, "console/settings.html", form=form, errors=form.entered.errors(face.lang), words=WORDS, section="settings",
        here=True,
    )  # fmt: skip
