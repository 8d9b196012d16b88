"""Tokens: where a row stands in the order of its query, as an opaque text that a client of yours can keep and give back.

A token is url-safe base64 of `version, seal's kind, digest, values, seal`:

- the values of the order's keys, in the JSON forms of their columns, so that they come back exactly. Whoever has the token can read them,
  signed or not: what people must not see is no key for pages that they are given;
- a digest of the query (model, filter, search, order, distinct, which scopes apply and how, but not the scopes' values), by which the
  token of another query is refused; how many rows are taken, and what of them, may differ;
- a seal over all of that: a checksum, by which what was cut or mistyped is told; or, where a secret is configured, HMAC-SHA256 (RFC 2104,
  cut to half of its length as that allows), by which nobody who has not the secret makes a token.

Imports `arguments`, `context`, `engine`, `environment`, `errors` and `schema` of the runtime.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any

from infra_runtime.arguments.query import query_shape
from infra_runtime.arguments.seek import key_fields, seek_shape
from infra_runtime.arguments.walk import Walk
from infra_runtime.context import OperationContext
from infra_runtime.engine import Engine
from infra_runtime.environment import variable
from infra_runtime.errors import ArgumentError, ConfigurationError, PageTokenError
from infra_runtime.schema import Model

VERSION = 1
CHECKED, SIGNED = 0, 1
"""Kinds of seal."""
SEAL_BYTES = {CHECKED: 6, SIGNED: 16}
DIGEST_BYTES = 8
HEAD_BYTES = 2 + DIGEST_BYTES
SECRET_VARIABLE = "INFRA_TOKEN_SECRET"
LEAST_SECRET = 16
"""Bytes that a secret has at least."""

NOT_OF_THE_QUERY = frozenset({"take", "skip", "cursor", "seek", "include", "select", "projection", "columns", "total"})
"""Arguments that may change between the pages of a query."""


class Tokens:
    """The tokens of one query."""

    def __init__(self, engine: Engine, context: OperationContext, model: Model, arguments: Mapping[str, Any]) -> None:
        """Errors: ArgumentError, for a query that is none or whose order has no keys."""
        said = {name: value for name, value in arguments.items() if name not in NOT_OF_THE_QUERY}
        walk = Walk(engine, context)
        try:
            condition, order, _, distinct, _ = query_shape(walk, model, {**said, "seek": {}})
        except ArgumentError as error:
            error.model = error.model or model.name
            raise
        of_scopes = {slot for slots in walk.of_scopes for slot in slots}
        values = [value for slot, value in enumerate(walk.values) if slot not in of_scopes]
        text = repr((model.name, condition, order, distinct, values))
        self._digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=DIGEST_BYTES).digest()
        self._codecs = [engine.codec(field) for field in key_fields(engine, model, order)]
        self._secrets = engine.kept(_secrets)
        self._engine, self._context, self._model, self._order = engine, context, model, order

    def write(self, place: Sequence[Any]) -> str:
        """The token of a row with these values of the order's keys."""
        forms = [None if value is None else codec.json(value) for codec, value in zip(self._codecs, place, strict=True)]
        kind = SIGNED if self._secrets else CHECKED
        body = json.dumps(forms, ensure_ascii=False, separators=(",", ":")).encode()
        sealed = bytes((VERSION, kind)) + self._digest + body
        seal = _signature(self._secrets[0], sealed) if self._secrets else _checksum(sealed)
        return base64.urlsafe_b64encode(sealed + seal).rstrip(b"=").decode("ascii")

    def read(self, token: Any, name: str) -> list[Any]:
        """The values of a token. `name`: the argument it was given as. Errors: PageTokenError."""
        try:
            values = self._values(self._opened(token))
            # Whoever can make tokens can put into them what no column holds.
            seek_shape(Walk(self._engine, self._context), self._model, self._order, {"after": values})
            return values
        except ArgumentError as error:
            found = error if isinstance(error, PageTokenError) else PageTokenError(f"{_BROKEN} ({error.message})")
            found.model, found.path = self._model.name, (name,)
            raise found from None

    def _opened(self, token: Any) -> bytes:
        """The values of a token as JSON, after everything else has been judged."""
        raw = _decoded(token)
        if len(raw) < HEAD_BYTES:
            raise PageTokenError(_BROKEN)
        version, kind = raw[0], raw[1]
        if version != VERSION:
            raise PageTokenError(f"{_BROKEN}; its version would be {version}, and {VERSION} is the one that is read")
        if kind not in SEAL_BYTES or len(raw) < HEAD_BYTES + SEAL_BYTES[kind]:
            raise PageTokenError(_BROKEN)
        sealed, seal = raw[: -SEAL_BYTES[kind]], raw[-SEAL_BYTES[kind] :]
        self._judge(kind, sealed, seal)
        if sealed[2:HEAD_BYTES] != self._digest:
            raise PageTokenError(
                "the token belongs to another query: model, where, search, order, distinct and the scopes that apply must be those of "
                "the page it came from; only limit, include and what is selected may change"
            )
        return sealed[HEAD_BYTES:]

    def _judge(self, kind: int, sealed: bytes, seal: bytes) -> None:
        if kind == CHECKED:
            if not hmac.compare_digest(_checksum(sealed), seal):
                raise PageTokenError(_BROKEN)
            if self._secrets:
                raise PageTokenError(
                    "the token is not signed, and this client has a secret that its tokens are signed with"
                )
        elif not self._secrets:
            raise PageTokenError("the token is signed, and this client has no secret: give it token_secret")
        elif not any(hmac.compare_digest(_signature(secret, sealed), seal) for secret in self._secrets):
            raise PageTokenError("the token was changed, or signed with a secret that this client has not")

    def _values(self, body: bytes) -> list[Any]:
        try:
            forms = json.loads(body)
        except (ValueError, RecursionError):
            raise PageTokenError(_BROKEN) from None
        if not isinstance(forms, list) or len(forms) != len(self._codecs):
            raise PageTokenError(_BROKEN)
        return [None if form is None else codec.parse(form) for codec, form in zip(self._codecs, forms, strict=True)]


_BROKEN = "this is no token of a page, or not all of one: give it as the page gave it, or begin again with after=None"


def _decoded(token: Any) -> bytes:
    if not isinstance(token, str):
        raise PageTokenError(f"expected the token of a page, a text, got {type(token).__name__}")
    try:
        # What base64 does not know it would pass over.
        return base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise PageTokenError(_BROKEN) from None


def _checksum(sealed: bytes) -> bytes:
    return hashlib.blake2b(sealed, digest_size=SEAL_BYTES[CHECKED]).digest()


def _signature(secret: bytes, sealed: bytes) -> bytes:
    return hmac.digest(secret, sealed, "sha256")[: SEAL_BYTES[SIGNED]]


def _secrets(engine: Engine) -> tuple[bytes, ...]:
    """The secrets of a client: tokens are signed with the first, and taken when signed with any. Errors: ConfigurationError."""
    given = engine.token_secret
    if given is None:
        given = variable(SECRET_VARIABLE)
    if given is None:
        return ()
    secrets = tuple(secret.encode() for secret in ([given] if isinstance(given, str) else given))
    if not secrets or any(len(secret) < LEAST_SECRET for secret in secrets):
        raise ConfigurationError(
            f"the secret of tokens has at least {LEAST_SECRET} characters; no secret at all is None"
        )
    return secrets
