"""How medicine names sound, in the phones of pocketsphinx's acoustic model (CMU ARPAbet without stress).

`knowledge/pronunciations.dict` is made from espeak-ng's IPA, mapped here; espeak-ng is needed for that only (by
`sphinx_training.pronounce`). Phone set: the CMU Pronouncing Dictionary, http://www.speech.cs.cmu.edu/cgi-bin/cmudict
"""

# ruff: noqa: RUF001 (IPA letters are what this table is about)

from __future__ import annotations

import csv
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Final

KNOWLEDGE: Final = Path(__file__).parents[2] / "knowledge"
MEDICINES: Final = KNOWLEDGE / "medicines.tsv"
PRONUNCIATIONS: Final = KNOWLEDGE / "pronunciations.dict"
BY_HAND: Final = KNOWLEDGE / "pronunciations_by_hand.dict"
PHONES: Final = frozenset(
    # one string reads better than a list of 39
    "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH".split()  # noqa: SIM905
)
_IPA: Final[dict[str, str]] = {
    # the vowels and diphthongs of espeak-ng's en-us voice
    "aɪə": "AY AH",
    "aɪɚ": "AY ER",
    "aɪ": "AY",
    "aʊ": "AW",
    "eɪ": "EY",
    "oʊ": "OW",
    "ɔɪ": "OY",
    "iə": "IY AH",
    "ɑːɹ": "AA R",
    "ɔːɹ": "AO R",
    "oːɹ": "AO R",
    "ɪɹ": "IH R",
    "ɛɹ": "EH R",
    "ʊɹ": "UH R",
    "ɑː": "AA",
    "ɔː": "AO",
    "oː": "AO",
    "uː": "UW",
    "iː": "IY",
    "ɜː": "ER",
    "ɚ": "ER",
    "əl": "AH L",
    "æ": "AE",
    "ɐ": "AH",
    "ʌ": "AH",
    "ə": "AH",
    "ɛ": "EH",
    "ɪ": "IH",
    "ᵻ": "IH",
    "i": "IY",
    "ɑ": "AA",
    "ɔ": "AO",
    "ʊ": "UH",
    "u": "UW",
    "o": "OW",
    "e": "EH",
    "a": "AA",
    # consonants
    "tʃ": "CH",
    "dʒ": "JH",
    "ŋ": "NG",
    "θ": "TH",
    "ð": "DH",
    "ʃ": "SH",
    "ʒ": "ZH",
    "ɹ": "R",
    "r": "R",
    "ɾ": "T",
    "ɡ": "G",
    "g": "G",
    "j": "Y",
    "h": "HH",
    "x": "K",
    "ʔ": "T",
    "n̩": "AH N",
    "l̩": "AH L",
    "b": "B",
    "d": "D",
    "f": "F",
    "k": "K",
    "l": "L",
    "m": "M",
    "n": "N",
    "p": "P",
    "s": "S",
    "t": "T",
    "v": "V",
    "w": "W",
    "z": "Z",
}
_LONGEST: Final = max(map(len, _IPA))
_INITIALISMS: Final = frozenset(
    {"bmi", "bmp", "bp", "cbc", "chf", "copd", "cpap", "cva", "dcis", "ecg", "ekg", "er", "gi", "gp", "hpv", "iv"}
    | {"mcp", "mmr", "mri", "nsaid", "pcp", "pfts", "psa", "pt", "tb", "thc", "uti"}
)
"""Said letter by letter, whatever espeak-ng makes of them."""
_IGNORED: Final = frozenset("ˈˌː\u200d ‿-_")
_WORD: Final = re.compile(r"[a-z]+(?:'[a-z]+)?")


def from_ipa(ipa: str) -> tuple[str, ...]:
    """Map espeak-ng's IPA to ARPAbet phones, longest symbol first.

    Raises `ValueError` for a symbol that is not in the table, so that a new one is noticed and not lost.
    """
    sounds = "".join(sign for sign in ipa.strip() if sign not in "ˈˌ")
    phones: list[str] = []
    position = 0
    while position < len(sounds):
        for length in range(_LONGEST, 0, -1):
            mapped = _IPA.get(sounds[position : position + length])
            if mapped is not None and len(sounds[position : position + length]) == length:
                phones += mapped.split()
                position += length
                break
        else:
            if sounds[position] not in _IGNORED:
                raise ValueError(f"no phone for {sounds[position]!r}")
            position += 1
    return tuple(phones)


def medicine_words(lexicon: Path = MEDICINES) -> tuple[tuple[str, ...], ...]:
    """Return the spoken names of the medicine lexicon (its `name` column), each as lower-case words.

    The same name in two spellings gives two entries; what cannot be said in Latin letters is left out.
    """
    with lexicon.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader((line for line in file if not line.startswith("#")), delimiter="\t")
        names = [row["name"] for row in rows]
    spoken = (tuple(_WORD.findall(name.lower())) for name in names if name.isascii())
    return tuple(sorted({words for words in spoken if words and all(len(word) > 1 for word in words)}))


def say(words: Iterable[str], *, program: str = "espeak-ng") -> dict[str, tuple[str, ...]]:
    """Ask espeak-ng how words sound. Raises `FileNotFoundError` when it is not installed."""
    wanted = sorted(set(words))
    spoken = subprocess.run(  # noqa: S603 (a fixed program, and words only on its standard input)
        [program, "-q", "--ipa", "-v", "en-us"],
        input="\n".join(f"{' '.join(word.upper()) if word in _INITIALISMS else word}." for word in wanted),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    lines = [line for line in spoken.splitlines() if line.strip()]
    if len(lines) != len(wanted):
        raise ValueError(f"{program} gave {len(lines)} pronunciations for {len(wanted)} words")
    return {word: from_ipa(line) for word, line in zip(wanted, lines, strict=True)}


def read(*paths: Path) -> dict[str, list[tuple[str, ...]]]:
    """Read pronunciation files (a word and its phones a line, `#` for a remark): each word's ways, first file first."""
    table: dict[str, list[tuple[str, ...]]] = {}
    for path in paths:
        for line in path.read_text("utf-8").splitlines():
            word, *phones = line.split()
            if word != "#" and tuple(phones) not in table.setdefault(word, []):
                table[word].append(tuple(phones))
    return table


def write(table: dict[str, tuple[str, ...]], path: Path = PRONUNCIATIONS) -> None:
    """Write a pronunciation file. Raises `ValueError` for a phone outside the acoustic model's set."""
    for word, phones in table.items():
        if not phones or not PHONES.issuperset(phones):
            raise ValueError(f"{word}: a phone is not in the acoustic model's set")
    lines = [
        "# How words outside the CMU dictionary sound, by espeak-ng. Written by",
        "# `python -m auscult.engines.speech.sphinx_training DATA OUT`; pronunciations_by_hand.dict comes before it.",
        *(f"{word} {' '.join(phones)}" for word, phones in sorted(table.items())),
    ]
    path.write_text("\n".join(lines) + "\n", "utf-8")
