"""A stretch of a line that is read by taking pieces out of it: what is left at the end was not understood."""

from __future__ import annotations

import re
from typing import Final

TAKEN: Final = "\x00"
"""Stands for every letter that was read, so that no pattern reaches across it."""
NAME: Final = "\x02"
"""Stands where the medicine's name was."""


class Stretch:
    """Text from which patterns take what they read. Places stay what they were."""

    def __init__(self, text: str) -> None:
        self.text = text

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Take the first place that the pattern matches; None when there is none."""
        match = pattern.search(self.text)
        if match is not None:
            self.clear(*match.span())
        return match

    def take_all(self, pattern: re.Pattern[str]) -> list[re.Match[str]]:
        """Take every place that the pattern matches, in order."""
        found = list(pattern.finditer(self.text))
        for match in found:
            self.clear(*match.span())
        return found

    def clear(self, start: int, end: int) -> None:
        """Mark `text[start:end]` as read."""
        self.text = self.text[:start] + TAKEN * (end - start) + self.text[end:]

    def left(self) -> str:
        """What nobody read."""
        return self.text.replace(TAKEN, " ").replace(NAME, " ")
