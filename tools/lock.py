"""Pin every package: `requirements.lock` to run, `requirements-dev.lock` to work, `requirements-uv.lock` to install.

The same versions go into `[tool.uv]` of pyproject.toml as constraints, so that `uv run auscult up`, which resolves for
itself, comes to what `make run` installs. The lock files hold hashes and no addresses: whoever installs decides where
packages come from. `--upgrade` takes the newest versions that pyproject.toml allows; without it, what is pinned stays.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

BEGIN = "# pins, written by `make lock`: begin"
END = "# pins, written by `make lock`: end"
SUPPORTED = "python_full_version < '3.15' and sys_platform != 'win32'"
"""`environments` in `[tool.uv]`. True wherever the project installs, so it need not stand beside every package."""

_PINS = re.compile(re.escape(BEGIN) + r"\n.*?" + re.escape(END) + r"\n", re.DOTALL)
_BROWSER_ONLY = re.compile(r"^\S+ ; [^\n]*== 'emscripten'[^\n]*\n(?:    --hash[^\n]*\n)+", re.MULTILINE)
"""Requirements of Python inside a browser, with their hashes."""


def simplified(lock: str) -> str:
    """Return a lock's text without the conditions that hold on every supported machine."""
    lock = lock.replace(f" ; {SUPPORTED} \\\n", " \\\n")
    lock = lock.replace(" and sys_platform != 'win32'", "").replace("python_full_version < '3.15' and ", "")
    return _BROWSER_ONLY.sub("", lock)


def pins(lock: str) -> list[str]:
    """Return a lock's requirements, `name==version` and its condition if it has one, without hashes."""
    return [line.removesuffix("\\").strip() for line in lock.splitlines() if line and not line.startswith((" ", "#"))]


def constraints(lock: str) -> list[str]:
    """Return a lock's requirements as constraints: with a condition only where one package has several versions."""
    every = pins(lock)
    names = Counter(pin.split("==")[0] for pin in every)
    return [pin if names[pin.split("==")[0]] > 1 else pin.split(" ;")[0] for pin in every]


def with_pins(pyproject: str, packages: Iterable[str], build: Iterable[str]) -> str:
    """Return pyproject.toml's text with the block of pins replaced."""
    block = "\n".join(
        (
            BEGIN,
            "constraint-dependencies = [",
            *(f'  "{pin}",' for pin in packages),
            "]",
            "build-constraint-dependencies = [",
            *(f'  "{pin}",' for pin in build),
            "]",
            END,
            "",
        )
    )
    changed, found = _PINS.subn(lambda _: block, pyproject)
    if found != 1:
        raise SystemExit("pyproject.toml has lost the two lines between which the pins are written.")
    return changed


def compile_lock(folder: Path, output: str, *arguments: str) -> str:
    """Resolve in `folder` into `output`, preferring what that file holds already; returns its text."""
    uv = subprocess.run(["sh", "tools/uv.sh"], check=True, capture_output=True, text=True).stdout.strip()
    command = [uv, "pip", "compile", "--quiet", "--universal", "--generate-hashes", "--no-header", "--no-annotate"]
    subprocess.run([*command, "--python-version", "3.11", *arguments, "--output-file", output], cwd=folder, check=True)
    return (folder / output).read_text()


def main() -> int:
    """Write the three lock files and the block in pyproject.toml."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions allowed")
    upgrade = ["--upgrade"] if parser.parse_args().upgrade else []

    pyproject = Path("pyproject.toml").read_text()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "pyproject.toml").write_text(with_pins(pyproject, [], []))
        for lock in ("requirements-dev.lock", "requirements-uv.lock"):
            if Path(lock).is_file():
                shutil.copy(lock, folder)
        everything = compile_lock(folder, "requirements-dev.lock", "pyproject.toml", "--group", "dev", *upgrade)
        shutil.copy(folder / "requirements-dev.lock", folder / "requirements.lock")  # so that both agree
        running = compile_lock(folder, "requirements.lock", "pyproject.toml", "--group", "web")
        for tool in ("uv", "hatchling"):
            (folder / f"{tool}.in").write_text(f"{tool}\n")
        installer = compile_lock(folder, "requirements-uv.lock", "uv.in", *upgrade)
        build = compile_lock(folder, "build.lock", "hatchling.in", *upgrade)

    for name, text in (("-dev", everything), ("", running), ("-uv", installer)):
        Path(f"requirements{name}.lock").write_text(f"# Written by `make lock`; do not edit.\n{simplified(text)}")
    build_pins = constraints(simplified(build))
    Path("pyproject.toml").write_text(with_pins(pyproject, constraints(simplified(everything)), build_pins))
    counts = [len(pins(simplified(text))) for text in (everything, running)]
    print(f"{counts[0]} packages pinned, {counts[1]} of them needed to run.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
