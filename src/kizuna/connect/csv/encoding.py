"""Which encoding a CSV file is in, found by reading all of it: a file is never guessed at and half read.

UTF-8, with or without a byte order mark, refuses almost every text that is not UTF-8; what it refuses may be CP932, in
which Japanese Windows programs write.
"""

import codecs
from pathlib import Path
from typing import Literal

from kizuna.connect.csv.problems import EncodingWrong, LineTooLong

NOT_TEXT = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x1f\x8b", b"%PDF")
"""How workbooks, archives and documents begin."""

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
"""How Excel's "Unicode text" begins: CP932 would take it for signs that nobody wrote."""

LINE_BYTES_MAX = 1 << 17
"""A longer line is refused before it is read: it would be a row of millions of fields, or one field of a whole file."""
_BYTES_AT_ONCE = 1 << 16  # no more than a line may have
_CANDIDATES = {"auto": ("utf-8-sig", "cp932"), "utf-8": ("utf-8-sig",), "cp932": ("cp932",)}
_NAMES = {"auto": "UTF-8 or CP932", "utf-8": "UTF-8", "cp932": "CP932"}


def encoding_of(path: Path, asked: Literal["auto", "utf-8", "cp932"]) -> str:
    """Return the codec that reads the whole file. Raises `EncodingWrong` and `LineTooLong`, which name the line; raises OSError."""
    line = 1
    with path.open("rb") as file:
        if file.read(2) in _UTF16:
            raise EncodingWrong(file=path.name, encoding=_NAMES[asked], line=line)
    for candidate in _CANDIDATES[asked]:
        bad_line = _first_bad_line(path, candidate)
        if bad_line is None:
            return candidate
        line = max(line, bad_line)
    raise EncodingWrong(file=path.name, encoding=_NAMES[asked], line=line)


def _first_bad_line(path: Path, codec: str) -> int | None:
    """Return the line that `codec` cannot read, None if it reads all."""
    decoder = codecs.getincrementaldecoder(codec)()
    line, length = 1, 0
    with path.open("rb") as file:
        while True:
            piece = file.read(_BYTES_AT_ONCE)
            first, last = _ends(piece)
            if length + first > LINE_BYTES_MAX:
                raise LineTooLong(file=path.name, line=line, bytes_max=LINE_BYTES_MAX)
            length = length + len(piece) if last < 0 else len(piece) - last - 1
            pending = decoder.getstate()[0]
            try:
                decoder.decode(piece, final=not piece)
            except UnicodeDecodeError as fault:
                return line + (pending + piece).count(b"\n", 0, fault.start)
            if not piece:
                return None
            line += piece.count(b"\n")


def _ends(piece: bytes) -> tuple[int, int]:
    """Return how long the line is that goes on at the beginning of a piece, and where the last line end stands (−1)."""
    first = min((place for place in (piece.find(b"\n"), piece.find(b"\r")) if place >= 0), default=len(piece))
    return first, max(piece.rfind(b"\n"), piece.rfind(b"\r"))
