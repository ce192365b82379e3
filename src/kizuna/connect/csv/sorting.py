"""Orders by time and then by order id. Pure, vectorised: ids are compared only where times are the same."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from kizuna.connect.csv.vocabulary import Vocabulary

Ints = NDArray[np.signedinteger[Any]]
_UNITS_US = (1_000_000, 1_000, 1)
_NUMBER_MAX = 10**18
_SPREAD = 4
_AT_ONCE = 1 << 20
"""Passes that need further memory go over so many times at once."""


def in_time(at_us: Ints, ids: Vocabulary, codes: Ints) -> tuple[Ints, Ints]:
    """Return the places of orders, sorted by time and then by the text of the order id (`codes` in `ids`), and the times sorted."""
    count = len(at_us)
    is_sorted = bool((at_us[1:] >= at_us[:-1]).all())
    spelled = _numbers(ids, codes)
    if spelled is not None and (spelled[1:] > spelled[:-1]).all():
        spelled = None
        if is_sorted:
            return np.arange(count), at_us
        packed = _packed(at_us, None)
        if packed is not None:
            return packed
    elif spelled is not None:
        packed = _packed(at_us, spelled)
        if packed is not None:
            return packed
    order = np.arange(count) if is_sorted else np.argsort(at_us, kind="stable")
    return _by_text(order, at_us if is_sorted else at_us[order], ids, codes)


def _by_text(order: Ints, at_us: Ints, ids: Vocabulary, codes: Ints) -> tuple[Ints, Ints]:
    """Sort those of one time by the text of their ids."""
    again = at_us[1:] == at_us[:-1]
    if again.any():
        tied = np.flatnonzero(np.append(again, False) | np.insert(again, 0, False))
        rows = order[tied]
        order[tied] = rows[np.lexsort((_keys(ids, codes[rows]), at_us[tied]))]
    return order, at_us


def _numbers(ids: Vocabulary, codes: Ints) -> NDArray[np.int64] | None:
    """Return order ids as numbers that sort as their texts do; None where they are not whole numbers of one length."""
    numbers = ids.numbers
    if numbers is None or not len(codes):
        return None
    is_all = len(codes) == len(numbers) and codes[0] == 0 and bool((codes[1:] > codes[:-1]).all())
    spelled = numbers if is_all else numbers[codes]
    low, high = int(spelled.min()), int(spelled.max())
    return spelled if low >= 0 and len(str(low)) == len(str(high)) else None


def _packed(at_us: Ints, ids: NDArray[np.int64] | None) -> tuple[Ints, Ints] | None:
    """Sort times together with ids, or with places, as one number each; return what sorts them, and the times sorted.

    None where that does not fit.
    """
    count = len(at_us)
    first, size = (0, count) if ids is None else (int(ids.min()), int(ids.max()) - int(ids.min()) + 1)
    low, high = int(at_us.min()), int(at_us.max())
    unit, bits = _unit(at_us, low), size.bit_length()
    if size > _SPREAD * count or ((high - low) // unit + 1) << bits >= 2**63:
        return None
    key = at_us - low
    for start in range(0, count, _AT_ONCE):
        part = key[start : start + _AT_ONCE]
        part //= unit
        part <<= bits
        part |= np.arange(start, start + len(part)) if ids is None else ids[start : start + _AT_ONCE] - first
    _sort(key)
    order: Ints = key & ((1 << bits) - 1)
    if ids is not None:
        place_of = np.empty(size, np.int32)
        place_of[ids - first] = np.arange(count, dtype=np.int32)
        order = place_of[order]
    key >>= bits
    key *= unit
    key += low
    return order, key


def _sort(key: Ints) -> None:
    """Sort in place: two halves side by side, which a stable sort then only merges."""
    half = len(key) // 2
    if len(key) > _AT_ONCE:
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(np.ndarray.sort, (key[:half], key[half:])))
        key.sort(kind="stable")
    else:
        key.sort()


def _unit(at_us: Ints, low: int) -> int:
    """Return the coarsest unit in which all times are whole, counted from the first."""
    for unit in _UNITS_US:
        parts = (at_us[start : start + _AT_ONCE] for start in range(0, len(at_us), _AT_ONCE))
        if not any(((part - low) % unit).any() for part in parts):
            return unit
    return 1


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


def _as_text(numbers: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return what sorts whole numbers (0 to 10^18 − 1) as their decimal digits: 10 before 9, and 1 before 10."""
    powers = 10 ** np.arange(1, 18, dtype=np.int64)
    more = np.searchsorted(powers, numbers, side="right")
    padded = numbers.astype(np.uint64) * (np.uint64(10) ** (np.uint64(17) - more.astype(np.uint64)))
    return np.asarray(padded * np.uint64(18) + more.astype(np.uint64))
