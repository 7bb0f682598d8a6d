"""What a phone is given before it trusts the clinic: the authority's certificate, and how to install it. No more.

It is served without TLS, since the phone has no reason yet to believe ours, so it holds nothing that is secret, and
says how to find out whether it is the right one: the fingerprint beside which the clinic's own screen shows the same.
"""

from __future__ import annotations

import plistlib
import uuid
from base64 import b64encode
from hashlib import sha256
from html import escape
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from auscult.api.hosts import host_of
from auscult.trust.authority import Authority

CERTIFICATE: Final = "/auscult-ca.crt"
PROFILE: Final = "/auscult-ca.mobileconfig"
_STYLE: Final = (
    ":root{color-scheme:light dark}"
    "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:0 auto;padding:1rem;background:#fff;color:#111}"
    "code{overflow-wrap:anywhere}a{display:inline-block;padding:.75rem 0;color:#0b57d0}section{margin-bottom:3rem}"
    "@media(prefers-color-scheme:dark){body{background:#111;color:#eee}a{color:#8ab4f8}}"
)
_PAGE: Final = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Trust this clinic · Auscult</title>
<style>{style}</style></head><body><main>
<section><h1>Trust this clinic on your phone</h1>
<p>Needed once, so that the phone may use its microphone here. The certificate works for private addresses only.</p>
<p>First compare this fingerprint with the one on the clinic's computer. If they differ, stop and tell somebody.</p>
<p><code>{fingerprint}</code></p>
<h2>Android (Chrome)</h2><ol>
<li><a href="{certificate}">Download the certificate</a></li>
<li>Open Settings and search for “CA certificate”
(Security → Encryption &amp; credentials → Install a certificate).</li>
<li>Choose “CA certificate”, then “Install anyway”, and the file auscult-ca.crt.</li></ol>
<h2>iPhone and iPad (Safari)</h2><ol>
<li><a href="{profile}">Download the profile</a> and allow it.</li>
<li>Settings → Profile Downloaded → Install.</li>
<li>Settings → General → About → Certificate Trust Settings: switch “{name}” on.</li></ol>
<h2>Then</h2><p>Scan the second code on the clinic's computer, or <a href="{app}">open Auscult</a>.</p></section>
<section lang="hi"><h1>अपने फ़ोन पर इस क्लिनिक पर भरोसा करें</h1>
<p>यह एक ही बार करना है, ताकि फ़ोन यहाँ माइक्रोफ़ोन इस्तेमाल कर सके। यह प्रमाणपत्र केवल निजी पतों के लिए काम करता है।</p>
<p>पहले इस फ़िंगरप्रिंट को क्लिनिक के कंप्यूटर पर दिख रहे फ़िंगरप्रिंट से मिलाएँ। अगर दोनों अलग हों, तो रुकें और किसी को बताएँ।</p>
<p><code>{fingerprint}</code></p>
<h2>Android (Chrome)</h2><ol>
<li><a href="{certificate}">प्रमाणपत्र डाउनलोड करें</a></li>
<li>सेटिंग खोलें और “CA प्रमाणपत्र” खोजें (सुरक्षा → एन्क्रिप्शन और क्रेडेंशियल → प्रमाणपत्र इंस्टॉल करें)।</li>
<li>“CA प्रमाणपत्र” चुनें, फिर “फिर भी इंस्टॉल करें”, और फ़ाइल auscult-ca.crt चुनें।</li></ol>
<h2>iPhone और iPad (Safari)</h2><ol>
<li><a href="{profile}">प्रोफ़ाइल डाउनलोड करें</a> और अनुमति दें।</li>
<li>सेटिंग → प्रोफ़ाइल डाउनलोड हुई → इंस्टॉल करें।</li>
<li>सेटिंग → सामान्य → परिचय → प्रमाणपत्र भरोसा सेटिंग: “{name}” चालू करें।</li></ol>
<h2>इसके बाद</h2><p>क्लिनिक के कंप्यूटर पर दूसरा कोड स्कैन करें, या <a href="{app}">Auscult खोलें</a>।</p></section>
</main></body></html>"""


def trust_page(authority: Authority, *, port: int) -> Starlette:
    """The application that hands out the authority's certificate; `port` is where the app itself is, encrypted."""
    headers = {
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; "
        f"style-src 'sha256-{b64encode(sha256(_STYLE.encode()).digest()).decode()}'",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }
    profile = _profile(authority)

    async def page(request: Request) -> Response:
        # The phone came by the address that the app has too; a host that is none is answered with a path of ours.
        host = host_of(request.scope)
        address = f"[{host}]" if host and ":" in host else host
        body = _PAGE.format(
            style=_STYLE,
            fingerprint=authority.fingerprint,
            certificate=CERTIFICATE,
            profile=PROFILE,
            name=escape(authority.name),
            app=escape(f"https://{address}:{port}/app/" if address else "/"),
        )
        return HTMLResponse(body, headers=headers)

    async def certificate(_request: Request) -> Response:
        return Response(
            authority.der,
            media_type="application/x-x509-ca-cert",
            headers={**headers, "Content-Disposition": 'attachment; filename="auscult-ca.crt"'},
        )

    async def mobileconfig(_request: Request) -> Response:
        return Response(profile, media_type="application/x-apple-aspen-config", headers=headers)

    async def nothing(_request: Request, _error: Exception) -> Response:
        return PlainTextResponse(
            f"Only the clinic's certificate is here. The app is at https, port {port}.\n", 404, headers=headers
        )

    app = Starlette(
        routes=[
            Route("/", page, methods=["GET"]),
            Route(CERTIFICATE, certificate, methods=["GET"]),
            Route(PROFILE, mobileconfig, methods=["GET"]),
        ],
        exception_handlers={404: nothing, 405: nothing},
    )
    app.router.redirect_slashes = False
    return app


def _profile(authority: Authority) -> bytes:
    """A configuration profile that installs one root.

    https://developer.apple.com/documentation/devicemanagement/certificateroot
    """
    # The same profile each time, so that a second download replaces the first.
    root, whole = (str(uuid.uuid5(uuid.NAMESPACE_OID, f"{authority.fingerprint}/{what}")) for what in ("root", "whole"))
    identifier = f"auscult.{authority.fingerprint.replace(':', '')[:16].lower()}"
    return plistlib.dumps(
        {
            "PayloadType": "Configuration",
            "PayloadVersion": 1,
            "PayloadIdentifier": identifier,
            "PayloadUUID": whole,
            "PayloadDisplayName": authority.name,
            "PayloadDescription": f"Lets this device open the clinic's Auscult. SHA-256 {authority.fingerprint}",
            "PayloadContent": [
                {
                    "PayloadType": "com.apple.security.root",
                    "PayloadVersion": 1,
                    "PayloadIdentifier": f"{identifier}.root",
                    "PayloadUUID": root,
                    "PayloadDisplayName": authority.name,
                    "PayloadContent": authority.der,
                }
            ],
        }
    )
