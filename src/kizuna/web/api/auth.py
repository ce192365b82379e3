"""API keys on requests: looked up once, then believed for a few seconds, so that a revoked key ends soon."""

import time
from collections import OrderedDict

from kizuna.runtime.access import Grant, KeyMissing, Scope, find_grant
from kizuna.runtime.db import Database

BELIEVED_S = 5.0
KEPT_MAX = 10_000


class Gate:
    """Keys seen lately. Only good keys are remembered."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._grants: OrderedDict[str, tuple[float, Grant]] = OrderedDict()

    async def admit(self, authorization: str | None, scope: Scope) -> Grant:
        """Return what the bearer may do. Raises `KeyMissing`, `ScopeMissing`, `Unavailable`."""
        scheme, _, secret = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not secret:
            raise KeyMissing
        known = self._grants.get(secret)
        if known is None or known[0] < time.monotonic():
            grant = await find_grant(self._db, secret)
            if grant is None:
                self._grants.pop(secret, None)
                raise KeyMissing
            self._grants[secret] = known = (time.monotonic() + BELIEVED_S, grant)
            while len(self._grants) > KEPT_MAX:
                self._grants.popitem(last=False)
        known[1].require(scope)
        return known[1]
