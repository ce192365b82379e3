"""What the landing page reads: which version is in force, in one cheap question; while the database is away, what is known."""

import contextlib
from datetime import UTC, datetime

from kizuna.core.errors import NotFound, Unavailable
from kizuna.publishing import NothingPublished, newest
from kizuna.runtime.brands import LANGUAGES, Brand, all_brands
from kizuna.runtime.db import read
from kizuna.runtime.look import picture_of
from kizuna.web.landing.views import LandingView
from kizuna.web.look import logo_address
from kizuna.web.offer import offer_of
from kizuna.web.reads import brand_view
from kizuna.web.services import Services

_RASTER = ("image/png", "image/jpeg", "image/webp")
_FIRST = datetime(2000, 1, 1, tzinfo=UTC)
_types: dict[tuple[str, str], str] = {}


async def landing(services: Services, slug: str, at: datetime) -> LandingView:
    """Return a brand's page. Raises `NotFound`, `NothingPublished`, `Unavailable` when nothing of it is known yet."""
    desk = await services.desk(slug)
    try:
        async with services.db.lend(desk.brand.schema) as conn:
            (versions,) = await read(conn, [newest()])
            await desk.book.keep_up(conn, versions)
    except Unavailable:
        if not desk.book.plans:  # not known is not the same as none: a search engine would drop the page
            raise
    plan = desk.book.at(at)
    begun = desk.book.effective_at[plan.version - 1]
    languages = tuple(lang for lang in desk.brand.languages if lang in LANGUAGES) or LANGUAGES
    return LandingView(
        brand=brand_view(desk.brand, plan),
        offer=offer_of(plan),
        site=services.settings.public_url,
        languages=languages,
        changed_on=max(begun, _FIRST).astimezone(desk.brand.zone).date(),
        today=at.astimezone(desk.brand.zone).date(),
        picture=await _picture(services, desk.brand),
    )


async def _picture(services: Services, brand: Brand) -> str | None:
    """Return the logo's whole address if other sites can show it: they take no SVG."""
    logo = brand.look.logo
    if logo is None:
        return None
    if (brand.slug, logo) not in _types:
        with contextlib.suppress(NotFound, Unavailable):
            _types[brand.slug, logo], _ = await picture_of(services.db, brand.slug, logo)
    shown = _types.get((brand.slug, logo)) in _RASTER
    return f"{services.settings.public_url}{logo_address(brand.slug, logo)}" if shown else None


async def published(services: Services, at: datetime) -> list[LandingView]:
    """Return the page of every brand that has published a program, oldest brand first. Raises `Unavailable`."""
    pages = []
    for brand in await all_brands(services.db):
        with contextlib.suppress(NothingPublished, NotFound):
            pages.append(await landing(services, brand.slug, at))
    return pages
