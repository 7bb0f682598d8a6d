"""What a medicine comes as and what of it is counted (`forms.tsv`)."""

from __future__ import annotations

import re
from typing import Final

from auscult.knowledge.tables import rows

_ROWS: Final = rows("forms.tsv", "auscult.knowledge.medicine_lines")
FORMS: Final = {word: form for words, form, _use, _source in _ROWS for word in words.split("|")}
"""Every way to write a form, lower case, to its word: `syp` to `syrup`."""
COUNTED: Final = {word: form for words, form, use, _source in _ROWS if use == "both" for word in words.split("|")}
"""Those that are counted: `tabs` to `tablet`."""
FORM_WORDS: Final = "|".join(sorted(map(re.escape, FORMS), key=len, reverse=True))
COUNTED_WORDS: Final = "|".join(sorted(map(re.escape, COUNTED), key=len, reverse=True))
