"""Wires everything: the one place where rooms meet processes."""

import asyncio
import contextlib
import logging
import signal
import socket
import sys
from collections.abc import AsyncIterator, Coroutine
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.server.embed import Server as HttpServer

from kizuna import corrections, simulate
from kizuna.connect import csv
from kizuna.core.errors import Problem, SettingInvalid
from kizuna.insight import DAY_TURN, FOLLOWER
from kizuna.intake import HOLDS_TIMED_OUT, OCCASIONS_TOLD, POINTS_GIVEN_BACK, REFERRALS
from kizuna.ledger import BOOKKEEPER, SEALER, SWEEP, VERIFIER
from kizuna.members import NOTES_FORGOTTEN
from kizuna.runtime.collector import calm_collector
from kizuna.runtime.jobs import Handler
from kizuna.runtime.postgres_supervisor import Supervisor
from kizuna.runtime.server import Server, prepare
from kizuna.runtime.settings import Settings
from kizuna.runtime.worker import work, work_jobs
from kizuna.web import words
from kizuna.web.services import Services
from kizuna.web.site import site

FOLLOWERS = (SEALER, REFERRALS, POINTS_GIVEN_BACK, BOOKKEEPER, FOLLOWER)
CHORES = (
    HOLDS_TIMED_OUT,
    OCCASIONS_TOLD,
    SWEEP,
    DAY_TURN,
    NOTES_FORGOTTEN,
    corrections.CORRECTIONS_CARRIED,
)
HANDLERS = (VERIFIER,)
SIBLING_PAUSE_S = 1.0
_log = logging.getLogger(__name__)


def handlers(settings: Settings) -> tuple[Handler, ...]:
    """Return what does each kind of long work."""
    return (
        *HANDLERS,
        csv.handler(words.reason, settings.event_future_tolerance_s),
        corrections.handler(_said, words.translate),
        *simulate.handlers(csv.study_history),
    )


def _said(problem: Problem, lang: str) -> tuple[str, str]:
    text = words.problem_text(problem, lang)
    return text.title, text.remedy


def require_free_port(settings: Settings) -> None:
    """Raise `SettingInvalid` when somebody listens there already: the kernel would share the port out between both."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as fault:
            reason = f"{settings.host}:{settings.port} is not free ({fault.strerror})"
            name = "KIZUNA_HOST" if isinstance(fault, socket.gaierror) else "KIZUNA_PORT"
            raise SettingInvalid(name=name, reason=reason) from fault


async def serve(settings: Settings, server: Server, *, is_sibling: bool = False) -> None:
    """Serve the API and the faces until a signal ends the process. Raises `SettingInvalid` when the port is taken.

    With KIZUNA_PROCESSES above 1 the process starts as many siblings as are missing: they listen at the same port, the kernel
    shares connections out, and two writers meet in the database as any two do. A sibling that dies is started again.
    """
    if not is_sibling:
        require_free_port(settings)
    db = await prepare(settings, server)
    services = Services(settings, db)

    @contextlib.asynccontextmanager
    async def lifespan(_app: object) -> AsyncIterator[None]:
        yield
        await services.close()

    http = HttpServer(
        site(services, lifespan),
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        http=HTTPModes.auto,
        websockets=False,
        backlog=1024,
        log_enabled=False,
    )

    def stop() -> None:
        services.stopping.set()
        http.stop()  # type: ignore[no-untyped-call]  # granian says no types here

    _log.info("serving at %s", settings.public_url)
    siblings = 0 if is_sibling else settings.processes - 1
    with calm_collector():
        async with _beside(_supervise(server)), _siblings(siblings, services.stopping):
            await _until_signal(http.serve(), stop)


@contextlib.asynccontextmanager
async def _siblings(count: int, stopping: asyncio.Event) -> AsyncIterator[None]:
    """Keep `count` further processes serving at the same port; end them when this one ends."""
    tasks = [asyncio.create_task(_keep_sibling(stopping)) for _ in range(count)]
    try:
        yield
    finally:
        stopping.set()
        await asyncio.gather(*tasks)


async def _keep_sibling(stopping: asyncio.Event) -> None:
    until_stopping = asyncio.create_task(stopping.wait())
    while not stopping.is_set():
        process = await asyncio.create_subprocess_exec(sys.executable, "-m", "kizuna", "serve", "--sibling")
        ended = asyncio.create_task(process.wait())
        await asyncio.wait({ended, until_stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not ended.done():
            process.terminate()
            await ended
        elif not stopping.is_set():
            _log.warning("a serving process ended with %s; it is started again", process.returncode)
            await asyncio.wait({until_stopping}, timeout=SIBLING_PAUSE_S)


async def run_worker(settings: Settings, server: Server) -> None:
    """Follow the outbox and do the jobs until a signal ends the process."""
    db = await prepare(settings, server)
    stop = asyncio.Event()
    async with _beside(_supervise(server)), _until_stopped(work_jobs(db, handlers(settings), stop), stop):
        await _until_signal(work(db, FOLLOWERS, stop, CHORES), stop.set)
    await db.close()


async def _supervise(server: Server) -> None:
    if server.embedded is not None:
        await Supervisor(server.embedded).run(asyncio.Event())


@contextlib.asynccontextmanager
async def _beside(work_beside: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(work_beside)
    try:
        yield
    finally:
        task.cancel()


@contextlib.asynccontextmanager
async def _until_stopped(work_beside: Coroutine[Any, Any, None], stop: asyncio.Event) -> AsyncIterator[None]:
    """Run work that ends by itself when `stop` is set, and wait for that end."""
    task = asyncio.create_task(work_beside)
    try:
        yield
    finally:
        stop.set()
        await task


async def _until_signal(main: Coroutine[Any, Any, None], stop: Any) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    await main
