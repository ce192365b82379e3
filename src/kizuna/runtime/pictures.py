"""What a picture is, told from its bytes: its type and size, or why it cannot be used. Pure; no pixel is ever decoded.

A file's name and the type that a browser claims say nothing here. Sizes are read as declared and bounded before anybody's
browser unpacks them; a file that ends before its own end mark is broken. An SVG is read by a parser that knows no entities
and fetches nothing.
"""

import hashlib
import re
import struct
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from xml.parsers import expat

from kizuna.core.errors import N_, Kind, Problem

BYTES_MAX = 512 * 1024
SIDE_MAX = 4096
_SVG = "image/svg+xml"


class PictureTooLarge(Problem):
    """More bytes than a logo needs."""

    code = "picture_too_large"
    kind = Kind.TOO_LARGE
    title = N_("This picture has {kib:,} KB; a logo may have {kib_max:,} KB.")
    remedy = N_("Export it smaller or as SVG, and choose it again.")


class PictureTypeUnknown(Problem):
    """The bytes are none of the types that we take."""

    code = "picture_type_unknown"
    kind = Kind.INVALID
    title = N_("This file is not a picture that can be used here.")
    remedy = N_("Choose a PNG, JPEG, WebP or SVG file; its content counts, not its name.")


class PictureBroken(Problem):
    """It begins like a picture and does not go on like one."""

    code = "picture_broken"
    kind = Kind.INVALID
    title = N_("This {type} file is damaged or incomplete.")
    remedy = N_("Export the picture again and choose the new file.")


class PictureTooWide(Problem):
    """Its declared size would fill a phone's memory."""

    code = "picture_too_wide"
    kind = Kind.INVALID
    title = N_("This picture is {width:,} × {height:,} pixels; each side may have {side_max:,}.")
    remedy = N_("Make it smaller: 512 pixels a side are plenty for a logo.")


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that may be shown: `type` is its media type, `hash` names its bytes."""

    type: str
    width: int
    height: int
    bytes: bytes

    @property
    def hash(self) -> str:
        """Return the name of these bytes."""
        return hashlib.blake2b(self.bytes, digest_size=16).hexdigest()


def read_picture(raw: bytes, field: str = "logo", *, size: int | None = None) -> Picture:
    """Return what `raw` is; `size` is the file's where only its beginning was read.

    Raises `PictureTooLarge`, `PictureTypeUnknown`, `PictureBroken`, `PictureTooWide`.
    """
    if len(raw) > BYTES_MAX:
        raise PictureTooLarge(field=field, kib=-(-(size or len(raw)) // 1024), kib_max=BYTES_MAX // 1024)
    kind = _type_of(raw)
    if kind is None:
        raise PictureTypeUnknown(field=field)
    name = kind.removeprefix("image/").removesuffix("+xml").upper()
    try:
        width, height = _SIZES[kind](raw)
    except (struct.error, LookupError, ValueError, zlib.error, expat.ExpatError) as fault:
        raise PictureBroken(field=field, type=name) from fault
    if width < 1 or height < 1:
        raise PictureBroken(field=field, type=name)
    if kind != _SVG and max(width, height) > SIDE_MAX:
        raise PictureTooWide(field=field, width=width, height=height, side_max=SIDE_MAX)
    return Picture(kind, width, height, raw)


def _type_of(raw: bytes) -> str | None:
    if raw.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if raw.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if raw[:4] == b"RIFF" and raw[8:12] == b"WEBP":
        return "image/webp"
    head = raw[:4096].decode("utf-8-sig", errors="replace").lstrip()
    return (
        _SVG
        if head.startswith("<") and re.search(r"<(?:\w+:)?svg[\s>]", raw[:65536].decode(errors="replace"))
        else None
    )


def _png(raw: bytes) -> tuple[int, int]:
    """Walk the chunks to the end, each with its checksum; the size stands in the first."""
    at, size = 8, (0, 0)
    while True:
        length, name = struct.unpack_from(">I4s", raw, at)
        body = raw[at + 8 : at + 8 + length]
        (checksum,) = struct.unpack_from(">I", raw, at + 8 + length)
        if zlib.crc32(name + body) != checksum:
            raise ValueError(name)
        if at == 8:
            if name != b"IHDR":
                raise ValueError(name)
            size = struct.unpack_from(">II", body)
        if name == b"IEND":
            return size
        at += 12 + length


def _jpeg(raw: bytes) -> tuple[int, int]:
    """Walk the segments to the frame, which says the size; the file ends with its end mark."""
    if b"\xff\xd9" not in raw[-64:]:
        raise ValueError("no end")
    at = 2
    while True:
        if raw[at] != 0xFF:
            raise ValueError(at)
        while raw[at] == 0xFF:
            at += 1
        mark, at = raw[at], at + 1
        if mark in {0x01, *range(0xD0, 0xD8)}:
            continue
        (length,) = struct.unpack_from(">H", raw, at)
        if 0xC0 <= mark <= 0xCF and mark not in {0xC4, 0xC8, 0xCC}:
            height, width = struct.unpack_from(">HH", raw, at + 3)
            return width, height
        if mark in {0xD9, 0xDA} or length < 2:
            raise ValueError("no frame")
        at += length


def _webp(raw: bytes) -> tuple[int, int]:
    (length,) = struct.unpack_from("<I", raw, 4)
    if length + 8 > len(raw):
        raise ValueError("cut off")
    name, body = raw[12:16], raw[20:]
    if name == b"VP8X" and len(body) >= 10:
        return int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1
    if name == b"VP8L":
        if body[0] != 0x2F:
            raise ValueError("no signature")
        (bits,) = struct.unpack_from("<I", body, 1)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if name == b"VP8 " and body[3:6] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", body, 6)
        return width & 0x3FFF, height & 0x3FFF
    raise ValueError(name)


def _svg(raw: bytes) -> tuple[int, int]:
    """Read the whole document; its size is that of its attributes or of its view box, 1:1 where it says none."""
    root: dict[str, Any] = {}

    def start(name: str, attributes: dict[str, str]) -> None:
        if not root:
            root.update(attributes, name=name)

    def doctype(_name: str, _system: str | None, _public: str | None, has_subset: int) -> None:
        if has_subset:  # entities stand there, and with them the ways to make a small file large
            raise ValueError("entities")

    reader = expat.ParserCreate()
    reader.StartElementHandler, reader.StartDoctypeDeclHandler = start, doctype
    reader.Parse(raw, True)
    if root["name"].rpartition(":")[2] != "svg":
        raise ValueError(root["name"])
    box = [float(part) for part in re.split(r"[\s,]+", str(root.get("viewBox", "")).strip()) if part]
    sides = [_length(root.get("width")), _length(root.get("height"))]
    if len(box) == 4:
        sides = [side or part for side, part in zip(sides, box[2:], strict=True)]
    width, height = (min(side, 1e6) for side in sides)
    return (max(1, round(width)), max(1, round(height))) if width > 0 and height > 0 else (1, 1)


def _length(text: object) -> float:
    """Return a length in pixels; one in per cent, or none, is 0."""
    match = re.fullmatch(r"\s*([0-9.]+)(px|pt|mm|cm|in|em)?\s*", str(text))
    scale = {"pt": 4 / 3, "mm": 3.78, "cm": 37.8, "in": 96, "em": 16}
    return float(match[1]) * scale.get(match[2] or "", 1.0) if match else 0.0


_SIZES: Mapping[str, Callable[[bytes], tuple[int, int]]] = {
    "image/png": _png,
    "image/jpeg": _jpeg,
    "image/webp": _webp,
    _SVG: _svg,
}
