"""What is asked of families and groups, and what is answered."""

from datetime import datetime
from typing import Annotated

import msgspec

from kizuna.intake import PoolKind
from kizuna.web.api.operation_structs import Asked

NAME_MAX = 60


class PoolAsked(Asked, omit_defaults=True, kw_only=True, forbid_unknown_fields=True):
    """A pool to form. `head` is an id or any identity of the member who leads it.

    In a `household` everybody spends from the pool, in an `organisation` only the head and whom the head allows.
    """

    head: str
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=NAME_MAX, pattern=r"\S")]
    kind: PoolKind = PoolKind.HOUSEHOLD


class InvitationAsked(Asked, omit_defaults=True, kw_only=True, forbid_unknown_fields=True):
    """An invitation to make, by the `head` of the pool."""

    head: str


class JoinAsked(Asked, omit_defaults=True, kw_only=True, forbid_unknown_fields=True):
    """A `member` who joins by the `code` of an invitation, and has said yes to sharing points."""

    member: str
    code: str


class MaySpendAsked(Asked, omit_defaults=True, kw_only=True, forbid_unknown_fields=True):
    """Whether a member may spend from the pool, as its `head` decides."""

    head: str
    may_spend: bool


class SharerAnswer(msgspec.Struct):
    """Somebody in a pool."""

    member: str
    is_head: bool
    may_spend: bool


class PoolAnswer(msgspec.Struct):
    """A pool as it is now, longest-standing member first; `balance` is what can be spent together. Without members it has ended."""

    id: str
    name: str
    kind: str
    balance: int
    members: list[SharerAnswer]


class InvitationAnswer(msgspec.Struct):
    """An invitation: whoever has the code, or opens the link on My Page, may join once until `expires_at`."""

    pool: str
    code: str
    link: str
    expires_at: datetime
