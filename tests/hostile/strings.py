"""Texts that a careless layer between a caller and a database would take for something else than text. Imports nothing of ours."""

from __future__ import annotations

from itertools import product

_QUOTES = [
    "'",
    '"',
    "`",
    "''",
    '""',
    "``",
    "\\'",
    '\\"',
    "\\`",
    "\\",
    "\\\\",
    "\\\\'",
    "´",
    "ʼ",
    "＇",
    "＂",
    "‘",
    "’",
    "$$",
    "$a$",
    "[",
    "]",
    "N'",
    "E'",
    "x'",
]
_ENDINGS = [
    "",
    "; DROP TABLE users; --",
    " OR 1=1 -- ",
    " OR '1'='1",
    "/*",
    "*/",
    "#",
    ") --",
    ")); DELETE FROM users; #",
]
_PLACEHOLDERS = [
    "?", "??", "?1", "$1", "$2", "${1}", ":p0", ":p1", ":name", "@p1", "%s", "%d", "%%", "%", "%(p0)s", "%1$s", "{}", "{0}", "{name}", "{{", "}}", "\\0", "&1",
]  # fmt: skip
_PATTERNS = ["_", "%_%", "\\%", "\\_", "[a-z]", "^", "$", ".*", "(", "*", "+", "|", "(?i)x", "~", "!%"]
_PATHS = ["$", "$.a", "$[0]", "$[*]", "$**", ".a", "..", "a.b", 'a"."b', 'a"', '"a"', "a]", "a[0]", "[last]", "@", "*", "->", "->>", "#>", "'a'", "{a,b}", "{a", "a,b", "NULL", "null", "0", "-1"]  # fmt: skip
_WORDS = [
    "select", "SELECT", "null", "NULL", "true", "default", "DEFAULT", "now()", "CURRENT_TIMESTAMP", "users", '"users"', "id", "AND", "OR", "NOT", "__proto__",
    "constructor", "__class__", "0x27", "1e309", "NaN", "Infinity", "-0", "0", "1", "00", "1/0", "''''", "pg_sleep(9)", "sleep(9)", "\\copy", "@@version", "LOAD_FILE('/etc/passwd')",
    "' UNION SELECT NULL, NULL -- ", "'||(SELECT 1)||'", "'; WAITFOR DELAY '0:0:9' --", "${jndi:ldap://x}", "<script>alert(1)</script>", "../../etc/passwd", "%27%20OR%201=1",
]  # fmt: skip
_UNICODE = [
    "é", "e\u0301", "ß", "ẞ", "İ", "ı", "Å", "\u212b", "ﬀ", "Ω", "中文", "日本語", "한국어", "العربية", "עברית", "\u202eoverridden", "a\u200bb", "\ufeffbom", "\u00a0",
    "\u2028", "\u2029", "\u0085", "😀", "👨‍👩‍👧‍👦", "🏳️‍🌈", "\U0010ffff", "\ufffd", "\uffff", "\ud7ff", "\ue000", "á" * 80, "a" * 190,
    # Bytes that were the second of a character in GBK or Shift-JIS, before a quote.
    "¿'", "縗'", "表'", "¥'",
]  # fmt: skip
_CONTROLS = ["\t", "\n", "\r", "\r\n", "\x01", "\x08", "\x0b", "\x1a", "\x1b[31m", "\x7f", "\x80", "a\nb", "a\r--\n'"]
_SPACES = [" ", "  ", " a", "a ", "\ta\t", ""]

TEXTS: list[str] = list(
    dict.fromkeys(
        [
            *("".join(pair) for pair in product(_QUOTES, _ENDINGS)),
            *(f"a{quote}b" for quote in _QUOTES),
            *_PLACEHOLDERS,
            *(f"'{one}" for one in _PLACEHOLDERS),
            *_PATTERNS,
            *_PATHS,
            *_WORDS,
            *_UNICODE,
            *_CONTROLS,
            *_SPACES,
        ]
    )
)
"""A few hundred, none of more than 190 characters, each once."""

WITH_NUL = ["\0", "a\0b", "'\0; DROP TABLE users; --", "\0'"]
"""PostgreSQL holds none of them."""
NO_UNICODE = ["\ud800", "a\udfffb", "'\udc27"]
"""Python's texts that no database holds: lone halves of a pair."""
