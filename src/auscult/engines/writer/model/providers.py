"""Opens a connection to a language model, for one note; closed with it. The only file that knows the vendors' clients.

Vendors' clients retry on their own by default: switched off, as the breaker and the chain decide that.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import TYPE_CHECKING, Final

from auscult.domain.errors import EngineMissingError
from auscult.engines.writer.model.configuration import ModelAddress

if TYPE_CHECKING:
    import httpx2
    from botocore.client import BaseClient
    from pydantic_ai.models import Model

CONNECT_SECONDS: Final = 4.0
_NO_KEY: Final = "not-needed"
"""What a server on a private network is sent as a key when none is set: the client insists on one."""


def missing(address: ModelAddress, environment: Mapping[str, str] = os.environ) -> EngineMissingError | None:
    """What is not there to ask this model, as far as this machine's settings tell; None when nothing is missing."""
    if address.vendor == "openai" and not address.inside and not environment.get("OPENAI_API_KEY"):
        return _missing("OPENAI_API_KEY", "the API keys page of the provider's console")
    if address.vendor == "google" and not address.inside and _google_key(environment) is None:
        return _missing("GOOGLE_API_KEY", "Google AI Studio (aistudio.google.com, `Get API key`)")
    if address.vendor == "bedrock":
        return _region_missing()
    return None


def _missing(variable: str, where: str) -> EngineMissingError:
    return EngineMissingError(
        f"{variable} is not set.", remedy=f"Get a key at {where} and set {variable} in the server's environment."
    )


def _google_key(environment: Mapping[str, str]) -> str | None:
    return environment.get("GOOGLE_API_KEY") or environment.get("GEMINI_API_KEY")


def _region_missing() -> EngineMissingError | None:
    import boto3
    from botocore.exceptions import BotoCoreError

    with suppress(BotoCoreError):  # a broken configuration names no region either
        if os.environ.get("AWS_REGION") or boto3.Session().region_name:
            return None
    return EngineMissingError(
        "No AWS region is set.",
        remedy="Set AWS_REGION to a region where the model is enabled in Bedrock, such as ap-southeast-2.",
    )


def _no_credentials() -> EngineMissingError:
    return EngineMissingError(
        "There are no AWS credentials.",
        remedy="Run `aws configure`, give this machine a role, or set AWS_BEARER_TOKEN_BEDROCK"
        " (Bedrock console, `API keys`); the role needs bedrock:InvokeModel.",
    )


@asynccontextmanager
async def opened(address: ModelAddress, seconds: float) -> AsyncIterator[Model]:
    """The model, ready to be asked; `seconds` is the most that one request may take.

    Raises `EngineMissingError` when a key or a library is not there.
    """
    lacking = missing(address)
    if lacking is not None:
        raise lacking
    connect = {"openai": _openai, "google": _google, "bedrock": _bedrock}[address.vendor]
    async with AsyncExitStack() as stack:
        try:
            model = await stack.enter_async_context(connect(address, seconds))
        except EngineMissingError:
            raise
        except ImportError as error:
            raise EngineMissingError(
                "The libraries for language models are not installed.", remedy="Install Auscult again."
            ) from error
        except (
            Exception
        ) as error:  # a broken AWS profile, a certificate store that cannot be read: nothing was sent yet
            raise EngineMissingError(
                "The connection to the language model cannot be set up.",
                remedy="Check AUSCULT_WRITER and this machine's proxy, certificates and AWS configuration.",
            ) from error
        yield model


@asynccontextmanager
async def _openai(address: ModelAddress, seconds: float) -> AsyncIterator[Model]:
    from openai import AsyncOpenAI
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    key = os.environ.get("OPENAI_API_KEY")
    async with (
        _http(address, seconds) as http,
        AsyncOpenAI(
            base_url=address.url or None, api_key=key or _NO_KEY, max_retries=0, timeout=seconds, http_client=http
        ) as client,
    ):
        yield OpenAIChatModel(address.model, provider=OpenAIProvider(openai_client=client))


@asynccontextmanager
async def _google(address: ModelAddress, seconds: float) -> AsyncIterator[Model]:
    from pydantic_ai.models.google import GoogleModel
    from pydantic_ai.providers.google import GoogleProvider

    key = _google_key(os.environ) or _NO_KEY
    async with _http(address, seconds) as http:
        provider = GoogleProvider(api_key=key, base_url=address.url or None, http_client=http)
        yield GoogleModel(address.model, provider=provider)


@asynccontextmanager
async def _bedrock(address: ModelAddress, seconds: float) -> AsyncIterator[Model]:
    import boto3
    from botocore.config import Config
    from pydantic_ai.models.bedrock import BedrockConverseModel
    from pydantic_ai.providers.bedrock import BedrockProvider

    def connect() -> BaseClient:  # service descriptions are read from disk, and a role's credentials over the network
        session = boto3.Session(region_name=os.environ.get("AWS_REGION"))
        if not os.environ.get("AWS_BEARER_TOKEN_BEDROCK") and session.get_credentials() is None:
            raise _no_credentials()
        client: BaseClient = session.client(
            "bedrock-runtime",
            endpoint_url=address.url or None,
            config=Config(read_timeout=seconds, connect_timeout=CONNECT_SECONDS, retries={"total_max_attempts": 1}),
        )
        return client

    connected = await asyncio.to_thread(connect)
    try:
        yield BedrockConverseModel(address.model, provider=BedrockProvider(bedrock_client=connected))
    finally:
        connected.close()


def _http(address: ModelAddress, seconds: float) -> httpx2.AsyncClient:
    """A client that goes through the machine's proxy, except to an address inside."""
    import httpx2

    return httpx2.AsyncClient(
        timeout=httpx2.Timeout(seconds, connect=CONNECT_SECONDS), trust_env=not address.inside, follow_redirects=False
    )
