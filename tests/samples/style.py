"""The style page."""

from kizuna.web.console.style import pages

CONSOLE_PAGES = {"style": pages.style_page}
