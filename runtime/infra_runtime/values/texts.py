"""String, Boolean and Bytes. Imports `errors` and `values.refusals`."""

from __future__ import annotations

import base64
import binascii
import uuid
from typing import Any

from infra_runtime.errors import InputError
from infra_runtime.values.refusals import refused


def encode_text(value: Any) -> str:
    """Text as UTF-8 can hold it; a UUID as its text."""
    if isinstance(value, str):
        text = value if type(value) is str else str.__str__(value)
        if not text.isascii():
            try:
                text.encode()
            except UnicodeEncodeError:
                raise InputError("the text holds a lone surrogate, which is no character") from None
        return text
    if isinstance(value, uuid.UUID):
        return str(value)
    raise refused("str", value)


def encode_text_without_nul(value: Any) -> str:
    """Text for PostgreSQL, which cannot hold the character U+0000."""
    text = encode_text(value)
    if "\x00" in text:
        raise InputError("the text holds the character U+0000, which PostgreSQL cannot store")
    return text


def encode_uuid(value: Any) -> str:
    """The text of a UUID, for columns that hold nothing else."""
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, str):
        try:
            return str(uuid.UUID(value))
        except ValueError:
            pass
    raise refused("the text of a UUID", value)


def encode_boolean(value: Any) -> bool:
    if value is True or value is False:
        return value
    raise refused("bool", value)


def decode_bit(value: Any) -> bool:
    """A `BIT(1)` comes as one byte from MySQL, as a digit from PostgreSQL."""
    return value not in (b"\x00", "0", 0)


def encode_bytes(value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, (bytearray, memoryview)):
        return bytes(value)
    raise refused("bytes", value)


def parse_bytes(value: Any) -> Any:
    """The bytes of a base64 text; the URL-safe alphabet and missing padding are taken too."""
    if not isinstance(value, str):
        return value
    text = value.translate(_URL_SAFE).rstrip("=")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise refused("base64 text", value) from None


_URL_SAFE = str.maketrans("-_", "+/")


def bytes_json(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")
