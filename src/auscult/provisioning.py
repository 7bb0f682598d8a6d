"""What an operator asks about engines: what each role is bound to, what is missing, and getting it."""

from __future__ import annotations

from typing import Literal

from auscult.domain.model import Value


class RoleReport(Value):
    """What one role is bound to; `missing` is None, or one sentence with the command that gets it."""

    role: str
    bound: str
    model: str = ""
    demo_quality: bool = False
    missing: str | None = None


class WhisperSizeReport(Value):
    """One Whisper size: megabytes to download, whether it is here, whether it fits this machine."""

    size: str
    download_mb: int
    provisioned: bool
    fits: bool


class WhisperReport(Value):
    """This machine, and the Whisper sizes for it."""

    hardware: str
    suggested: str
    sizes: tuple[WhisperSizeReport, ...]


class PullState(Value):
    """A model download under way, or how the last one ended."""

    size: str
    fraction: float = 0.0
    status: Literal["running", "done", "failed", "cancelled"] = "running"
    reason: str = ""
    remedy: str = ""
