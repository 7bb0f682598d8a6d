"""A page for the clinic's screen from which a phone is let in: two codes to scan, trust first, then open."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Final

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse

from auscult.api import qr
from auscult.api.callers import ServicesOf, Staff, needs
from auscult.domain.access import Scope
from auscult.domain.errors import NotFoundError
from auscult.flows import access

router = APIRouter(dependencies=[Depends(needs(Scope.CLINIC))])

_PAGE: Final = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Use a phone · Auscult</title></head>
<body><main>
<h1>Use a phone <span lang="hi">· फ़ोन इस्तेमाल करें</span></h1>
<h2>1. Trust this clinic, once <span lang="hi">· एक बार इस क्लिनिक पर भरोसा करें</span></h2>
{trust}
<p><code>{trust_address}</code></p>
<p>The phone shows this fingerprint: <span lang="hi">फ़ोन पर यही फ़िंगरप्रिंट दिखेगा:</span></p>
<p><code>{fingerprint}</code></p>
<h2>2. Open Auscult, signed in as {name} <span lang="hi">· Auscult खोलें</span></h2>
{opened}
<p>Good once, for 15 minutes. Whoever scans it is you: show it to nobody else.
<span lang="hi">एक बार, 15 मिनट तक मान्य। इसे स्कैन करने वाला आपके नाम से काम करेगा: किसी और को न दिखाएँ।</span></p>
</main></body></html>"""


@dataclass(frozen=True, slots=True)
class Phones:
    """How a phone in the local network comes in: where the app is, where trust is to be had, and in what."""

    app: str
    trust: str
    fingerprint: str


@router.get("/phone", tags=["access"], include_in_schema=False)
async def page(request: Request, actor: Staff, services: ServicesOf) -> Response:
    """Both codes; the second signs the phone in as whoever looks at this page."""
    phones: Phones | None = getattr(request.app.state, "phones", None)
    if phones is None:
        raise NotFoundError(
            "No phone can come in: the clinic is not served to the local network.",
            remedy="Connect this machine to the network and start it with `auscult up --lan`.",
        )
    token = await access.make_link_for(services, actor)
    body = _PAGE.format(
        trust=qr.svg(phones.trust, "Trust this clinic"),
        trust_address=escape(phones.trust),
        fingerprint=phones.fingerprint,
        name=escape(actor.name),
        opened=qr.svg(f"{phones.app}/sign-in?token={token}", "Open Auscult"),
    )
    return HTMLResponse(body, headers={"Cache-Control": "no-store"})
