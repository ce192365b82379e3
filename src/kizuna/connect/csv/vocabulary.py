"""Texts by number and numbers by text. Pure."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


class Vocabulary:
    """Texts by number and numbers by text; a text has one number, and numbers go from 0.

    What comes in bulk stays as Arrow holds it, texts or the whole numbers that they spell, and becomes Python's only when somebody
    asks for all of it.
    """

    def __init__(self) -> None:
        self._bulk: Any = pa.array([], pa.string())
        self._list: list[str] | None = []
        self._codes: dict[str, int] | None = {}

    def __len__(self) -> int:
        return len(self._bulk if self._list is None else self._list)

    @property
    def words(self) -> list[str]:
        """The texts by number."""
        if self._list is None:
            self._list = _spelled(self._bulk).to_pylist()
        return self._list

    @property
    def texts(self) -> Any:
        """The texts by number, as Arrow."""
        return _spelled(self._together())

    @property
    def numbers(self) -> NDArray[np.int64] | None:
        """The whole numbers that the texts spell; None where they are not known to be such."""
        bulk = self._together()
        return bulk.to_numpy() if pa.types.is_int64(bulk.type) and len(bulk) else None

    def word(self, code: int) -> str:
        """Return the text of a number."""
        return str(self._bulk[code].as_py()) if self._list is None else self._list[code]

    def code(self, word: str) -> int:
        """Return the number of `word`, a new one if it is new."""
        words = self.words
        code = self._index.setdefault(word, len(words))
        if code == len(words):
            words.append(word)
        return code

    def find(self, word: str) -> int | None:
        """Return the number of `word` if it was met."""
        return self._index.get(word)

    def add(self, texts: Any, *, distinct: bool = False) -> NDArray[np.int32]:
        """Return the numbers of many texts (an Arrow array of them, or of whole numbers).

        `distinct` says that they all differ: the first of all are then numbered as they stand.
        """
        known = self._together()
        self._list = self._codes = None
        if distinct and not len(known):
            self._bulk = texts
            return np.arange(len(texts), dtype=np.int32)
        if not len(known):
            known = texts.slice(0, 0)
        elif known.type != texts.type:
            known, texts = _spelled(known), _spelled(texts)
        encoded = pa.concat_arrays([known, texts]).dictionary_encode()
        self._bulk = encoded.dictionary
        return np.asarray(encoded.indices.to_numpy()[len(known) :])

    def add_words(self, words: Sequence[str]) -> NDArray[np.int32]:
        """Return the numbers of a few texts."""
        return self.add(pa.array(words, pa.string())) if words else np.empty(0, np.int32)

    @property
    def _index(self) -> dict[str, int]:
        if self._codes is None:
            self._codes = {word: code for code, word in enumerate(self.words)}
        return self._codes

    def _together(self) -> Any:
        """Return all as Arrow: a list that words were added to one by one counts, not the bulk that it came from."""
        if self._list is not None and len(self._list) != len(self._bulk):
            self._bulk = pa.array(self._list, pa.string())
        return self._bulk


def _spelled(texts: Any) -> Any:
    return texts if pa.types.is_string(texts.type) else texts.cast(pa.string())
