"""The HTTP application on a real socket: for streams, and for what no well-behaved client would send."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn

from auscult.api.app import create_app
from auscult.clinic import Clinic
from tests.support.patience import until


@asynccontextmanager
async def served(clinic: Clinic) -> AsyncIterator[int]:
    """Serve a clinic on a free port of this machine, which is yielded."""
    config = uvicorn.Config(
        create_app(clinic), port=0, log_config=None, lifespan="off", server_header=False, timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    try:
        await until(lambda: server.started, what="the server's start")
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await serving
