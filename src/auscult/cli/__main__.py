"""`python -m auscult.cli`."""

from auscult.cli import main

main()
