"""Absolute addresses for clients: the configured public one, else the one that the client itself used."""

from __future__ import annotations

from fastapi import Request

from auscult.api.callers import clinic_of


def absolute(request: Request, path: str) -> str:
    """Make a path of ours absolute; what is absolute already (a presigned URL) stays as it is."""
    if "://" in path:
        return path
    origin = clinic_of(request).settings.public_url or str(request.base_url)
    return origin.rstrip("/") + path
