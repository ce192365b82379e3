"""One member in the console."""

from kizuna.web.console.member import pages
from samples.base import FULL, LONG, MEMBER, NEW, NOTHING

MY_PAGE = "/my"
CONSOLE_PAGES = {
    "member": lambda face: pages.member_page(face, MEMBER, FULL, MY_PAGE),
    "member-new": lambda face: pages.member_page(face, NEW, NOTHING, None),
    "member-long": lambda face: pages.member_page(face, LONG, FULL, MY_PAGE, cursor="c"),
}
RARE = {"member-new", "member-long"}
