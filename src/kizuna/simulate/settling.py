"""Figures that members share, across shares that were decided apart.

Each share is first decided as if nobody else used the figure up. Then all claims are laid in the order of their events: a claim was
decided rightly if it would have got the same with what had truly been used up before it. Shares with one that was not are decided
again, now told what the others used; by then everything up to the first wrong claim of all is right, so that it comes to an end.
The end is what one event after the other gives, whatever the shares.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kizuna.simulate.schema import CLAIM

Claims = Any
"""A `pa.StructArray` by `CLAIM`."""


def wrong(claims: Sequence[Claims], told: Sequence[Claims | None]) -> list[int]:
    """Return which shares were decided wrongly. `claims` are each share's, `told` what each was told of the others before."""
    every, share = _joined(claims)
    if not len(every):
        return []
    figure = _figures(every)
    at, most, wanted, given, exact = _columns(every)
    order = np.lexsort((at, figure))
    truly = np.empty(len(order), np.int64)
    truly[order] = _before(figure[order], given[order])
    mine = np.lexsort((at, share, figure))
    shown = np.empty(len(order), np.int64)
    shown[mine] = _before(figure[mine] * len(claims) + share[mine], given[mine])
    shown += _told(every, share, at, told)
    bad = np.minimum(wanted, np.maximum(0, most - shown)) != np.minimum(wanted, np.maximum(0, most - truly))
    bad |= exact & (shown != truly)
    return [int(one) for one in np.unique(share[bad])]


def others(claims: Sequence[Claims], share: int) -> Claims:
    """Return the claims of all shares but one that used something up."""
    rest = pa.concat_arrays(
        [one for number, one in enumerate(claims) if number != share] or [claims[share].slice(0, 0)]
    )
    return rest.filter(pc.greater(rest.field("given"), 0))


def _joined(claims: Sequence[Claims]) -> tuple[Claims, np.ndarray]:
    share = np.repeat(np.arange(len(claims)), [len(one) for one in claims])
    return pa.concat_arrays(list(claims)), share


def _columns(claims: Claims) -> tuple[np.ndarray, ...]:
    names = ("at", "most", "wanted", "given")
    return (*(claims.field(name).to_numpy() for name in names), claims.field("exact").to_numpy(zero_copy_only=False))


def _figures(claims: Claims) -> np.ndarray:
    """Return a number for the figure of each claim."""
    store = claims.field("store").dictionary_encode().indices.to_numpy()
    rows = np.stack(
        [claims.field("slot").to_numpy().astype(np.int64), store.astype(np.int64), claims.field("stretch").to_numpy()]
    )
    _, number = np.unique(rows, axis=1, return_inverse=True)
    return number.ravel().astype(np.int64)


def _before(group: np.ndarray, given: np.ndarray) -> np.ndarray:
    """Return what was given before each, within its group; groups are contiguous and in order."""
    running = np.cumsum(given) - given
    first = np.searchsorted(group, group)
    return np.asarray(running - running[first])


def _told(every: Claims, share: np.ndarray, at: np.ndarray, told: Sequence[Claims | None]) -> np.ndarray:
    """Return what each claim's share was told that others had used up before it."""
    found = np.zeros(len(at), np.int64)
    for number, others_of in enumerate(told):
        on = np.flatnonzero(share == number)
        if others_of is None or not len(others_of) or not len(on):
            continue
        both = pa.concat_arrays([others_of, every.take(pa.array(on))])
        figure, place = _figures(both), both.field("at").to_numpy()
        given = both.field("given").to_numpy().copy()
        given[len(others_of) :] = 0
        order = np.lexsort((place, figure))
        before = np.empty(len(order), np.int64)
        before[order] = _before(figure[order], given[order])
        found[on] = before[len(others_of) :]
    return found


NONE: Claims = pa.StructArray.from_arrays([pa.array([], field.type) for field in CLAIM], fields=list(CLAIM))
