"""OpenID Connect: asking a provider who somebody is, and believing its answer only as far as it can be checked.

The code flow with PKCE, state and nonce: https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowAuth,
https://www.rfc-editor.org/rfc/rfc7636. ID tokens are taken under the provider's published keys and these algorithms
alone, never `none` (RFC 8725).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import httpx
from authlib.integrations.httpx_client import AsyncOAuth2Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from auscult.domain.errors import UnauthenticatedError, UnavailableError

ALGORITHMS: Final = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "Ed25519",
    "EdDSA",
)
LEEWAY: Final = 60
"""Seconds that a provider's clock may be off."""
TIMEOUT: Final = 10.0
"""Seconds that a provider may take."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is at a provider: `subject` never changes, `email` is empty unless the provider has verified it."""

    issuer: str
    subject: str
    email: str = ""
    name: str = ""


class OpenIdProvider:
    """One provider, found by its issuer's address when it is first asked."""

    def __init__(
        self,
        issuer: str,
        client_id: str,
        client_secret: str,
        name: str,
        now: Callable[[], datetime],
        *,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """Nothing is asked yet; `name` is what the button says."""
        self.issuer = issuer.rstrip("/")
        self.name = name
        self._client_id, self._client_secret = client_id, client_secret
        self._now = now
        self._transport = transport
        self._found: dict[str, Any] | None = None

    async def address(self, *, redirect_uri: str, state: str, nonce: str, verifier: str) -> str:
        """Where to send the browser. Raises `UnavailableError` when the provider does not answer."""
        found = await self._discovered()
        async with self._client(redirect_uri) as client:
            url, _state = client.create_authorization_url(
                found["authorization_endpoint"], state=state, code_verifier=verifier, nonce=nonce
            )
        return str(url)

    async def identity(self, *, redirect_uri: str, code: str, nonce: str, verifier: str) -> Identity:
        """Who came back with this code.

        Raises `UnauthenticatedError` when the provider does not vouch for them, `UnavailableError` when it is silent.
        """
        found = await self._discovered()
        refused = UnauthenticatedError("The provider did not confirm who you are.", remedy="Sign in again.")
        try:
            async with self._client(redirect_uri) as client:
                answer = await client.fetch_token(
                    found["token_endpoint"], grant_type="authorization_code", code=code, code_verifier=verifier
                )
                keys = (await client.request("GET", found["jwks_uri"], withhold_token=True)).json()
            claims = jwt.decode(answer["id_token"], KeySet.import_key_set(keys), algorithms=list(ALGORITHMS)).claims
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise _silent() from error
        except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise refused from error
        except Exception as error:  # authlib names its refusals of an answer in several trees
            if type(error).__module__.startswith("authlib"):
                raise refused from error
            raise
        if not self._holds(claims, nonce):
            raise refused
        verified = claims.get("email_verified") is True
        return Identity(
            issuer=self.issuer,
            subject=str(claims["sub"]),
            email=str(claims.get("email", "")) if verified else "",
            name=str(claims.get("name", "")),
        )

    def _holds(self, claims: dict[str, Any], nonce: str) -> bool:
        """OpenID Connect Core 1.0, section 3.1.3.7."""
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        now = self._now().timestamp()
        times = (claims.get("exp"), claims.get("iat"))
        return (
            str(claims.get("iss", "")).rstrip("/") == self.issuer
            and self._client_id in audiences
            and (len(audiences) == 1 or claims.get("azp") == self._client_id)
            and claims.get("nonce") == nonce
            and isinstance(claims.get("sub"), str)
            and 0 < len(claims["sub"]) <= 255
            and all(isinstance(one, int | float) and not isinstance(one, bool) for one in times)
            and now < claims["exp"] + LEEWAY
            and claims["iat"] <= now + LEEWAY
        )

    async def _discovered(self) -> dict[str, Any]:
        if self._found is None:
            try:
                async with httpx.AsyncClient(transport=self._transport, timeout=TIMEOUT) as client:
                    answer = await client.get(f"{self.issuer}/.well-known/openid-configuration")
                found = answer.raise_for_status().json()
                named = [str(found[name]) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
                right = str(found["issuer"]).rstrip("/") == self.issuer
            except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError) as error:
                raise _silent() from error
            if not right or not all(one.startswith(("https://", "http://127.0.0.1", "http://[::1]")) for one in named):
                raise _silent()
            self._found = found
        return self._found

    def _client(self, redirect_uri: str) -> AsyncOAuth2Client:
        return AsyncOAuth2Client(
            client_id=self._client_id,
            client_secret=self._client_secret,
            scope="openid email profile",
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
            transport=self._transport,
            timeout=TIMEOUT,
        )


def _silent() -> UnavailableError:
    return UnavailableError(
        "The sign-in provider does not answer as it should.",
        remedy="Sign in with your password or a one-time link, and tell the operator to check AUSCULT_OIDC_ISSUER.",
    )
