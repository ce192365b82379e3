"""Lists as somebody likes to see them: the query of an address under a name. A view belongs to one person and one screen.

A name is there once; keeping another list under it replaces the one before, so that sending a form twice changes nothing.
"""

from typing import NamedTuple

import asyncpg

from kizuna.core.errors import N_, Kind, NotFound, Problem
from kizuna.runtime import views_store as store
from kizuna.runtime.db import PLATFORM_SCHEMA, Database

NAME_LENGTH_MAX = 60
QUERY_LENGTH_MAX = 2000
VIEWS_MAX = 50


class View(NamedTuple):
    """A saved view."""

    id: int
    name: str
    query: str


class ViewNameInvalid(Problem):
    """No name, or one too long."""

    code = "view_name_invalid"
    kind = Kind.INVALID
    title = N_("A view needs a name of 1 to {length_max} characters.")
    remedy = N_("Write a short name, such as “Gold, quiet for 90 days”.")


class ViewNameTaken(Problem):
    """Another view has the name."""

    code = "view_name_taken"
    kind = Kind.CONFLICT
    title = N_("You have a view named “{name}” already.")
    remedy = N_("Choose another name, or delete the other view first.")


class TooManyViews(Problem):
    """No more views fit into a menu."""

    code = "too_many_views"
    kind = Kind.TOO_MANY
    title = N_("You have {views_max} saved views, which is as many as there can be.")
    remedy = N_("Delete one that you no longer use, then save this one.")


async def saved_views(db: Database, email: str, screen: str) -> list[View]:
    """Return a person's views of a screen, by name. Raises `Unavailable`."""
    async with db.lend(PLATFORM_SCHEMA) as conn:
        return [View(*row) for row in await conn.fetch(store.SELECT_VIEWS, email, screen)]


async def save_view(db: Database, email: str, screen: str, name: str, query: str) -> None:
    """Keep a view under a name. Raises `ViewNameInvalid`, `TooManyViews`, `Unavailable`."""
    async with db.lend(PLATFORM_SCHEMA) as conn:
        kept = await conn.fetchval(
            store.PUT_VIEW, email, screen, _name(name), query[:QUERY_LENGTH_MAX].replace("\x00", ""), VIEWS_MAX
        )
    if kept is None:
        raise TooManyViews(field="name", views_max=VIEWS_MAX)


async def rename_view(db: Database, email: str, screen: str, view: int, name: str) -> None:
    """Give a view another name. Raises `ViewNameInvalid`, `ViewNameTaken`, `NotFound`, `Unavailable`."""
    _check_number(view)
    async with db.lend(PLATFORM_SCHEMA) as conn:
        try:
            kept = await conn.fetchval(store.RENAME_VIEW, email, screen, view, _name(name))
        except asyncpg.UniqueViolationError as fault:
            raise ViewNameTaken(field="name", name=name.strip()) from fault
    if kept is None:
        raise NotFound(what="view", key=str(view))


async def delete_view(db: Database, email: str, screen: str, view: int) -> View:
    """Take a view away and return it. Raises `NotFound`, `Unavailable`."""
    _check_number(view)
    async with db.lend(PLATFORM_SCHEMA) as conn:
        gone = await conn.fetchrow(store.DELETE_VIEW, email, screen, view)
    if gone is None:
        raise NotFound(what="view", key=str(view))
    return View(view, gone["name"], gone["query"])


def _check_number(view: int) -> None:
    """Refuse a number that no view can have. Raises `NotFound`."""
    if not 0 < view < 1 << 63:
        raise NotFound(what="view", key=str(view))


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not 0 < len(name) <= NAME_LENGTH_MAX or not name.isprintable():
        raise ViewNameInvalid(field="name", length_max=NAME_LENGTH_MAX)
    return name
