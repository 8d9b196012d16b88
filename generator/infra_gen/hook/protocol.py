"""What Prisma's CLI says to a generator, and what it is answered: JSON-RPC 2.0, one object a line. Pure; may import `failure`.

The rules: https://www.jsonrpc.org/specification; the methods and their parameters are those of `@prisma/generator` 5 to 7.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from infra_gen.failure import Failure

UNKNOWN_METHOD = -32601
INVALID_PARAMETERS = -32602
FAILED = -32000
"""JSON-RPC's codes; the last is for what went wrong in doing what was asked."""


class UnreadableRequestError(Failure):
    """A line that is no request: there is no id to answer it by."""


class RefusedRequestError(Failure):
    """A request that is not one of Prisma's 5 to 7. `code`: JSON-RPC's."""

    def __init__(self, code: int, message: str) -> None:
        self.code = code
        super().__init__(message)


class Request(NamedTuple):
    """One line that came in."""

    id: int
    method: str
    params: Mapping[str, Any]


class Generate(NamedTuple):
    """What is to be generated."""

    schema: str
    """The path of the schema: a file, or the folder of one of several files."""
    generator: str
    """The name of the `generator` block that runs."""
    datamodel: Any
    """What Prisma read in the schema, of its DMMF; None where the request does not have it."""


def read_request(line: bytes) -> Request:
    """The request that a line holds. Errors: UnreadableRequestError."""
    try:
        value = json.loads(line)
    except ValueError:
        value = None
    match value:
        case {"id": int(number), "method": str(method)} if isinstance(value.get("params", {}), dict):
            return Request(number, method, value.get("params", {}))
    raise UnreadableRequestError(
        f"A line on stdin is no request of Prisma's: {line[:80]!r}. Started with no arguments and PRISMA_GENERATOR_INVOCATION in the "
        "environment, infra-gen is the generator of `prisma generate`; give it a command, as in `infra-gen generate`, to run it "
        "yourself."
    )


def names_output(request: Request) -> bool:
    """Does the block of a `getManifest` request say where the output goes?"""
    return bool(request.params.get("output"))


def read_generate(request: Request) -> Generate:
    """What a `generate` request asks for. Errors: RefusedRequestError where it does not say so."""
    match request.params:
        case {"schemaPath": str(schema), "generator": {"name": str(name)}}:
            dmmf = request.params.get("dmmf")
            return Generate(schema, name, dmmf.get("datamodel") if isinstance(dmmf, dict) else None)
    raise RefusedRequestError(
        INVALID_PARAMETERS,
        "This version of Prisma says in another way where the schema is than Prisma 5 to 7 do. Run `infra-gen generate`, which needs "
        "no Prisma.",
    )


def unknown_method(request: Request) -> RefusedRequestError:
    """For a method that generators do not have."""
    return RefusedRequestError(
        UNKNOWN_METHOD, f"A generator has no method `{request.method}`: it has getManifest and generate."
    )


def manifest(version: str, default_output: str | None) -> dict[str, Any]:
    """The result of `getManifest`.

    It names no engine: none is needed, and Prisma 7 fails for one that is.

    Args:
        default_output: where the output goes when the block does not say; Prisma refuses to run without either.
    """
    told = {"prettyName": "infra-gen", "version": version}
    return {"manifest": told if default_output is None else {**told, "defaultOutput": default_output}}


def answer(request: Request, result: Any) -> bytes:
    """The line that answers a request."""
    return _line({"jsonrpc": "2.0", "id": request.id, "result": result})


def refusal(request: Request, message: str, code: int = FAILED) -> bytes:
    """The line that answers a request with an error: Prisma shows its message, and exits with 1."""
    return _line({"jsonrpc": "2.0", "id": request.id, "error": {"code": code, "message": message, "data": {}}})


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value).encode() + b"\n"
