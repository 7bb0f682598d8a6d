"""Every figure of the product, each beside its baseline: `python -m bench [--save] [--only NAME …]`.

Each measurement runs in a process of its own, one after the other; nothing else should run meanwhile.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from bench import page
from bench.figures import Figure, machine, table

MEASUREMENTS = (
    "writer",
    "queue_wait",
    "overhead",
    "job_figures",
    "doors",
    "audited_reads",
    "clinic",
    "memory",
    "workers",
)
RESULTS = Path(__file__).with_name("results.json")


def main() -> int:
    """Measure, print, and save when asked to; 1 when a measurement failed."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--size", choices=["tiny", "default", "full"], default="default")
    parser.add_argument("--only", nargs="+", choices=MEASUREMENTS, default=MEASUREMENTS)
    parser.add_argument("--save", action="store_true", help=f"write {RESULTS.name} and {page.PAGE.name}")
    given = parser.parse_args()
    saved: dict[str, dict[str, object]] = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    failed = False
    for name in given.only:
        busy, start = os.getloadavg()[0], time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", f"bench.{name}", "--json", "--size", given.size],
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        print(f"\n{name}: {time.monotonic() - start:.0f} s; load average before it {busy:.1f}")
        if done.returncode != 0:
            print("  failed")
            failed = True
            continue
        figures = [Figure(**one) for one in json.loads(done.stdout.splitlines()[-1])]
        print(table(figures), flush=True)
        saved[name] = {
            "at": datetime.now(UTC).isoformat(timespec="minutes"),
            "size": given.size,
            "machine": {**machine(), "load_average": round(busy, 2)},
            "figures": [asdict(one) for one in figures],
        }
    if given.save:
        RESULTS.write_text(json.dumps(saved, indent=1, ensure_ascii=False) + "\n", "utf-8")
        page.write(saved)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
