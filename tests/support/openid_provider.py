"""An OpenID Connect provider on loopback that speaks the documented wire format, and lies when a test says how."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.support.patience import until

CLIENT_ID, CLIENT_SECRET = "auscult", "a secret between the two"


class LoopbackProvider:
    """Lets everybody in at once as `claims` say; `lie` changes what it hands out."""

    def __init__(self) -> None:
        self.issuer = ""
        self.claims: dict[str, Any] = {"sub": "248289761001", "email": "mere@clinic.example", "email_verified": True}
        self.lie = ""
        self._key = RSAKey.generate_key(2048, {"kid": "one"})
        self._codes: dict[str, dict[str, str]] = {}
        self.app = Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._configuration),
                Route("/authorize", self._authorize),
                Route("/token", self._token, methods=["POST"]),
                Route("/keys", self._keys),
            ]
        )

    async def _configuration(self, _request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
            }
        )

    async def _authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT_ID
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = f"code{len(self._codes)}"
        self._codes[code] = asked
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}")

    async def _token(self, request: Request) -> Response:
        sent = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
        who = b64decode(credentials).decode() if scheme == "Basic" else ""
        asked = self._codes.pop(sent.get("code", ""), None)
        digest = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        if (
            asked is None
            or who.split(":")[0] != CLIENT_ID
            or urlsafe_b64encode(digest).decode().rstrip("=") != asked["code_challenge"]
            or sent.get("redirect_uri") != asked["redirect_uri"]
        ):
            return JSONResponse({"error": "invalid_grant"}, status_code=400)
        return JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": self._id_token(asked["nonce"])})

    def _id_token(self, nonce: str) -> str:
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": nonce, **self.claims}
        match self.lie:
            case "another audience":
                claims["aud"] = "another client"
            case "another issuer":
                claims["iss"] = "https://attacker.example"
            case "another nonce":
                claims["nonce"] = "replayed"
            case "expired":
                claims |= {"iat": now - 7200, "exp": now - 3600}
            case "unsigned":
                header = urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
                body = jwt.encode({"alg": "RS256"}, claims, self._key).split(".")[1]
                return f"{header}.{body}."
            case "signed with the public key":
                return _confused(claims, self._key.as_pem(private=False))
            case "another key":
                return jwt.encode({"alg": "RS256", "kid": "one"}, claims, RSAKey.generate_key(2048))
            case "no token":
                return ""
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, self._key)

    async def _keys(self, _request: Request) -> Response:
        return JSONResponse({"keys": [self._key.as_dict(private=False)]})


def _confused(claims: dict[str, Any], public: bytes) -> str:
    """A token whose MAC was made with the public key: no library of today signs it, so it is signed by hand."""
    parts = (json.dumps(part).encode() for part in ({"alg": "HS256", "kid": "one"}, claims))
    signed = ".".join(urlsafe_b64encode(part).decode().rstrip("=") for part in parts)
    mac = hmac.digest(public, signed.encode(), "sha256")
    return f"{signed}.{urlsafe_b64encode(mac).decode().rstrip('=')}"


@asynccontextmanager
async def loopback_provider() -> AsyncIterator[LoopbackProvider]:
    """Run one on a free port."""
    provider = LoopbackProvider()
    server = uvicorn.Server(uvicorn.Config(provider.app, port=0, log_config=None, lifespan="off"))
    serving = asyncio.create_task(server.serve())
    try:
        await until(lambda: server.started, what="the provider's start")
        provider.issuer = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        yield provider
    finally:
        server.should_exit = True
        await serving
