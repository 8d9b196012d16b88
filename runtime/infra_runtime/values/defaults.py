"""Defaults that the client makes, one per row: ids and the time.

cuid: the format of the original cuid library; cuid2: 24 letters and digits, hashed; uuid(4) and uuid(7): RFC 9562; ulid: the ULID
specification, rising within a millisecond; nanoid: 64 letters of its own alphabet. Imports `values.nulls`.
"""

from __future__ import annotations

import datetime
import hashlib
import itertools
import json
import os
import secrets
import socket
import threading
import time
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from infra_runtime.values.nulls import JsonNull

if TYPE_CHECKING:
    from infra_runtime.engine import Engine
    from infra_runtime.schema import ScalarField
    from infra_runtime.values.codecs import Codec

BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
NANOID_ALPHABET = "useandom-26T198340PX75pxJACKVERYMINDBUSHWOLF_GQZbfghjklqvwyzrict"
NANOID_LENGTH = 21


def base36(number: int, width: int) -> str:
    """The last `width` digits of a number in base 36."""
    digits = []
    for _ in range(width):
        number, digit = divmod(number, 36)
        digits.append(BASE36[digit])
    return "".join(reversed(digits))


def _fingerprint() -> str:
    """Four digits of the process and host, as cuid has them."""
    host = socket.gethostname()
    return base36(os.getpid(), 2) + base36(sum(map(ord, host)) + len(host) + 36, 2)


_counter = itertools.count(secrets.randbelow(36**4))


def cuid() -> str:
    """`c`, time, counter, fingerprint, randomness: 25 characters."""
    count = base36(next(_counter), 4)
    return f"c{base36(time.time_ns() // 1_000_000, 8)}{count}{_fingerprint()}{base36(secrets.randbits(64), 8)}"


def cuid2(length: int = 24) -> str:
    """A letter, then a hash of time, counter and randomness."""
    seed = f"{time.time_ns()}{next(_counter)}{secrets.token_hex(16)}{_fingerprint()}"
    hashed = int.from_bytes(hashlib.sha3_512(seed.encode()).digest(), "big")
    return BASE36[10 + secrets.randbelow(26)] + base36(hashed, length - 1)


class _Rising:
    """Pairs of milliseconds and a counter-like random part that only rise, also within one millisecond and across threads."""

    def __init__(self, bits: int) -> None:
        self._bits = bits
        self._lock = threading.Lock()
        self._last = (0, 0)

    def next(self) -> tuple[int, int]:
        with self._lock:
            now = time.time_ns() // 1_000_000
            last_time, last_random = self._last
            if now <= last_time and last_random + 1 < 1 << self._bits:
                self._last = (last_time, last_random + 1)
            else:
                # The top bit stays clear, so that a millisecond has room to count up.
                self._last = (max(now, last_time + (now <= last_time)), secrets.randbits(self._bits - 1))
            return self._last


_uuid7_parts = _Rising(74)
_ulid_parts = _Rising(80)


def uuid7() -> str:
    """RFC 9562, section 5.7: 48 bits of milliseconds, then 74 random bits that rise within a millisecond."""
    milliseconds, random = _uuid7_parts.next()
    high, low = random >> 62, random & ((1 << 62) - 1)
    return str(uuid.UUID(int=milliseconds << 80 | 7 << 76 | high << 64 | 2 << 62 | low))


def ulid() -> str:
    """48 bits of milliseconds and 80 random bits in Crockford's base 32: 26 characters."""
    milliseconds, random = _ulid_parts.next()
    number = milliseconds << 80 | random
    return "".join(CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))


def nanoid(length: int = NANOID_LENGTH) -> str:
    """`length` characters of the URL-safe alphabet."""
    return "".join(NANOID_ALPHABET[byte & 63] for byte in secrets.token_bytes(length))


def now() -> datetime.datetime:
    """The time, in UTC, to the millisecond as Prisma keeps it."""
    moment = datetime.datetime.now(datetime.UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _uuid4() -> str:
    return str(uuid.uuid4())


def default_maker(engine: Engine, field: ScalarField) -> Callable[[], Any] | None:
    """What makes the value of `field` in a new row that gives none: a function, or None where the database does it or nobody."""
    default = field.default
    if default is None:
        return now if field.updated_at else None
    if default.kind == "database":
        return None
    if default.kind == "value":
        value = literal(engine.codec(field), field, default.value)
        return lambda: value
    argument = default.arguments[0] if default.arguments else None
    match default.function, argument:
        case "now", _:
            return now
        case "uuid", 7:
            return uuid7
        case "uuid", _:
            return _uuid4
        case "cuid", 2:
            return cuid2
        case "cuid", _:
            return cuid
        case "ulid", _:
            return ulid
        case "nanoid", int(length):
            return lambda: nanoid(length)
        case "nanoid", _:
            return nanoid
    raise AssertionError(f"no maker for {default.function}()")


def literal(codec: Codec, field: ScalarField, value: Any) -> Any:
    """A default's literal, from its JSON form to the Python value that a caller would give. Json stands as text in a schema."""
    if field.type != "Json":
        return codec.parse(value)
    if field.is_list:
        return [json.loads(item) for item in value]
    return json.loads(value) if value != "null" else JsonNull
