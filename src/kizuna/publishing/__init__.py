"""Versions of the program: published once, never changed, compiled and kept at hand; and the draft of the next."""

from kizuna.publishing.drafts import (
    Draft,
    DraftChanged,
    DraftMoved,
    NoDraft,
    NothingToPublish,
    discard_draft,
    publish_draft,
    read_draft,
    save_draft,
)
from kizuna.publishing.glance_store import newest
from kizuna.publishing.plans import NothingPublished, PlanBook
from kizuna.publishing.service import BackDated, PublishedMeanwhile, TooFarAhead, Version, publish, versions

__all__ = [
    "BackDated",
    "Draft",
    "DraftChanged",
    "DraftMoved",
    "NoDraft",
    "NothingPublished",
    "NothingToPublish",
    "PlanBook",
    "PublishedMeanwhile",
    "TooFarAhead",
    "Version",
    "discard_draft",
    "newest",
    "publish",
    "publish_draft",
    "read_draft",
    "save_draft",
    "versions",
]
