"""The reference evaluator, written from the page “What a program means”."""

from engine.reference.words import (
    ACTION,
    CHANGE,
    NOTHING,
    ORDER,
    REDEMPTION,
    Basket,
    Decided,
    Happening,
    Line,
    Movement,
)
from engine.reference.world import World

__all__ = [
    "ACTION",
    "CHANGE",
    "NOTHING",
    "ORDER",
    "REDEMPTION",
    "Basket",
    "Decided",
    "Happening",
    "Line",
    "Movement",
    "World",
]
