"""Orders by time and then by order id. Pure, vectorised: ids are compared only where times are the same."""

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from kizuna.connect.csv.vocabulary import Vocabulary

Ints = NDArray[np.int64]
_UNITS_US = (1_000_000, 1_000, 1)
_NUMBER_MAX = 10**18


def in_time(at_us: Ints, ids: Vocabulary, codes: Ints) -> NDArray[np.intp]:
    """Return the places of orders, sorted by time and then by the text of the order id (`codes` in `ids`)."""
    order = _by_time(at_us)
    sorted_at = at_us[order]
    again = sorted_at[1:] == sorted_at[:-1]
    if not again.any():
        return order
    tied = np.flatnonzero(np.append(again, False) | np.insert(again, 0, False))
    rows = order[tied]
    keys = _keys(ids, codes[rows])
    if (np.diff(sorted_at[tied]).astype(np.bool_) | (keys[1:] > keys[:-1])).all():
        return order
    order[tied] = rows[np.lexsort((keys, sorted_at[tied]))]
    return order


def _by_time(at_us: Ints) -> NDArray[np.intp]:
    """Return what sorts times; those that are the same stay in their order. Time and place are one number where that fits."""
    count = len(at_us)
    if (at_us[1:] >= at_us[:-1]).all():
        return np.arange(count)
    low, high = int(at_us.min()), int(at_us.max())
    unit = next(unit for unit in _UNITS_US if unit == 1 or not (at_us % unit).any())
    if ((high - low) // unit + 1) * count >= 2**63:
        return np.argsort(at_us, kind="stable")
    key = (at_us - low) // unit * count + np.arange(count)
    key.sort()
    return np.asarray(key % count)


def _keys(ids: Vocabulary, codes: Ints) -> NDArray[np.int64] | NDArray[np.uint64]:
    """Return numbers that sort as the texts do."""
    numbers = ids.numbers
    if numbers is not None:
        spelled = numbers[codes]
        low, high = int(spelled.min()), int(spelled.max())
        if low >= 0 and high < _NUMBER_MAX:
            return spelled if len(str(low)) == len(str(high)) else _as_text(spelled)
    texts = ids.texts.take(codes)
    ranks = np.empty(len(codes), np.int64)
    ranks[pc.sort_indices(texts).to_numpy()] = np.arange(len(codes))
    return ranks


def _as_text(numbers: Ints) -> NDArray[np.uint64]:
    """Return what sorts whole numbers (0 to 10^18 − 1) as their decimal digits: 10 before 9, and 1 before 10."""
    powers = 10 ** np.arange(1, 18, dtype=np.int64)
    more = np.searchsorted(powers, numbers, side="right")
    padded = numbers.astype(np.uint64) * (np.uint64(10) ** (np.uint64(17) - more.astype(np.uint64)))
    return np.asarray(padded * np.uint64(18) + more.astype(np.uint64))
