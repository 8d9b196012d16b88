"""DateTime: aware moments in UTC, cut to what the column keeps, never rounded. Imports `errors` and `values.refusals`.

A SQLite file holds the ISO 8601 text that Prisma's driver adapters write, the integer milliseconds of its Rust engine, or the text of
`CURRENT_TIMESTAMP`: all are read, and the URL says which is written and compared with.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from infra_runtime.errors import InconsistentColumnDataError, InputError
from infra_runtime.values.refusals import refused

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH = datetime(1970, 1, 1)
_DATE_AND_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d")
"""How a date with a time begins: neither a date alone nor a week of a year, which `fromisoformat` takes too."""
_LITERAL = re.compile(r" (?=[+-]\d\d:\d\d$)")
"""Prisma writes a literal default with a blank before the offset."""


def moment(value: Any) -> datetime:
    """A moment in UTC. A naive one is taken as UTC already. Errors: InputError."""
    if isinstance(value, datetime):
        if value.tzinfo is UTC:
            return value
        if value.tzinfo is None:
            return value.replace(tzinfo=UTC)
        try:
            return value.astimezone(UTC)
        except OverflowError:
            raise InputError("the moment is outside the years 1 to 9999 in UTC") from None
    raise refused("datetime", value)


def parse_moment(value: Any) -> Any:
    """The moment of an ISO 8601 text."""
    if not isinstance(value, str):
        return value
    if _DATE_AND_TIME.match(value):
        try:
            return datetime.fromisoformat(value.upper())
        except ValueError:
            pass
    raise refused("a date and time in ISO 8601, such as 2024-01-31T09:30:00Z", value)


def moment_json(value: datetime) -> str:
    """ISO 8601 with a Z, to the millisecond, or the microsecond where there are any."""
    precision = "microseconds" if value.microsecond % 1000 else "milliseconds"
    return moment(value).isoformat(timespec=precision).replace("+00:00", "Z")


def encode_sqlite(value: Any) -> str:
    exact = value if type(value) is datetime and value.tzinfo is UTC else moment(value)
    return exact.isoformat(timespec="milliseconds")


def encode_milliseconds(value: Any) -> int:
    """Milliseconds since 1970, cut towards the past as the other forms are."""
    return (moment(value) - EPOCH) // timedelta(milliseconds=1)


def encode_current_timestamp(value: Any) -> str:
    """As `CURRENT_TIMESTAMP` writes it; milliseconds follow only where there are any, so that texts compare as moments do."""
    exact = moment(value)
    precision = "milliseconds" if exact.microsecond >= 1000 else "seconds"
    return exact.replace(tzinfo=None).isoformat(" ", precision)


def stored(digits: int, *, zoned: bool) -> Callable[[Any], datetime]:
    """The encoder for columns with `digits` after the second; `zoned`: the driver wants the zone with it."""
    unit, zone = 10 ** (6 - digits), UTC if zoned else None

    def encode(value: Any) -> datetime:
        exact = value if type(value) is datetime and value.tzinfo is UTC else moment(value)
        return exact.replace(microsecond=exact.microsecond // unit * unit, tzinfo=zone)

    return encode


def encode_date(value: Any) -> date:
    """The day of a moment, in UTC; a `date` is one."""
    return value if isinstance(value, date) and not isinstance(value, datetime) else moment(value).date()


def time_of_day(digits: int, *, zoned: bool) -> Callable[[Any], time]:
    """The encoder for columns that keep the time alone."""
    cut = stored(digits, zoned=zoned)

    def encode(value: Any) -> time:
        return cut(value).timetz()

    return encode


def decode_sqlite(value: Any) -> datetime:
    """Errors: InconsistentColumnDataError for what is no moment."""
    try:
        if type(value) is str:
            try:
                read = datetime.fromisoformat(value)
            except ValueError:
                read = datetime.fromisoformat(_LITERAL.sub("", value))
            if read.tzinfo is UTC:
                return read
            return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
        if isinstance(value, (int, float)):
            return EPOCH + timedelta(milliseconds=value)
    except (ValueError, OverflowError):
        pass
    raise InconsistentColumnDataError(f"Inconsistent column data: a DateTime column holds {_shown(value)}")


def _shown(value: Any) -> str:
    return f"a text that is no date and time: {value[:40]!r}" if isinstance(value, str) else f"a {type(value).__name__}"


def decode_moment(value: Any) -> datetime:
    """What servers' drivers give for a moment: a naive one is UTC, as it was written. Errors: InconsistentColumnDataError."""
    if isinstance(value, datetime):
        if value.tzinfo is UTC:
            return value
        # `replace` takes five times as long.
        return EPOCH + (value - _NAIVE_EPOCH) if value.tzinfo is None else value.astimezone(UTC)
    return decode_day_or_time(value)


def decode_day_or_time(value: Any) -> datetime:
    """For a day its midnight, for a time that on 1970-01-01; a moment is one. Errors: InconsistentColumnDataError."""
    if isinstance(value, datetime):
        return decode_moment(value)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    if isinstance(value, timedelta):
        return EPOCH + value
    if isinstance(value, time):
        return decode_moment(datetime.combine(EPOCH.date(), value))
    raise InconsistentColumnDataError(f"Inconsistent column data: a DateTime column holds a {type(value).__name__}")
