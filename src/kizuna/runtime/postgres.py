"""The embedded PostgreSQL lives when it answers a query, and only then; every process of a home shares the one server.

One file lock surrounds the making of the data, starts and stops. The server is detached: it outlives the process that
started it, and one that was killed is started again with its data. PostgreSQL itself refuses a second server on the
same data (for a second or two also after a kill, while orphans leave), so a refused start is tried again, and
`postmaster.pid`, which that protection rests on, is never deleted; it only hints at which port to ask.

The methods are synchronous; a coroutine calls them through `asyncio.to_thread`.

Folder of a server (`home/postgres`, or elsewhere: see `postgres_user`): `data/`, `log/`, `kizuna.conf`, `hba.conf`, and
the files `lock`, `password` (mode 0600) and `port`.
"""

import contextlib
import fcntl
import logging
import os
import random
import shlex
import shutil
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from kizuna.runtime.postgres_conf import FIRST_STATEMENTS, HBA, HOST, INITDB, LZ4, ROLE, configuration
from kizuna.runtime.postgres_errors import (
    DatabaseNeverStarted,
    DatabasePortTaken,
    DatabaseStartFailed,
    DatabaseStopFailed,
    DatabaseTooOld,
)
from kizuna.runtime.postgres_query import Answer, ask
from kizuna.runtime.postgres_user import Account, located, programs, settle, write_whole
from kizuna.runtime.settings import Settings, read_or_create_secret

VERSION_MIN: Final = 15
_REFUSED_S: Final = 30.0  # how long a refused start is tried again
_RECOVERY_S: Final = 600.0  # how long a server may replay its log after a crash
_STOP_S: Final = 30.0
_PORTS: Final = range(20_000, 32_768)  # below those that systems hand out to outgoing connections

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """What a query just found. All but `data_dir` are known only of a server that runs; of one that hangs, the first."""

    state: Literal["running", "stopped", "unresponsive", "absent"]
    data_dir: Path
    pid: int | None = None
    port: int | None = None
    version: str | None = None


class EmbeddedPostgres:
    """The server of one home folder. `port` asks for that port at the next start; otherwise a free one is kept."""

    def __init__(self, home: Path, port: int | None = None) -> None:
        self.home = home.expanduser().resolve()
        self._port_asked = port

    @property
    def data(self) -> Path:
        """The data folder, whether or not it exists yet."""
        return located(self.home) / "data"

    def ensure_running(self) -> str:
        """Return the address of a server that has just answered, made, started or restarted first if need be.

        Raises `DatabaseStartFailed` and `DatabasePortTaken`.
        """
        try:
            if not self._answers():
                settle(self.home)
                with self._locked() as lock:
                    self._make_data(lock)
                    self._start()
            return self.url()
        except OSError as error:
            raise DatabaseStartFailed(folder=self.home, log=str(error)) from error

    def stop(self) -> None:
        """Stop the server if it runs: politely, or else at once, which the next start recovers from.

        Raises `DatabaseStopFailed`.
        """
        if not self.data.exists():
            return
        with self._locked():
            for mode in ("fast", "immediate"):
                if not self._ask_known().keys() & {Answer.OURS, Answer.NOT_YET}:
                    break
                log.info("Stopping the embedded database in %s (%s).", self.data, mode)
                self._pg_ctl("stop", "-m", mode, "-t", f"{_STOP_S:.0f}")
            if self._ask_known().keys() - {Answer.NOBODY, Answer.STRANGER}:
                raise DatabaseStopFailed(folder=self.data, pid=self._noted()[0])

    def status(self) -> ServerStatus:
        """Ask the server how it is. Changes nothing."""
        if not self.data.exists():
            return ServerStatus("absent", self.data)
        answers = self._ask_known()
        pid, _ = self._noted()
        if Answer.OURS in answers:
            port, version = answers[Answer.OURS]
            return ServerStatus("running", self.data, pid, port, version)
        for hanging in answers.keys() & {Answer.NOT_YET, Answer.SILENT}:
            return ServerStatus("unresponsive", self.data, pid, answers[hanging][0])
        return ServerStatus("stopped", self.data)

    def url(self) -> str:
        """Return the address of the server as last started, without asking it. Raises `DatabaseNeverStarted`."""
        port = self._kept_port()
        if port is None:
            raise DatabaseNeverStarted(folder=self.data)
        return self._url(port)

    def _answers(self) -> bool:
        """Tell, without the lock, whether the server is where it was last started."""
        port = self._kept_port()
        return port is not None and self.data.exists() and ask(self._url(port), self.data)[0] is Answer.OURS

    def _make_data(self, lock: int) -> None:
        """Make the data folder whole or not at all: it gets its name when everything in it is done.

        The children hold the lock too, so that nobody sweeps up behind an orphan that is still writing.
        """
        data, draft = self.data, self.data.with_name("data.unfinished")
        if data.exists():
            return
        log.info("Making the embedded database in %s.", data)
        password = read_or_create_secret(data.with_name("password"))
        data.with_name("port").unlink(missing_ok=True)  # it belonged to data that are gone
        if draft.exists():
            shutil.rmtree(draft)
        account = Account.of(data)
        account.make_folder(draft)
        tools = programs(account)
        statements = "\n".join(FIRST_STATEMENTS).format(role=ROLE, password=password)
        steps: tuple[tuple[tuple[str | Path, ...], str], ...] = (
            ((tools / "initdb", *INITDB, "-D", draft), ""),
            ((tools / "postgres", "--single", "-D", draft, "-c", "exit_on_error=on", "postgres"), f"{statements}\n"),
        )
        for command, text in steps:
            done = account.run(*command, text=text, pass_fds=(lock,))
            if done.returncode != 0:
                raise DatabaseStartFailed(folder=data, log=done.stdout.replace(password, "…"))
        draft.rename(data)
        _sync_folder(data.parent)

    def _start(self) -> None:
        """Start the server, or wait for one that is starting already, until it answers; the caller holds the lock."""
        began, pause_s = time.monotonic(), 0.1
        while True:
            answers = self._ask_known()
            if Answer.NOT_YET not in answers and Answer.OURS not in answers:
                self._launch(self._choose_port())
                answers = self._ask_known()
            if Answer.OURS in answers:
                write_whole(self.data.with_name("port"), f"{answers[Answer.OURS][0]}\n")
                return
            waited_s = time.monotonic() - began
            if waited_s > (_RECOVERY_S if Answer.NOT_YET in answers else _REFUSED_S):
                raise DatabaseStartFailed(folder=self.data, log=self._last_lines())
            log.info("The embedded database does not answer yet; trying again in %.1f s.", pause_s)
            time.sleep(pause_s)
            pause_s = min(2 * pause_s, 1.0)

    def _launch(self, port: int) -> None:
        """Start a detached server on `port` and wait until it is ready or has given up."""
        place, account = self.data.parent, Account.of(self.data)
        account.make_folder(place / "log")
        (place / "log" / "start.log").unlink(missing_ok=True)
        wish = (f"--{name}={value}" for name, value in LZ4.items())
        tried = account.run(programs(account) / "postgres", "-D", self.data, *wish, "-C", "wal_compression")
        lz4 = tried.returncode == 0
        write_whole(place / "kizuna.conf", configuration(place, lz4=lz4))
        write_whole(place / "hba.conf", HBA)
        options = f"-p {port} -c config_file={shlex.quote(str(place / 'kizuna.conf'))}"
        log.info("Starting the embedded database in %s on port %d.", self.data, port)
        self._pg_ctl("start", "-t", f"{_RECOVERY_S:.0f}", "-l", place / "log" / "start.log", "-o", options)

    def _pg_ctl(self, action: str, *options: str | Path) -> None:
        """Run `pg_ctl` and ignore its verdict: a query gives that."""
        account = Account.of(self.data)
        pid, _ = self._noted()
        if pid is not None:
            with contextlib.suppress(ChildProcessError):  # as process 1 of a container we inherit the killed server
                os.waitpid(pid, os.WNOHANG)
        account.run(programs(account) / "pg_ctl", action, "-w", "-D", self.data, *options)

    def _choose_port(self) -> int:
        if self._port_asked is not None:
            if not _is_free(self._port_asked):
                raise DatabasePortTaken(port=self._port_asked)
            return self._port_asked
        kept = self._kept_port()
        if kept is not None and _is_free(kept):
            return kept
        return next(port for port in random.sample(_PORTS, len(_PORTS)) if _is_free(port))

    def _ask_known(self) -> dict[Answer, tuple[int, str | None]]:
        """Ask where the server may be, until it answers: at the port that `postmaster.pid` hints at, and the last one.

        They differ when a starter died in between, or when the last port has been taken.
        """
        answers: dict[Answer, tuple[int, str | None]] = {}
        for port in dict.fromkeys((self._noted()[1], self._kept_port())):
            if port is not None and Answer.OURS not in answers:
                answer, version = ask(self._url(port), self.data)
                answers[answer] = (port, version)
        return answers

    def _url(self, port: int) -> str:
        password = self.data.with_name("password").read_text(encoding="ascii").strip()
        return f"postgresql://{ROLE}:{password}@{HOST}:{port}/{ROLE}"

    def _kept_port(self) -> int | None:
        try:
            return int(self.data.with_name("port").read_text(encoding="ascii"))
        except FileNotFoundError:
            return None

    def _noted(self) -> tuple[int | None, int | None]:
        """Return process and port as `postmaster.pid` has them: hints, which may be stale or half written."""
        try:
            lines = (self.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
            return int(lines[0]), int(lines[3])
        except (FileNotFoundError, IndexError, ValueError):
            return None, None

    @contextlib.contextmanager
    def _locked(self) -> Iterator[int]:
        """Hold the lock that all processes and threads of this home share; the system frees it when its holder dies."""
        lock = os.open(self.data.with_name("lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield lock
        finally:
            os.close(lock)

    def _last_lines(self, count: int = 8) -> str:
        """Return the end of the newest log: of the start itself, or of the days' logs once those are open."""
        logs = sorted(self.data.with_name("log").iterdir(), key=lambda path: path.stat().st_mtime)
        lines = [line for path in logs[-2:] for line in path.read_text(encoding="utf-8", errors="replace").splitlines()]
        return "\n".join(lines[-count:])


def database_url(settings: Settings) -> str:
    """Return DATABASE_URL, or else the address of the embedded server, started if need be."""
    return settings.database_url or EmbeddedPostgres(settings.home, settings.embedded_port).ensure_running()


async def require_version(connection: Any) -> None:
    """Raise `DatabaseTooOld` unless the server behind an asyncpg connection or pool is one that we support."""
    number = int(await connection.fetchval("show server_version_num"))
    if number // 10_000 < VERSION_MIN:
        raise DatabaseTooOld(version=f"{number // 10_000}.{number % 10_000}", minimum=VERSION_MIN)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as PostgreSQL itself does
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def _sync_folder(folder: Path) -> None:
    """Make a rename in `folder` durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
