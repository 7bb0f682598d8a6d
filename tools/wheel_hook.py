"""Puts the built web app into the wheel, so that `pip install auscult` needs no Node. Run by hatchling.

Building a wheel builds no app: `make wheel` does both. An editable install takes the app from the checkout.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class WebApp(BuildHookInterface):  # type: ignore[misc]  # hatchling is there while a wheel is built, not for mypy
    """Adds `web/dist` as `auscult/web_dist`, if it was built from the sources beside it."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Say which files go in besides the package; `version` is `standard` or `editable`."""
        if version == "editable":
            return
        sys.path.insert(0, str(Path(self.root) / "src"))
        from auscult.web_build import current_build

        built = current_build(Path(self.root) / "web")
        if built is None:
            self.app.display_warning("This wheel goes without the web app; `make wheel` builds the app first.")
        else:
            build_data["force_include"][str(built)] = "auscult/web_dist"
