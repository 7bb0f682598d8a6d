"""JSON bodies: limited while they stream in, and read strictly, before any of them reaches a route."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Coroutine
from typing import Any, Final, NoReturn

from fastapi import Request, Response
from fastapi.routing import APIRoute

from auscult.api import bodies
from auscult.api.refusals import MalformedError
from auscult.domain.errors import TooLargeError, UnsupportedMediaError

MAX_BYTES: Final = 1024 * 1024
"""No request of ours comes near it; recordings do not come as JSON."""
MAX_DEPTH: Final = 32
"""Levels of lists and objects. The deepest body of ours has three."""

_SURROGATE: Final = re.compile(rb"\\u[dD][89a-fA-F]")
_TYPE: Final = re.compile(r"application/(?:json|[a-z0-9.-]+\+json)")
_JSON_REMEDY: Final = "Send JSON in UTF-8 with Content-Type: application/json."


class JsonRequest(Request):
    """A request whose JSON body was read and found good."""

    def __init__(self, request: Request, body: bytes, value: object) -> None:
        super().__init__(request.scope, request.receive)
        self._whole = body
        self._value = value

    async def body(self) -> bytes:
        """The body as it was sent."""
        return self._whole

    async def json(self) -> object:
        """The value that the body holds."""
        return self._value


class JsonRoute(APIRoute):
    """A route that reads the JSON body it declares by the rules of this file."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The framework's handler, given a body that is good, or none."""
        handle = super().get_route_handler()
        if self.body_field is None:
            return handle

        async def handle_json(request: Request) -> Response:
            return await handle(await _read(request))

        return handle_json


async def _read(request: Request) -> JsonRequest:
    """Raises `TooLargeError`, `UnsupportedMediaError`, `MalformedError`."""
    try:
        body = await bodies.whole(request, MAX_BYTES)
    except TooLargeError as error:
        raise TooLargeError(
            "The request's JSON is larger than allowed.",
            remedy=f"Send at most {MAX_BYTES} bytes in one request.",
            extras=error.extras,
        ) from error
    if not body:
        return JsonRequest(request, body, None)  # the route says whether it wants one
    _check_type(request.headers.get("content-type", ""))
    return JsonRequest(request, body, strictly(body))


def _check_type(content_type: str) -> None:
    kind, _, parameters = content_type.lower().partition(";")
    charset = re.search(r"charset\s*=\s*\"?([^\s\";]+)", parameters)
    if _TYPE.fullmatch(kind.strip()) is None or (charset and charset[1] not in {"utf-8", "utf8", "us-ascii"}):
        raise UnsupportedMediaError("This door takes JSON in UTF-8.", remedy=_JSON_REMEDY)


def strictly(body: bytes) -> object:
    """Read one JSON value. What some parsers let pass and others do not (I-JSON, RFC 7493) is refused.

    That is: other encodings than UTF-8, NaN and infinities, a member that is there twice, half of a surrogate pair, and
    deep nesting. Raises `MalformedError`, which repeats nothing of the body.
    """
    try:
        value = json.loads(body.decode("utf-8"), parse_constant=_no_number, object_pairs_hook=_object)
        if _SURROGATE.search(body):
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except MalformedError:
        raise
    except UnicodeDecodeError:
        raise MalformedError("The body is not UTF-8.") from None
    except UnicodeEncodeError:
        raise MalformedError("The body holds half of a character (a lone surrogate).") from None
    except json.JSONDecodeError as error:
        raise MalformedError("The body is not JSON.", extras={"position": error.pos}) from None
    except RecursionError:
        raise MalformedError("The body is nested too deeply.", remedy=f"Nest at most {MAX_DEPTH} levels.") from None
    except ValueError:  # a whole number of thousands of digits
        raise MalformedError("The body holds a number that is too long.") from None
    if _deeper_than(value, MAX_DEPTH):
        raise MalformedError("The body is nested too deeply.", remedy=f"Nest at most {MAX_DEPTH} levels.")
    return value


def _no_number(_name: str) -> NoReturn:
    raise MalformedError("NaN and infinity are not JSON numbers.")


def _object(members: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(members)
    if len(made) != len(members):
        raise MalformedError("An object of the body names a member twice.")
    return made


def _deeper_than(value: object, levels: int) -> bool:
    within = [value] if isinstance(value, (dict, list)) else []
    for _ in range(levels):
        within = [
            inner
            for one in within
            for inner in (one.values() if isinstance(one, dict) else one)
            if isinstance(inner, (dict, list))
        ]
    return bool(within)
