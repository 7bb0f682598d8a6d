"""Written medicine lines, as they stand on prescriptions and in letters, read field by field.

`read_line` gives the medicines of a line as the domain's `Medication`. What it promises:

- It copies. Abbreviations and Hindi are put into plain English words ("TDS" is "3 times a day", "5/7" is "for 5 days");
  slots keep their figures ("1-0-1 (1 in the morning, 1 at night)"); a number without a unit stays without one ("Telma
  40"). Nothing is filled in, converted, rounded or corrected, and every number of a field stands in the line.
- It flags what is uncertain or dangerous as written (`cautions.tsv`), and a plain line not at all. A number that found
  no place is a flag. Names that look alike are flagged only when the line gives cause: the name is misspelt and lies
  between two, or the line's own reason is that of the other medicine (`confusable.tsv`).
- `status` is `taking` unless the line says otherwise; `sources` are left to the caller.
"""

from __future__ import annotations

from auscult.knowledge.medicine_lines.reading import read_line
from auscult.knowledge.medicine_lines.telling import medicines_json, medicines_text, read_lines

__all__ = ["medicines_json", "medicines_text", "read_line", "read_lines"]
