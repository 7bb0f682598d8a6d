"""Check the web app with the Node that comes as a Python package: build, lint, type-check, unit tests.

Run by `make test`; needs no Node on PATH. Exits with the first step's code that is not 0.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from auscult.domain.errors import AuscultError
from auscult.web_build import ensure_built, node_and_npm

WEB = Path("web")
STEPS = ("lint", "typecheck", "test")
"""Scripts of `web/package.json`, in this order; each must exist."""


def run(script: str) -> int:
    """Run a script of `web/package.json`; returns its exit code."""
    node, npm = node_and_npm()
    environment = os.environ | {"PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    return subprocess.run([node, npm, "run", "--silent", script], cwd=WEB, env=environment, check=False).returncode


def main() -> int:
    """Run the steps; returns the exit code."""
    if not (WEB / "node_modules").is_dir():
        shutil.rmtree(WEB / "dist", ignore_errors=True)  # what was built needs no packages any more, the checks do
    try:
        ensure_built(print)
    except AuscultError as error:
        print(f"{error.reason} {error.remedy}", file=sys.stderr)
        return 1
    scripts = json.loads((WEB / "package.json").read_text())["scripts"]
    for step in STEPS:
        if step not in scripts:
            print(f"web/package.json has no script named {step}.", file=sys.stderr)
            return 1
        if code := run(step):
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
