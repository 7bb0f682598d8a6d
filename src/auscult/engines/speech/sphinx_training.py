"""Train the embedded recogniser's language model and dictionary: `auscult train sphinx --data DIR`.

In: a folder with `acibench_train.jsonl` (rows with `turns: [{speaker, text}]`) and `mts_train.jsonl` (rows with
`dialogue`, a `Speaker: text` line each). Only these two files are read, so validation dialogues stay unheard. Out: a
pocketsphinx binary trigram model and a dictionary of its words. The bundled sample consultation is never trained on.

Sources, both CC BY 4.0: ACI-BENCH (Yim et al. 2023, Scientific Data 10:586, https://doi.org/10.1038/s41597-023-02487-3)
and MTS-Dialog (Ben Abacha et al. 2023, EACL, https://aclanthology.org/2023.eacl-main.168).
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from math import exp, log
from pathlib import Path
from typing import Final

from auscult.domain.errors import InvalidError
from auscult.engines.speech import sphinx_pronunciations as pronunciations
from auscult.engines.speech import spoken, trigram
from auscult.knowledge.conversations import Row, rows

MODEL_FILE: Final = "consultation.lm.bin"
DICTIONARY_FILE: Final = "consultation.dict"
TRAINING_FILES: Final = ("acibench_train.jsonl", "mts_train.jsonl")

_DOMAIN_WEIGHT: Final = 0.7
"""Share of the dialogues against pocketsphinx's general English; least perplexity on the validation dialogues."""
_GENERAL_WORDS: Final = 8000
"""The commonest words of general English join the vocabulary."""
_GENERAL_PAIR_WORDS: Final = 2500
_GENERAL_PAIR_CHANCE: Final = 3e-7
"""General word pairs rarer than this bring less than they cost in size."""
_PAIR_GAIN: Final = 2.0
"""A pair is kept when it is this many times likelier than its second word alone."""
_RAREST_TRIGRAM: Final = 1
_LOG_BASE: Final = log(1.0001)
"""Sphinx's own base of logarithms."""
_LOG_ZERO: Final = -500_000_000
_SPEAKER_LABEL: Final = re.compile(r"^[A-Z][\w ]{0,20}:\s*")
_CARRIERS: Final = (
    "take {}",
    "taking {}",
    "i take {}",
    "you are taking {}",
    "i'm taking {} every day",
    "i'll prescribe {}",
    "i want to start you on {}",
    "we will start {} {} milligrams once a day",
    "continue {} {} milligrams twice a day",
    "stop {}",
    "stop taking {}",
    "are you still taking the {}",
    "are you allergic to {}",
    "i am allergic to {}",
    "{} {} milligrams",
    "{} {} milligrams three times a day",
)
"""How a medicine is spoken of; our own sentences, filled with every name of the lexicon in turn."""
_STRENGTHS: Final = ("five", "ten", "twenty", "forty", "fifty", "one hundred", "two hundred and fifty", "five hundred")
_CARRIERS_PER_MEDICINE: Final = 1
_REMEDY: Final = "Put the ACI-BENCH and MTS-Dialog training files there; knowledge/sphinx/README.md says how."

General = Callable[[trigram.Gram], float]


def train(
    data_dir: Path,
    out_dir: Path,
    *,
    lexicon: Path = pronunciations.MEDICINES,
    sounds: Sequence[Path] = (pronunciations.BY_HAND, pronunciations.PRONUNCIATIONS),
) -> dict[str, int]:
    """Train from `data_dir` into `out_dir` (created); return the numbers of sentences, words and n-grams.

    Deterministic: the same data give the same bytes. `lexicon` is the medicine table, `sounds` the
    pronunciations outside the CMU dictionary. Raises `InvalidError` when a training file is not there, or
    is broken.
    """
    said = list(dialogue_sentences(data_dir))
    if not said:
        raise InvalidError("Nobody says anything in these files.", remedy=_REMEDY)
    extra_sounds = pronunciations.read(*sounds)
    dictionary = _acoustic_dictionary()
    sayable = dictionary.keys() | extra_sounds.keys()
    medicines = pronunciations.medicine_words(lexicon)
    carried = list(_carriers(medicines))
    general, general_words = _general_english()
    frequent = sorted(general_words, key=lambda word: (-general_words[word], word))[:_GENERAL_WORDS]
    heard = Counter(word for sentence in said for word in sentence)
    vocabulary = frozenset(
        word for word in {*heard, *frequent, *(word for name in medicines for word in name)} if word in sayable
    )
    domain = trigram.estimate(said + carried, vocabulary, rarest_trigram=_RAREST_TRIGRAM)
    pairs = _general_pairs(general, general_words, [word for word in frequent if word in vocabulary])
    model = trigram.mix(domain, general, weight=_DOMAIN_WEIGHT, extra=pairs)
    out_dir.mkdir(parents=True, exist_ok=True)
    _write_binary(model, out_dir / MODEL_FILE)
    _write_dictionary(vocabulary, dictionary, extra_sounds, out_dir / DICTIONARY_FILE)
    ones, twos, threes = (len(table) for table in model.probabilities)
    return {"sentences": len(said), "words": ones, "bigrams": twos, "trigrams": threes}


def pronounce(data_dir: Path, *, lexicon: Path = pronunciations.MEDICINES) -> int:
    """Write `knowledge/pronunciations.dict` with espeak-ng, for the words that the CMU dictionary lacks.

    These are the medicine lexicon's words, and those said at least twice in the dialogues. Returns how many.
    """
    known = _acoustic_dictionary()
    said = Counter(word for sentence in dialogue_sentences(data_dir) for word in sentence)
    words = {word for name in pronunciations.medicine_words(lexicon) for word in name}
    words.update(word for word, times in said.items() if times > 1 and len(word) > 1)
    table = pronunciations.say(word for word in words if word not in known)
    pronunciations.write(table)
    return len(table)


def dialogue_sentences(data_dir: Path, files: Iterable[str] = TRAINING_FILES) -> Iterator[list[str]]:
    """Yield the sentences of the dialogues as spoken words.

    Raises `InvalidError` when a file is missing, or a line of it is no dialogue.
    """
    for name in files:
        path = data_dir / name
        if not path.exists():
            raise InvalidError(f"{name} is not in the data folder.", remedy=_REMEDY)
        for row in rows(path):
            for text in _said(row):
                yield from spoken.sentences(text)


def _said(row: Row) -> Iterator[str]:
    if "turns" in row.fields:
        for _speaker, text in row.turns():
            # One subset is tokenised in the Penn Treebank way: "do n't", "gon na".
            yield text.replace(" n't", "n't").replace("gon na", "gonna")
    else:
        for line in row.text("dialogue").splitlines():
            yield _SPEAKER_LABEL.sub("", line)


def _carriers(medicines: Iterable[tuple[str, ...]]) -> Iterator[list[str]]:
    """Put every medicine into a few carrier sentences, in rotation, so that each name is met in each neighbourhood."""
    for number, name in enumerate(medicines):
        strength = _STRENGTHS[number % len(_STRENGTHS)]
        for turn in range(_CARRIERS_PER_MEDICINE):
            carrier = _CARRIERS[(number * _CARRIERS_PER_MEDICINE + turn) % len(_CARRIERS)]
            yield carrier.format(" ".join(name), strength).split()


def _acoustic_dictionary() -> dict[str, list[str]]:
    """Read pocketsphinx's CMU dictionary: word → its lines, alternative pronunciations included."""
    import pocketsphinx

    lines: dict[str, list[str]] = {}
    path = Path(pocketsphinx.get_model_path("en-us")) / "cmudict-en-us.dict"
    for line in path.read_text("utf-8").splitlines():
        lines.setdefault(line.split(maxsplit=1)[0].split("(")[0], []).append(line)
    return lines


def _general_english() -> tuple[General, dict[str, float]]:
    """Open pocketsphinx's general English model: P(last word | words before), and its words with their chance."""
    import pocketsphinx

    path = Path(pocketsphinx.get_model_path("en-us")) / "en-us.lm.bin"
    config = pocketsphinx.Config(hmm=None, lm=None, dict=None)
    model = pocketsphinx.NGramModel(config, pocketsphinx.LogMath(), str(path))

    def probability(gram: trigram.Gram) -> float:
        value: int = model.prob(list(reversed(gram)))
        return 0.0 if value < _LOG_ZERO else exp(value * _LOG_BASE)

    words = {word: probability((word,)) for word in _acoustic_dictionary()}
    return probability, {word: chance for word, chance in words.items() if chance}


def _general_pairs(general: General, chances: dict[str, float], words: list[str]) -> Iterator[trigram.Gram]:
    followers = words[:_GENERAL_PAIR_WORDS]
    for first in followers:
        for second in followers:
            chance = general((first, second))
            if chance * chances[first] >= _GENERAL_PAIR_CHANCE and chance >= _PAIR_GAIN * chances[second]:
                yield first, second


def _write_binary(model: trigram.Trigrams, path: Path) -> None:
    import pocketsphinx

    with tempfile.TemporaryDirectory() as folder:
        arpa = Path(folder) / "model.arpa"
        model.write_arpa(arpa)
        config = pocketsphinx.Config(hmm=None, lm=None, dict=None)
        pocketsphinx.NGramModel(config, pocketsphinx.LogMath(), str(arpa)).write(str(path))


def _write_dictionary(
    vocabulary: frozenset[str], dictionary: dict[str, list[str]], extra: dict[str, list[tuple[str, ...]]], path: Path
) -> None:
    lines: list[str] = []
    for word in sorted(vocabulary):
        known = [tuple(line.split()[1:]) for line in dictionary.get(word, [])]
        ways = known + [phones for phones in extra.get(word, []) if phones not in known]
        lines += [
            f"{word if number == 1 else f'{word}({number})'} {' '.join(phones)}"
            for number, phones in enumerate(ways, start=1)
        ]
    path.write_text("\n".join(lines) + "\n", "utf-8")


def main() -> None:
    """Write the pronunciations, then train: `python -m auscult.engines.speech.sphinx_training DATA OUT`."""
    data_dir, out_dir = (Path(one) for one in sys.argv[1:3])
    sys.stdout.write(f"pronunciations: {pronounce(data_dir)}\n")
    sys.stdout.write(f"{train(data_dir, out_dir)}\n")


if __name__ == "__main__":
    main()
