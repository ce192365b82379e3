"""What the embedded PostgreSQL is told: written anew at each start, so that a new release can change it.

`kizuna.conf` reads the data folder's own `postgresql.conf` first and then overrides it; `ALTER SYSTEM` overrides both.
Only the role `kizuna`, with its password, over 127.0.0.1, is let in. Nothing here is secret.
"""

from pathlib import Path
from typing import Final

ROLE: Final = "kizuna"
HOST: Final = "127.0.0.1"

# For an application's database on a small machine. Durability is never traded for speed.
_VALUES: Final = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "fsync": "on",
    "synchronous_commit": "on",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "on",
    "log_filename": "postgresql-%a.log",  # a week of days, each overwritten in its turn
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_truncate_on_rotation": "on",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "log_lock_waits": "on",
    "log_min_duration_statement": "1s",
    "log_parameter_max_length": "0",  # personal data travel as parameters and stay out of the log
}

# Taken where the programs were built with lz4.
LZ4: Final = {"wal_compression": "lz4", "default_toast_compression": "lz4"}

HBA: Final = f"host all {ROLE} {HOST}/32 scram-sha-256\n"

# Compares bytes, folds case by Unicode, and is the same on every system. Nobody may log in before `HBA` is in force.
INITDB: Final = (
    "--username=postgres",
    "--auth=reject",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-instructions",
)

# Run once, in single-user mode, before the data folder gets its name. The role is no superuser, as it would not be on a
# managed server either; it may create databases (tests do) and read every setting and statistic.
FIRST_STATEMENTS: Final = (
    "create role {role} login createdb password '{password}'",
    "grant pg_monitor to {role}",
    "create database {role} owner {role}",
)


def configuration(place: Path, *, lz4: bool) -> str:
    """Return the content of `kizuna.conf` for the server in `place`."""
    values = _VALUES | {"hba_file": str(place / "hba.conf"), "log_directory": str(place / "log")}
    if lz4:
        values |= LZ4
    lines = (f"{name} = {_quoted(value)}" for name, value in values.items())
    own = _quoted(str(place / "data" / "postgresql.conf"))
    head = "# Written by Kizuna at each start; use ALTER SYSTEM for values of your own."
    return "\n".join((head, f"include {own}", *lines, ""))


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
