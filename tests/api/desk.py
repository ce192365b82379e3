"""A desk to test at: a shop with an owner, one member with a name, one order with a number; and hands that reach the database."""

import html
import re
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import httpx

from api.served import PASSWORD, TLS, Shop, Site, order, run_on, somebody
from kizuna.app import HANDLERS
from kizuna.members import Profile, update_profiles
from kizuna.runtime.jobs import work_once

SIGN_IN = "/console/sign-in"
JOBS = "/console/jobs"


def tab_of(site: Site, **headers: str) -> httpx.Client:
    named = {name.replace("_", "-"): value for name, value in ({"accept_language": "ja"} | headers).items()}
    return httpx.Client(verify=TLS, base_url=site.url, timeout=20, headers=named)


def csrf_of(page: str) -> str:
    return html.unescape(re.search(r'name="csrf" value="([^"]+)"', page)[1])


def sign_in(tab: httpx.Client, email: str, at: str = SIGN_IN, **more: str) -> httpx.Response:
    token = csrf_of(tab.get(SIGN_IN).text)
    return tab.post(at, data={"csrf": token, "email": email, "password": PASSWORD} | more)


def furnished(site: Site) -> tuple[Shop, str]:
    """A shop with an owner, one member of a name, and one order of a number."""
    shop, email = site.open_shop(), f"{uuid4().hex[:8]}@example.com"
    shop.owner(email)
    told = order(4_980, somebody(), id="order/A-1001", source="csv:shop")
    member = shop.post(told).json()["member"]
    raw = bytes.fromhex(member.replace("-", ""))

    async def name(db) -> None:
        async with db.transaction(shop.brand.schema) as conn:
            await update_profiles(conn, [(raw, Profile("絆 花子 <b>", "キズナ ハナコ"))])

    run_on(shop.server, name)
    return shop, email


def end_sessions(shop: Shop, email: str) -> None:
    ended = "DELETE FROM console_session WHERE user_id = (SELECT user_id FROM console_user WHERE email = $1)"
    with ThreadPoolExecutor(1) as thread:
        thread.submit(shop.platform_sql, ended, email).result()


def new_shop(site: Site) -> tuple[Shop, str]:
    """Open a shop with an owner, also where a browser's loop runs."""

    def make() -> tuple[Shop, str]:
        shop, email = site.open_shop(), f"{uuid4().hex[:8]}@example.com"
        shop.owner(email)
        return shop, email

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(make).result()


def run_jobs(shop: Shop) -> None:
    """Do what waits, as a worker would; in a thread of its own, for a browser's loop may run in this one."""

    async def story(db) -> None:
        while await work_once(db, shop.brand, {one.kind: one for one in HANDLERS}):
            pass

    with ThreadPoolExecutor(1) as thread:
        thread.submit(run_on, shop.server, story).result()
