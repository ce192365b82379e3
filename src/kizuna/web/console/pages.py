"""The console's pages that belong to no subject: signing in, and refusals."""

from kizuna.core.errors import Problem
from kizuna.web.faces import Face, render
from kizuna.web.words import problem_text


def sign_in_page(face: Face, problem: Problem | None = None, email: str = "", csrf: str | None = None) -> str:
    """Return the sign-in form; `problem` says why the last try was refused. `csrf` is the face's token unless given."""
    refusal = problem_text(problem, face.lang) if problem else None
    token = face.csrf_token if csrf is None else csrf
    return render(face, "console/sign_in.html", refusal=refusal, email=email, csrf=token)


def problem_page(face: Face, problem: Problem, status: int) -> str:
    """Return a refusal as a page of its own, with the way back."""
    return render(
        face, "console/problem.html", refusal=problem_text(problem, face.lang), status=status, section="", here=False
    )
