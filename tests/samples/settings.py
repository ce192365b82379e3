"""The settings."""

from kizuna.web.console.settings import pages
from samples.start import WRONG_LOOK, look

CONSOLE_PAGES = {
    "settings-look": lambda face: pages.settings_page(face, look()),
    "settings-look-wrong": lambda face: pages.settings_page(face, look(WRONG_LOOK)),
}
RARE = {"settings-look-wrong"}
