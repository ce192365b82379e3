"""A name as strangers may see it: enough for who knows the person, too little for who does not. Pure."""

_HIDDEN = "●"
_HIDDEN_MAX = 4


def masked(name: str | None, kana: str | None = None) -> str:
    """Return the given name of a reading, or of a name, with only its first and last character: やまだ はなこ → ハ●コ."""
    words = (kana or name or "").split()
    if not words:
        return ""
    shown = _katakana(words[-1]) if kana else words[-1]
    if len(shown) <= 2:
        return shown[:1] + _HIDDEN
    return shown[0] + _HIDDEN * min(len(shown) - 2, _HIDDEN_MAX) + shown[-1]


def _katakana(text: str) -> str:
    """Return hiragana as katakana: their blocks lie 96 apart (Unicode, 3041-3096 and 30A1-30F6)."""
    return "".join(chr(ord(char) + 96) if "ぁ" <= char <= "ゖ" else char for char in text)
