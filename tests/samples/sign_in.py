"""Signing in, and refusals."""

from dataclasses import replace

from kizuna.web.console import pages
from samples.base import MISSING, REFUSED

CONSOLE_PAGES = {
    "sign-in": lambda face: pages.sign_in_page(replace(face, user_email=None)),
    "sign-in-refused": lambda face: pages.sign_in_page(replace(face, user_email=None), REFUSED, "mika@example.jp", "t"),
    "console-problem": lambda face: pages.problem_page(face, MISSING, 404),
}
RARE = {"sign-in-refused"}
