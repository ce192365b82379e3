"""Whether the program has news, asked along with something else."""

from kizuna.runtime.db import Fragment

NEWEST_VERSION = "SELECT coalesce(max(version), 0) AS number FROM program_version"
"""The newest version's number, 0 before the first."""


def newest() -> Fragment:
    """Return the fragment whose rows `PlanBook.keep_up` takes."""
    return Fragment("newest", NEWEST_VERSION, [])
