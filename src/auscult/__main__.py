"""`python -m auscult` is `auscult`."""

from auscult.cli import main

main()
