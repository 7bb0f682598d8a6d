"""A trigram language model: interpolated modified Kneser-Ney, written as ARPA.

Chen & Goodman 1999, "An empirical study of smoothing techniques for language modeling", Computer Speech & Language
13:359-394, section 3. Deterministic: the same sentences give the same bytes.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import log10
from pathlib import Path
from typing import Final

START: Final = "<s>"
END: Final = "</s>"
_UNKNOWN: Final = "<unk>"
_SLIVER: Final = 1e-6
Gram = tuple[str, ...]


@dataclass(frozen=True)
class Trigrams:
    """Probabilities of the kept n-grams by order (1, 2, 3), and back-off weights of their histories."""

    probabilities: tuple[dict[Gram, float], dict[Gram, float], dict[Gram, float]]
    backoffs: dict[Gram, float] = field(repr=False)

    def probability(self, word: str, history: Gram) -> float:
        """P(word | history), backing off as a decoder does; 0 for a word outside the vocabulary."""
        gram = (*history[-2:], word)
        table = self.probabilities[len(gram) - 1]
        if gram in table:
            return table[gram]
        if len(gram) == 1:
            return 0.0
        return self.backoffs.get(gram[:-1], 1.0) * self.probability(word, gram[1:-1])

    def write_arpa(self, path: Path) -> None:
        """Write the model in ARPA format, sorted, with base-10 logarithms."""
        with path.open("w", encoding="utf-8", newline="\n") as file:
            file.write("\\data\\\n")
            for order, table in enumerate(self.probabilities, start=1):
                file.write(f"ngram {order}={len(table)}\n")
            for order, table in enumerate(self.probabilities, start=1):
                file.write(f"\n\\{order}-grams:\n")
                for gram, probability in sorted(table.items()):
                    # A probability that rounds to one would be read as positive.
                    shown = -99.0 if gram == (START,) else min(log10(probability), -0.0001)
                    backoff = "" if order == 3 else f" {log10(max(self.backoffs.get(gram, 1.0), 1e-9)):.4f}"
                    file.write(f"{shown:.4f} {' '.join(gram)}{backoff}\n")
            file.write("\n\\end\\\n")


def _counts(sentences: Iterable[Sequence[str]], vocabulary: frozenset[str]) -> Counter[Gram]:
    trigrams: Counter[Gram] = Counter()
    for sentence in sentences:
        known = [word if word in vocabulary else _UNKNOWN for word in sentence]
        padded = [START, START, *known, END]
        trigrams.update(zip(padded, padded[1:], padded[2:], strict=False))
    return trigrams


def _discounts(counts: Mapping[Gram, int]) -> tuple[float, float, float]:
    """The three discounts D1, D2, D3+ of modified Kneser-Ney from the counts of counts (equation 26)."""
    having = Counter(count for count in counts.values() if count <= 4)
    n1, n2, n3, n4 = (having.get(count, 0) or 1 for count in (1, 2, 3, 4))
    y = n1 / (n1 + 2 * n2)
    bounded = (
        min(max(times - (times + 1) * y * more / fewer, 0.1), times - 0.05)
        for times, fewer, more in ((1, n1, n2), (2, n2, n3), (3, n3, n4))
    )
    d1, d2, d3 = bounded
    return d1, d2, d3


def _smoothed(counts: Mapping[Gram, int], lower: Mapping[Gram, float]) -> dict[Gram, float]:
    """Interpolate discounted counts with the next lower order (equation 20)."""
    discounts = _discounts(counts)
    totals: dict[Gram, int] = defaultdict(int)
    freed: dict[Gram, float] = defaultdict(float)
    for gram, count in counts.items():
        totals[gram[:-1]] += count
        freed[gram[:-1]] += discounts[min(count, 3) - 1]
    return {
        gram: (count - discounts[min(count, 3) - 1]) / totals[gram[:-1]]
        + freed[gram[:-1]] / totals[gram[:-1]] * lower[gram[1:]]
        for gram, count in counts.items()
    }


def _continuations(higher: Mapping[Gram, int]) -> Counter[Gram]:
    """How many different words each shorter gram follows; grams that start a sentence have no predecessor."""
    seen: Counter[Gram] = Counter()
    for gram, count in higher.items():
        shorter = gram[1:]
        seen[shorter] += count if shorter[0] == START and len(shorter) > 1 else 1
    return seen


def estimate(sentences: Iterable[Sequence[str]], vocabulary: frozenset[str], *, rarest_trigram: int = 2) -> Trigrams:
    """Estimate a model of sentences over a closed vocabulary.

    Trigrams seen fewer than `rarest_trigram` times are pruned and their probability is given back to the bigrams.
    Every word of the vocabulary gets a probability, also when no sentence holds it.
    """
    threes = _counts(sentences, vocabulary)
    twos = _continuations(threes)
    ones = _continuations({gram: count for gram, count in twos.items() if gram != (START, START)})
    words = sorted((vocabulary | {END, _UNKNOWN}) - {START})
    flat = 1 / len(words)
    d1, d2, d3 = _discounts(ones)
    total = sum(ones.values())
    freed = sum((d1, d2, d3)[min(count, 3) - 1] for count in ones.values()) / total
    singles: dict[Gram, float] = {}
    for word in words:
        count = ones.get((word,), 0)
        kept = count - (d1, d2, d3)[min(count, 3) - 1] if count else 0.0
        singles[(word,)] = kept / total + freed * flat
    pairs = _smoothed(twos, {**singles, (START,): 0.0})
    triples = _smoothed(threes, pairs)
    return _closed(singles, pairs, {gram: p for gram, p in triples.items() if threes[gram] >= rarest_trigram})


def _closed(singles: dict[Gram, float], pairs: dict[Gram, float], triples: dict[Gram, float]) -> Trigrams:
    """Leave out the unknown word and the padding, and renormalise."""
    known = 1 - singles.pop((_UNKNOWN,), 0.0)
    ones = {gram: p / known for gram, p in singles.items()}
    ones[(START,)] = 1e-99
    twos = {gram: p for gram, p in pairs.items() if _UNKNOWN not in gram and gram[1] != START}
    threes = {gram: p for gram, p in triples.items() if _UNKNOWN not in gram and gram[1] != START and gram[:2] in twos}
    return _with_backoffs(ones, twos, threes)


def _with_backoffs(ones: dict[Gram, float], twos: dict[Gram, float], threes: dict[Gram, float]) -> Trigrams:
    """Work out the weight of each history that makes its probabilities sum to one."""
    backoffs: dict[Gram, float] = {}
    model = Trigrams((ones, twos, {}), backoffs)
    for table in (twos, threes):
        kept: dict[Gram, float] = defaultdict(float)
        covered: dict[Gram, float] = defaultdict(float)
        for gram, p in table.items():
            kept[gram[:-1]] += p
            covered[gram[:-1]] += model.probability(gram[-1], gram[1:-1])
        for gram in table:
            if 1 - covered[gram[:-1]] < _SLIVER:  # nothing is left to back off to: what was seen takes it all
                table[gram] /= kept[gram[:-1]]
        for history, mass in kept.items():
            # A history after which everything possible was seen keeps a sliver, so that its logarithm exists.
            left = 1 - covered[history]
            backoffs[history] = max(1 - mass, _SLIVER) / left if left >= _SLIVER else _SLIVER
    return Trigrams((ones, twos, threes), backoffs)


def mix(model: Trigrams, background: Callable[[Gram], float], *, weight: float, extra: Iterable[Gram] = ()) -> Trigrams:
    """Interpolate a model with a background: `weight` of the model, the rest of P(last word | words before it).

    The n-grams kept are the model's own and the `extra` bigrams of the background. Linear interpolation: Jelinek &
    Mercer 1980. Words the background has never seen keep their probability from the model alone.
    """
    ones, twos, threes = model.probabilities
    rest = 1 - weight
    known = {gram: background(gram) for gram in ones if gram != (START,)}
    total = sum(known.values()) or 1.0

    def blended(gram: Gram) -> float:
        return weight * model.probability(gram[-1], gram[:-1]) + rest * background(gram) / total

    singles = {gram: weight * ones[gram] + rest * p / total for gram, p in known.items()}
    singles[(START,)] = ones[(START,)]
    vocabulary = singles.keys()
    wanted = set(twos)
    wanted.update(gram for gram in extra if (gram[0],) in vocabulary and (gram[1],) in vocabulary)
    pairs = {gram: blended(gram) for gram in sorted(wanted)}
    return _with_backoffs(singles, pairs, {gram: blended(gram) for gram in threes})
