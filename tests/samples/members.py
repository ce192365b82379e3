"""The list of members."""

from kizuna.web.console.members import pages
from samples.base import EMPTY, MANY, ONE

CONSOLE_PAGES = {
    "members": lambda face: pages.members_page(face, MANY, ""),
    "members-one": lambda face: pages.members_page(face, ONE, "鈴木"),
    "members-none": lambda face: pages.members_page(face, EMPTY, "該当なし"),
    "members-empty": lambda face: pages.members_page(face, EMPTY, ""),
}
RARE = {"members-one", "members-none", "members-empty"}
