"""Audiences: conditions on members as SQL, so that a segment is counted and listed without loading anybody."""

from kizuna.segments.model import SegmentInvalid
from kizuna.segments.service import count, members, members_where

__all__ = ["SegmentInvalid", "count", "members", "members_where"]
