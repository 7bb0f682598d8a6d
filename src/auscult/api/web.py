"""The built web app under /app/: hashed assets are kept by the browser for good, everything else is asked for again."""

from __future__ import annotations

import asyncio
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from auscult.domain.errors import NotFoundError


class _WholeFile(FileResponse):
    """A file of the app. A Range is passed over, as a server may (RFC 9110, 14.2): a broken one is no fault of ours."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it whole."""
        headers = [(name, value) for name, value in scope["headers"] if name != b"range"]
        await super().__call__({**scope, "headers": headers}, receive, send)


def _file(folder: Path, path: str) -> Path | None:
    found = (folder / path).resolve()
    return found if path and found.is_file() and found.is_relative_to(folder.resolve()) else None


_NOT_BUILT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Auscult</title>
<h1>The web app is not built yet</h1><p>Run <code>auscult up</code> from the checkout: it builds the app first.</p>"""


def mount(app: FastAPI) -> None:
    """Serve the folder in `app.state.web` (set before the first request) under /app/."""

    @app.get("/app", include_in_schema=False)
    async def redirect() -> Response:
        return RedirectResponse("/app/", status_code=308)

    @app.get("/app/{path:path}", include_in_schema=False)
    async def page(path: str, request: Request) -> Response:
        folder: Path | None = getattr(request.app.state, "web", None)
        index = None if folder is None else await asyncio.to_thread(_file, folder, "index.html")
        if folder is None or index is None:
            return HTMLResponse(_NOT_BUILT, status_code=503)
        found = await asyncio.to_thread(_file, folder, path)
        if found is not None:
            hashed = path.startswith("assets/")
            cache = "public, max-age=31536000, immutable" if hashed else "no-cache"
            return _WholeFile(found, headers={"Cache-Control": cache, "Accept-Ranges": "none"})
        if path.startswith("assets/") or "." in path.rpartition("/")[2]:
            raise NotFoundError("There is no such file.")
        return _WholeFile(index, headers={"Cache-Control": "no-cache", "Accept-Ranges": "none"})
