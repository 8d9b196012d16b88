"""Hits: rows that a search found, how well they match, and their texts with the words marked that were looked for.

Pure functions on texts: where the words are comes from the database, whose index knows endings, or from the words themselves. At the
bottom of the runtime: it imports nothing of it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

RowT = TypeVar("RowT", covariant=True)
Span = tuple[int, int]
"""Where a marked word begins, and where it has ended."""

OPEN, CLOSE = "\x02", "\x03"
"""What databases mark words with: characters that no text has a use for."""


@dataclass(frozen=True, slots=True)
class Hit(Generic[RowT]):
    """A row that was found.

    `rank`: how well it matches, the higher the better, to be compared within one answer alone; None where no index was asked.
    `highlights`: the texts of the fields that were wanted, as far as they are not null, with the words marked.
    """

    row: RowT
    rank: float | None
    highlights: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Highlight:
    """How texts are shown: what stands before and behind a word, how long a text may be (None: all of it), and whether what is special
    in HTML is written so that it is not."""

    fields: tuple[str, ...]
    start: str
    stop: str
    length: int | None
    escape: bool


def highlighted(text: str, spans: Sequence[Span], how: Highlight) -> str:
    """`text`, or the part of it around the first marked words, with those words marked."""
    first, last = (0, len(text)) if how.length is None else _window(text, spans, how.length)
    parts = ["…"] if first > 0 else []
    place = first
    for start, stop in spans:
        if start >= first and stop <= last:
            parts += [_shown(text[place:start], how), how.start, _shown(text[start:stop], how), how.stop]
            place = stop
    parts.append(_shown(text[place:last], how))
    if last < len(text):
        parts.append("…")
    return "".join(parts)


def _shown(text: str, how: Highlight) -> str:
    return html.escape(text) if how.escape else text


def _window(text: str, spans: Sequence[Span], length: int) -> Span:
    """About `length` characters with as many marked words as fit into them, cut between words."""
    if len(text) <= length:
        return 0, len(text)
    best = max(spans, key=lambda span: (_fitting(spans, span[0], length), -span[0]), default=(0, 0))
    within = [stop for start, stop in spans if start >= best[0] and stop <= best[0] + length]
    spare = max(length - (max(within, default=best[1]) - best[0]), 0)
    first = max(min(best[0] - spare // 2, len(text) - length), 0)
    last = max(min(first + length, len(text)), best[1])
    return _later_boundary(text, first, best[0]), _earlier_boundary(text, last, max(within, default=best[1]))


def _fitting(spans: Sequence[Span], first: int, length: int) -> int:
    return sum(first <= start and stop <= first + length for start, stop in spans)


def _later_boundary(text: str, first: int, limit: int) -> int:
    """The beginning of a word at `first` or behind it, no further than `limit`."""
    if first == 0 or not text[first - 1].isalnum():
        return first
    found = re.compile(r"\W+").search(text, first, limit)
    return found.end() if found else limit


def _earlier_boundary(text: str, last: int, limit: int) -> int:
    """The end of a word at `last` or before it, no further back than `limit`."""
    if last == len(text) or not text[last].isalnum():
        return last
    while last > limit and text[last - 1].isalnum():
        last -= 1
    return max(len(text[:last].rstrip()), limit)


# -- where the words are -----------------------------------------------------------------------------------------------
def marked_spans(text: str, marked: str | None) -> list[Span] | None:
    """The words that a database marked in `text`; None if what it marked is not this text, character by character."""
    if marked is None or OPEN in text or CLOSE in text:
        return None
    spans, place, start = [], 0, 0
    for part in re.split(f"([{OPEN}{CLOSE}])", marked):
        if part == OPEN:
            start = place
        elif part == CLOSE:
            spans.append((start, place))
        else:
            place += len(part)
    return spans if place == len(text) else None


def word_spans(text: str, words: Sequence[str], mode: str, *, within_words: bool = False) -> list[Span]:
    """Where the words of a search are in `text`. `within_words`: also in longer ones."""
    if not words:
        return []
    if mode == "phrase":
        pattern = r"[\W_]+".join(map(re.escape, words))
    else:
        # Of two words that begin alike, the longer one.
        pattern = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
    if mode == "prefix" and not within_words:
        pattern = rf"(?:{pattern})[^\W_]*"
    if not within_words:
        pattern = rf"(?<![^\W_])(?:{pattern})(?![^\W_])"
    return [found.span() for found in re.finditer(pattern, text, re.IGNORECASE)]
