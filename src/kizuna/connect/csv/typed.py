"""Typed columns read in bulk: what needs no care becomes integers without a step of Python's for each value. Pure.

Always true: a value that is read here is read as the careful reader of its column would read it; what is not clean is left to that one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from kizuna.connect.csv.cells import TEXT_LENGTH_MAX, Reader
from kizuna.connect.csv.vocabulary import Vocabulary

Ints = NDArray[np.signedinteger[Any]]
Flags = NDArray[np.bool_]
Bulk = Callable[[Any], "tuple[Ints, Flags | None] | None"]
"""Reads a column: integers, and which of them are read (None: all); None where it is of a type that has to be read with care."""
Form = Callable[[Any], "tuple[Flags, Any]"]
"""Tells of different values which are clean, and what texts (or whole numbers) they are."""

_DAY_US = 86_400_000_000
_LAST_DAY = 2_932_000
"""A day in 9997: those behind it, and those before 1970, are read with care."""
_DAYS_SEEN = 8_000
_EXACT = 2.0**53
_AT_ONCE = 1 << 20
_LOOKED_AT = 10_000
"""Of so many of the first numbers all have to differ before all numbers are looked at for it."""
_SPREAD = 4
"""Whole numbers that lie this many times as wide as there are rows are told apart by a table of flags."""


@dataclass(frozen=True, slots=True)
class Names:
    """How a column of names is read: its texts, how one is read with care, and which are clean.

    With `is_one_form` two different clean values are two texts.
    """

    vocabulary: Vocabulary
    reader: Callable[[Vocabulary], Reader]
    form: Form
    is_one_form: bool = True


class Distinct(NamedTuple):
    """A column as places among its different values; a missing value has the place behind the last."""

    places: Ints
    values: Any
    has_missing: bool


def distinct(column: Any) -> Distinct:
    """Return a column's different values. Whole numbers that stand once each stay in the order of their rows."""
    if pa.types.is_dictionary(column.type):
        return _of_dictionary(column)
    if pa.types.is_integer(column.type) and not column.null_count and not pa.types.is_uint64(column.type):
        apart = _apart(_flat(column.cast(pa.int64())))
        if apart is not None:
            return Distinct(apart[0], pa.array(apart[1]), has_missing=False)
    one = _one(column)
    encoded = one.dictionary_encode()
    places = _filled(encoded.indices, len(encoded.dictionary))
    return Distinct(places, encoded.dictionary, bool(one.null_count))


def _of_dictionary(column: Any) -> Distinct:
    """Return the different values of a column that Arrow keeps as such; what no row has, and missing values in it, are left out."""
    chunks = column.unify_dictionaries().chunks if isinstance(column, pa.ChunkedArray) else [column]
    if not chunks:
        return Distinct(np.empty(0, np.int32), pa.array([], column.type.value_type), has_missing=False)
    values = chunks[0].dictionary
    size = len(values)
    filled = [_filled(chunk.indices, size) for chunk in chunks]
    places = filled[0] if len(filled) == 1 else np.concatenate(filled)
    met = np.zeros(size + 1, np.bool_)
    for start in range(0, len(places), _AT_ONCE):
        met[places[start : start + _AT_ONCE]] = True
    if met[:-1].all() and not values.null_count:
        return Distinct(places, values, bool(met[-1]))
    met[:-1] &= values.is_valid().to_numpy(zero_copy_only=False)
    values = values.filter(pa.array(met[:-1]))
    place_of = np.where(met, np.cumsum(met) - 1, len(values)).astype(np.int32)
    place_of[-1] = len(values)
    places = place_of[places]
    return Distinct(places, values, bool((places == len(values)).any()))


def _one(column: Any) -> Any:
    if not isinstance(column, pa.ChunkedArray):
        return column
    if not column.num_chunks:
        return pa.array([], column.type)
    return column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks)


def _flat(column: Any) -> Ints:
    """Return a column's numbers, of which none is missing; of many chunks in NumPy's memory, which is made ready faster than Arrow's."""
    is_one = not isinstance(column, pa.ChunkedArray) or column.num_chunks == 1
    return np.asarray(_one(column).to_numpy() if is_one else column.to_numpy())


def _filled(indices: Any, missing: int) -> Ints:
    indices = indices.cast(pa.int32())
    return np.asarray((pc.fill_null(indices, missing) if indices.null_count else indices).to_numpy())


def _apart(values: Ints) -> tuple[Ints, Ints] | None:
    """Return places and different values of whole numbers; None where they have to be hashed."""
    count = len(values)
    if count < 2 or (values[1:] > values[:-1]).all():
        return _as_they_stand(count), values
    low, high = int(values.min()), int(values.max())
    if high - low <= _SPREAD * count:
        met = np.zeros(high - low + 1, np.bool_)
        met[values - low] = True
        found = np.flatnonzero(met)
        if len(found) == count:
            return _as_they_stand(count), values
        rank = np.cumsum(met, dtype=np.int32) - np.int32(1)
        return rank[values - low], found + low
    if len(np.unique(values[:_LOOKED_AT])) < min(count, _LOOKED_AT):
        return None
    ordered = np.sort(values)
    return (_as_they_stand(count), values) if (ordered[1:] != ordered[:-1]).all() else None


def _as_they_stand(count: int) -> Ints:
    return np.arange(count, dtype=np.int32)


def plain_texts(values: Any) -> tuple[Flags, Any]:
    """Tell which values are texts as they stand: whole numbers, and ASCII without a sign that cannot be seen."""
    kind = values.type
    if pa.types.is_integer(kind):
        return np.ones(len(values), np.bool_), values.cast(pa.string() if pa.types.is_uint64(kind) else pa.int64())
    if pa.types.is_float64(kind):
        doubles = values.to_numpy(zero_copy_only=False)
        with np.errstate(invalid="ignore"):
            clean = (np.abs(doubles) < _EXACT) & (np.floor(doubles) == doubles)
        return clean, pa.array(np.where(clean, doubles, 0.0).astype(np.int64))
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        return np.zeros(len(values), np.bool_), pa.nulls(len(values), pa.string())
    lengths = pc.binary_length(values)
    fits = pc.and_(pc.greater(lengths, 0), pc.less_equal(lengths, TEXT_LENGTH_MAX))
    printable = pc.and_(pc.string_is_ascii(values), pc.ascii_is_printable(values))
    clean = pc.and_(pc.and_(fits, printable), pc.equal(values, pc.ascii_trim_whitespace(values)))
    return clean.to_numpy(zero_copy_only=False), values.cast(pa.string())


def subjects_of(kind: str) -> tuple[Form, bool]:
    """Return which values are clean as identities of a kind, and whether two clean values are two identities."""

    def form(values: Any) -> tuple[Flags, Any]:
        clean, texts = plain_texts(values)
        texts = texts.cast(pa.string())
        marks = _MARKS.get(kind)
        if kind == "email":
            texts = pc.ascii_lower(texts)
        if marks is not None:
            clean = clean & pc.match_substring_regex(texts, marks).fill_null(False).to_numpy(zero_copy_only=False)
        elif kind not in _AS_IT_IS:
            clean = np.zeros(len(values), np.bool_)
        return clean, pc.binary_join_element_wise(pa.scalar(kind), texts, ":")

    return form, kind != "email"


_AS_IT_IS = ("customer", "line")
_MARKS = {"card": r"^[^ -]+$", "email": r"^[^ ]+@[^ @]*\.[^ @]*$"}
"""How values look that are in their one form, but for capitals."""


def whole_amounts(digits: int, least: int, most: int) -> Bulk:
    """Return a bulk reader of whole numbers as amounts with `digits` decimals, between `least` and `most` minor units."""
    scale = 10**digits
    least, most = -(-least // scale), most // scale

    def read(column: Any) -> tuple[Ints, Flags | None] | None:
        if not pa.types.is_integer(column.type) or pa.types.is_uint64(column.type):
            return None
        values, clean = _numbers(column.cast(pa.int64()))
        within = _within(values, least, most)
        if within is not None:
            clean = within if clean is None else clean & within
        if clean is not None:
            values = np.where(clean, values, 0)
        return values if scale == 1 else values * scale, clean

    return read


def instants(zone: ZoneInfo | None, form: str | None) -> Bulk:
    """Return a bulk reader of timestamps, and of texts of the usual form; days on which the clocks of `zone` change are left out."""

    def read(column: Any) -> tuple[Ints, Flags | None] | None:
        if pa.types.is_string(column.type) and form is None and zone is not None:
            column = _spelled_out(column)
        if not pa.types.is_timestamp(column.type) or (column.type.tz is None and zone is None):
            return None
        values, clean = _numbers(column.cast(pa.timestamp("us", column.type.tz)).cast(pa.int64()))
        within = _within(values, 0, _LAST_DAY * _DAY_US - 1)
        if within is not None:
            clean = within if clean is None else clean & within
        if column.type.tz is not None or zone is None or zone.key == "UTC":
            return values, clean
        if clean is None:
            return _placed(values, None, zone)
        if not clean.any():
            return values, clean
        return _placed(np.where(clean, values, values[clean.argmax()]), clean, zone)

    return read


def _spelled_out(column: Any) -> Any:
    """Return times as texts (2026-01-31 14:05 or 2026/01/31 14:05:00) as timestamps, where at least one is such; others are missing."""
    is_usual = pc.fill_null(pc.match_substring_regex(column, _USUAL), False)
    usual = pc.replace_substring(pc.if_else(is_usual, column, None), "/", "-")
    try:
        return usual.cast(pa.timestamp("us")) if pc.any(is_usual).as_py() else column
    except pa.ArrowInvalid:  # a day that there is not
        return column


_CLOCK = r"[ T][0-9]{2}:[0-9]{2}(:[0-9]{2}"
_USUAL = (
    rf"^([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}({_CLOCK}(\.([0-9]{{3}}|[0-9]{{6}}))?)?)?"
    rf"|[0-9]{{4}}/[0-9]{{2}}/[0-9]{{2}}({_CLOCK})?)?)$"
)


def _numbers(column: Any) -> tuple[Ints, Flags | None]:
    """Return a column's numbers, and which there are (None: all)."""
    if not column.null_count:
        return _flat(column), None
    one = _one(column)
    return one.fill_null(0).to_numpy(zero_copy_only=False), one.is_valid().to_numpy(zero_copy_only=False)


def _within(values: Ints, least: int, most: int) -> Flags | None:
    """Return which numbers lie between two, None where all do."""
    if not len(values) or (int(values.min()) >= least and int(values.max()) <= most):
        return None
    return np.asarray((values >= least) & (values <= most))


def _placed(local_us: Ints, clean: Flags | None, zone: ZoneInfo) -> tuple[Ints, Flags | None]:
    """Take the zone's offset off local times: of all days at once where it is the same, else day by day."""
    if not len(local_us):
        return local_us, clean
    first, last = int(local_us.min()) // _DAY_US, int(local_us.max()) // _DAY_US
    if last - first < _DAYS_SEEN:
        offsets = {_steady_offset_us(day, zone) for day in range(first, last + 1)}
        (offset,) = offsets if len(offsets) == 1 else (None,)
        if offset is not None:
            return local_us - offset, clean
    days = local_us // _DAY_US - first
    met = np.zeros(last - first + 1, np.bool_)
    met[days] = True
    by_day, is_steady = np.zeros(len(met), np.int64), np.zeros(len(met), np.bool_)
    for day in np.flatnonzero(met).tolist():
        offset = _steady_offset_us(first + day, zone)
        if offset is not None:
            by_day[day], is_steady[day] = offset, True
    steady = is_steady[days]
    return local_us - by_day[days], steady if clean is None else clean & steady


_HALF_DAY = timedelta(hours=12)


def _steady_offset_us(day: int, zone: ZoneInfo) -> int | None:
    """Return a zone's offset on a local day (days since 1970), None where it changes."""
    noon = datetime(1970, 1, 1, 12, tzinfo=zone) + timedelta(days=day)
    offset = noon.utcoffset()
    ends = ((noon - _HALF_DAY).utcoffset(), (noon + _HALF_DAY).utcoffset())
    if offset is None or ends != (offset, offset):
        return None
    return offset // timedelta(microseconds=1)
