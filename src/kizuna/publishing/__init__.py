"""Versions of the program: published once, never changed, compiled and kept at hand."""

from kizuna.publishing.plans import NothingPublished, PlanBook
from kizuna.publishing.service import BackDated, PublishedMeanwhile, TooFarAhead, publish

__all__ = ["BackDated", "NothingPublished", "PlanBook", "PublishedMeanwhile", "TooFarAhead", "publish"]
