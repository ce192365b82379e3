"""What the landing page shows: plain data, with every address whole, because search engines and other sites read them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from kizuna.web.offer import Offer, WayView
from kizuna.web.views import BrandView


@dataclass(frozen=True, slots=True)
class LandingView:
    """A brand's page. `site` is our address without a last slash; `languages` are those that it can be read in, its own first.

    `today` is the brand's own day; `changed_on` the day on which the version in force began or was published, whichever is later;
    `picture` is the whole address of a logo that other sites can show, None where there is none.
    """

    brand: BrandView
    offer: Offer
    site: str
    languages: Sequence[str]
    changed_on: date
    today: date
    picture: str | None = None

    @property
    def running(self) -> Sequence[WayView]:
        """What earns today."""
        return self.offer.running(self.today)

    def address(self, lang: str) -> str:
        """Return the page's whole address in a language."""
        return f"{self.site}{self.path(lang)}"

    def path(self, lang: str) -> str:
        """Return the page's path in a language; the brand's own has none of its own."""
        return f"/p/{self.brand.slug}" + ("" if lang == self.languages[0] else f"/{lang}")

    @property
    def addresses(self) -> Mapping[str, str]:
        """The whole address of each language."""
        return {lang: self.address(lang) for lang in self.languages}
