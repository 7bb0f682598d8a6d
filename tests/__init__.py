"""Tests of the product; processes that they start find what was compiled before, also where none may be written.

The tests start more than a hundred processes. Images of containers often set PYTHONDONTWRITEBYTECODE, to stay small,
and then each of them compiles some two thousand modules again: 4 s of processor time a start.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

if sys.dont_write_bytecode:
    COMPILED = str(Path(__file__).parents[1] / ".cache" / "compiled")
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix = COMPILED
    """Away from the sources, which stay as they are; `make clean` removes it."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
