"""Signed, short-lived words: a token says who and until when, and nobody without the secret can make one."""

import base64
import binascii
import hashlib
import hmac
import json
from datetime import datetime

from kizuna.core.days import instant_ms


def sign(secret: str, purpose: str, facts: dict[str, str], expires_at: datetime) -> str:
    """Return a token that carries `facts` until `expires_at`, good for `purpose` alone."""
    body = json.dumps({"exp": instant_ms(expires_at), **facts}, sort_keys=True, separators=(",", ":")).encode()
    return f"{_text(body)}.{_text(_mac(secret, purpose, body))}"


def mark(secret: str, purpose: str, text: str) -> str:
    """Return what stands for `text` without telling it: always the same, and nobody without the secret can make it."""
    return _text(_mac(secret, purpose, text.encode()))


def read(secret: str, purpose: str, token: str, at: datetime) -> dict[str, str] | None:
    """Return a token's facts, None when it is forged, for another purpose, or over."""
    body_text, _, mac_text = token.partition(".")
    try:
        body, mac = _bytes(body_text), _bytes(mac_text)
    except (binascii.Error, ValueError):
        return None
    if not hmac.compare_digest(mac, _mac(secret, purpose, body)):
        return None
    facts = json.loads(body)
    return None if facts.pop("exp") <= instant_ms(at) else facts


def _mac(secret: str, purpose: str, body: bytes) -> bytes:
    return hmac.new(secret.encode(), f"{purpose}\n".encode() + body, hashlib.sha256).digest()


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
