"""`python -m auscult.api.openapi` prints the OpenAPI document, from which the web app's types are generated."""

from __future__ import annotations

import json
import sys

from auscult.api.app import create_app


def document() -> str:
    """The OpenAPI document as stable, indented JSON."""
    return json.dumps(create_app(None).openapi(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(document())
