"""The program as text: pure functions of a face and a view."""

from kizuna.web.console.program.plain import plain
from kizuna.web.console.program.views import ProgramView
from kizuna.web.faces import Face, render


def program_page(face: Face, view: ProgramView) -> str:
    """Return a version of the program in plain words, the list of versions, and the document."""
    if face.brand is None:
        raise ValueError("a program is a brand's")
    told = plain(view.program, face.brand, face.lang)
    return render(face, "console/program.html", view=view, told=told, section="program", here=True)
