"""List the licence of every package that Auscult runs with, and stop at one that is not permitted.

What runs is what `requirements.lock` pins. A licence is read from the installed package (PEP 639 expression, else
classifier, else the old free-text field), and the names of the shared libraries in a wheel are read too, because a
wheel may carry a library whose licence its own does not tell. Whatever is not permissive needs a line in `EXCEPTIONS`
or `LIBRARIES` saying why it may stay; a line that is no longer needed is an error as well.
"""

from __future__ import annotations

import re
import sys
from importlib import metadata
from pathlib import Path

PERMISSIVE = re.compile(r"(?i)MIT|BSD|Apache|ISC|PSF|Python Software Foundation|0BSD|Zlib|CC0|CNRI|Unlicense")
COPYLEFT = re.compile(r"(?i)GPL|Affero|MPL|Mozilla|EPL|EUPL|CDDL|SSPL|BUSL|Commons Clause|Proprietary|CC-BY-(NC|SA)")

EXCEPTIONS = {
    "certifi": "MPL-2.0: the list of certificate authorities, used as it comes",
    "paho-mqtt": "EPL-2.0 or, as we take it, BSD-3-Clause: the MQTT client inside aiomqtt, unmodified",
    "psycopg": "LGPL-3.0: the PostgreSQL driver of the job engine, imported unmodified and replaceable",
    "psycopg-binary": "LGPL-3.0: the compiled part of psycopg, unmodified",
    "tqdm": "MPL-2.0 and MIT: progress bars inside faster-whisper, used as it comes",
}
"""Package → its licence, and why it may stay."""

LIBRARIES = {
    "libx264": "GPL-2.0: in the wheel of PyAV, which is installed from its own package; we decode, it encodes",
    "libx265": "GPL-2.0: as libx264",
}
"""Shared library under the GPL inside a wheel → why it may stay. NOTICE tells whoever passes a wheel on."""

GPL_LIBRARY = re.compile(r"(?i)^(libx264|libx265|libxvidcore|libespeak|libfftw3|libgsl|libreadline|libmupdf)")


def licence_of(package: metadata.Distribution) -> str:
    """Return the licence as the package declares it, or an empty string."""
    fields = package.metadata.json
    declared = fields.get("license_expression")
    if declared:
        return str(declared)
    classifiers = (str(field) for field in fields.get("classifier", []) if str(field).startswith("License ::"))
    named = [field.split(" :: ")[-1] for field in classifiers]
    named = [name for name in named if name not in {"OSI Approved", "DFSG approved"}]
    return ", ".join(named) or str(fields.get("license", "")).strip().split("\n", 1)[0]


def gpl_libraries(package: metadata.Distribution) -> set[str]:
    """Return the names of GPL libraries among a package's files."""
    shared = (Path(str(file)).name for file in package.files or [] if ".so" in file.name or ".dylib" in file.name)
    return {match[1] for name in shared if (match := GPL_LIBRARY.match(name))}


def pinned(lock: Path) -> list[str]:
    """Return the names that a lock file pins, each once."""
    lines = (line for line in lock.read_text().splitlines() if not line.startswith((" ", "#")))
    return sorted({line.split("==")[0] for line in lines if "==" in line})


def verdict(name: str, licence: str) -> str | None:
    """Return what is wrong with a package's licence, or None."""
    if name in EXCEPTIONS:
        return None if COPYLEFT.search(licence) else f"{name}: {licence} needs no exception any more"
    if COPYLEFT.search(licence):
        return f"{name}: {licence} is not permitted without a reason in tools/licences.py"
    if not PERMISSIVE.search(licence):
        return f"{name}: cannot tell what {licence or 'no licence at all'!r} permits"
    return None


def main(arguments: list[str]) -> int:
    """Print the table (unless `--quiet`) and every fault; returns 1 when there is one."""
    faults: list[str] = []
    for name in pinned(Path("requirements.lock")):
        try:
            package = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue  # pinned for another platform or Python
        licence = licence_of(package)
        carried = gpl_libraries(package)
        faults += [f"{name} carries {library} (GPL)" for library in sorted(carried - LIBRARIES.keys())]
        fault = verdict(name, licence)
        faults += [fault] if fault else []
        if "--quiet" not in arguments:
            print(f"{name:28} {package.version:16} {licence}{'  ← ' + EXCEPTIONS[name] if name in EXCEPTIONS else ''}")
    for fault in faults:
        print(fault, file=sys.stderr)
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
