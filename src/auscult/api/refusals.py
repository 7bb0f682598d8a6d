"""Refusals that only HTTP knows; their statuses stand in `auscult.api.problems` beside those of the domain's errors."""

from __future__ import annotations

from auscult.domain.errors import AuscultError


class MalformedError(AuscultError):
    """The body is not JSON as RFC 8259 has it."""

    code = "malformed"
    title = "Not JSON that can be read"
    remedy = "Send one JSON value in UTF-8, as /openapi.json shows it."


class UnknownHostError(AuscultError):
    """The request names a host that is not ours: perhaps a page that rebinds its own name to our address."""

    code = "unknown_host"
    title = "Unknown host"
    remedy = "Use the address that `auscult up` prints, or set AUSCULT_PUBLIC_URL to the one that callers use."


class PreconditionRequiredError(AuscultError):
    """A change came without the version that it was made from (RFC 6585, section 3)."""

    code = "precondition_required"
    title = "Say which version you change"
    remedy = "Send the `etag` of what you change, as it was last read, in If-Match."
