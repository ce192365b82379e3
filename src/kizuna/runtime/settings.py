"""Every setting is read once, from the environment, and checked before anything starts; no secret shows in a repr.

`SETTINGS` is the only list: `Settings.load` reads by it and `docs/settings.md` is printed from it
(`python -m kizuna.runtime.settings > docs/settings.md`). A variable that is set but empty counts as not set, because
container tools pass empty variables. Raises `SettingInvalid`, whose reason never repeats the value of a secret.
"""

import contextlib
import os
import secrets
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import urlsplit

from kizuna.core.errors import SettingInvalid

LOG_LEVELS: Final = ("critical", "error", "warning", "info", "debug")
SECRET_CHARACTERS_MIN: Final = 32


def _text(value: str) -> str:
    return value


def _folder(value: str) -> Path:
    try:
        return Path(value).expanduser().absolute()
    except RuntimeError as error:
        raise ValueError("the home folder of this user is unknown") from error


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read(value: str) -> int:
        try:
            number = int(value)
        except ValueError:
            number = low - 1
        if not low <= number <= high:
            raise ValueError(f"expected a whole number from {low} to {high}")
        return number

    return read


def _database_url(value: str) -> str:
    scheme, separator, rest = value.partition("://")
    if not separator or scheme not in {"postgres", "postgresql"}:
        raise ValueError("expected an address that starts with postgresql://")
    return f"postgresql://{rest}"


def _public_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("expected an address such as https://loyalty.example.com, without query or fragment")
    return value.rstrip("/")


def _secret(value: str) -> str:
    if len(value) < SECRET_CHARACTERS_MIN:
        raise ValueError(f"expected at least {SECRET_CHARACTERS_MIN} characters")
    return value


def _log_level(value: str) -> str:
    level = value.lower()
    if level not in LOG_LEVELS:
        raise ValueError(f"expected one of {', '.join(LOG_LEVELS)}")
    return level


def _switch(value: str) -> bool:
    if value not in {"0", "1"}:
        raise ValueError("expected 1 for yes or 0 for no")
    return value == "1"


@dataclass(frozen=True, slots=True)
class Setting:
    """One row: the variable, the field of `Settings` it fills, how it is read, its default and what it means.

    `default` is text as it would stand in the environment, or None where `unset` says what happens instead.
    """

    name: str
    field: str
    type: str
    read: Callable[[str], object]
    default: str | None
    meaning: str
    unset: str = ""


_PORT = _whole(1, 65_535)

SETTINGS: Final = (
    Setting("KIZUNA_HOME", "home", "folder", _folder, "~/.kizuna", "Where this installation keeps its files."),
    Setting(
        "DATABASE_URL",
        "database_url",
        "address",
        _database_url,
        None,
        "A PostgreSQL server, version 15 or newer, as `postgresql://user:password@host:port/database`.",
        "the embedded server in KIZUNA_HOME",
    ),
    Setting("KIZUNA_HOST", "host", "text", _text, "127.0.0.1", "The network address to listen on."),
    Setting("KIZUNA_PORT", "port", "port", _PORT, "8080", "The port to listen on."),
    Setting(
        "KIZUNA_PROCESSES",
        "processes",
        "number",
        _whole(1, 64),
        "1",
        "How many processes serve at the port; one for each processor is a good number.",
    ),
    Setting(
        "KIZUNA_PUBLIC_URL",
        "public_url",
        "address",
        _public_url,
        None,
        "The address that members and staff use; links in messages start with it.",
        "made from KIZUNA_HOST and KIZUNA_PORT",
    ),
    Setting(
        "KIZUNA_POOL_SIZE",
        "pool_size",
        "number",
        _whole(1, 1_000),
        "10",
        "Database connections per process. The embedded server accepts 100 in all.",
    ),
    Setting(
        "KIZUNA_BODY_LIMIT_BYTES",
        "body_limit_bytes",
        "bytes",
        _whole(1_024, 2**31),
        "5_242_880",
        "The largest request body that is read.",
    ),
    Setting(
        "KIZUNA_EVENT_FUTURE_TOLERANCE_S",
        "event_future_tolerance_s",
        "seconds",
        _whole(0, 86_400),
        "300",
        "How far ahead of our clock the time of an event may be.",
    ),
    Setting(
        "KIZUNA_SECRET",
        "given_secret",
        "secret",
        _secret,
        None,
        f"Signs sessions and links; at least {SECRET_CHARACTERS_MIN} characters. Processes that share a database need "
        "the same one.",
        "made once and kept in the file `secret` in KIZUNA_HOME",
    ),
    Setting(
        "KIZUNA_EMBEDDED_PORT",
        "embedded_port",
        "port",
        _PORT,
        None,
        "The port of the embedded PostgreSQL. A running server keeps its port until it is stopped.",
        "a free port, chosen once",
    ),
    Setting(
        "KIZUNA_DEMO_LIVE",
        "demo_live",
        "switch",
        _switch,
        "1",
        "Whether purchases keep coming while `kizuna demo` runs.",
    ),
    Setting(
        "KIZUNA_LOG_LEVEL", "log_level", "word", _log_level, "info", f"How much is logged: {', '.join(LOG_LEVELS)}."
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Checked settings. The fields that may hold a secret stay out of the repr."""

    home: Path
    database_url: str | None = field(repr=False)
    host: str
    port: int
    processes: int
    public_url: str
    pool_size: int
    body_limit_bytes: int
    event_future_tolerance_s: int
    given_secret: str | None = field(repr=False)
    embedded_port: int | None
    demo_live: bool
    log_level: str

    @classmethod
    def load(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Read every setting, or raise `SettingInvalid` for the first that cannot be used."""
        values: dict[str, Any] = {}
        for setting in SETTINGS:
            text = environ.get(setting.name, "").strip() or setting.default
            try:
                values[setting.field] = None if text is None else setting.read(text)
            except ValueError as error:
                raise SettingInvalid(name=setting.name, reason=str(error)) from None
        values["public_url"] = values["public_url"] or _local_url(values["host"], values["port"])
        return cls(**values)

    @property
    def local_url(self) -> str:
        """The address of the server for this machine."""
        return _local_url(self.host, self.port)

    def secret(self) -> str:
        """Return KIZUNA_SECRET, or the content of the file `secret`, which is made at the first call."""
        if self.given_secret is not None:
            return self.given_secret
        kept = read_or_create_secret(self.home / "secret")
        try:
            return _secret(kept)
        except ValueError as error:
            raise SettingInvalid(name="KIZUNA_SECRET", reason=f"{self.home / 'secret'}: {error}") from None


def read_or_create_secret(path: Path) -> str:
    """Return the secret in `path`, first making it (mode 0600) if there is none; processes that race read the same one.

    The whole file appears at once, by a hard link that only one process can make, and is never replaced.
    """
    with contextlib.suppress(FileNotFoundError):
        return path.read_text(encoding="ascii").strip()
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")  # mode 0600 by contract
    try:
        with open(handle, "w", encoding="ascii") as file:  # noqa: PTH123 - a descriptor, not a path
            file.write(f"{secrets.token_hex(32)}\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        Path(draft).unlink()
    return path.read_text(encoding="ascii").strip()


def _local_url(host: str, port: int) -> str:
    """Return an address that a browser on this machine can open, also where the host means "every address"."""
    name = "localhost" if host in {"0.0.0.0", "::"} else host  # noqa: S104 - compared, not bound
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def document() -> str:
    """Return `docs/settings.md`."""
    rows = [
        f"| `{setting.name}` | {setting.type} | {f'`{setting.default}`' if setting.default else setting.unset} "
        f"| {setting.meaning} |"
        for setting in SETTINGS
    ]
    head = (
        "# Settings",
        "",
        "Every setting is an environment variable. One that is empty counts as not set. A value that cannot be used",
        "stops the start with a message that names it.",
        "",
        "This page is printed by `python -m kizuna.runtime.settings > docs/settings.md`; a test holds it true.",
        "",
        "| Variable | Type | Default | Meaning |",
        "|---|---|---|---|",
    )
    return "\n".join((*head, *rows, ""))


if __name__ == "__main__":
    sys.stdout.write(document())
