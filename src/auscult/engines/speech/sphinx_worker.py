"""One pocketsphinx decoder in a process of its own: `python -m auscult.engines.speech.sphinx_worker`.

pocketsphinx holds Python's global lock while it decodes (measured: 3.3 s at a stretch for 11 s of speech), which would
freeze every request of a server in the same process; a decoder is not safe to share between threads either. A process
also can be stopped at once when a person cancels, and ends with its parent, because its standard input does.

Standard input: a JSON line of decoder settings, then for each utterance a JSON line `{"bytes": n, "fresh": bool}` and n
bytes of 16 kHz mono signed 16-bit little-endian PCM; `fresh` forgets what earlier sound taught the noise tracker.
Standard output: a JSON line `{"ready": true}`, then for each utterance
`{"words": [[text, first_frame, last_frame, posterior], …]}`; frames are of 10 ms.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any, BinaryIO


def serve(incoming: BinaryIO, outgoing: BinaryIO) -> None:
    """Answer utterances until the input ends."""
    import pocketsphinx

    pocketsphinx.set_loglevel("FATAL")
    settings: dict[str, Any] = json.loads(incoming.readline())
    decoder = pocketsphinx.Decoder(**settings)
    _answer(outgoing, {"ready": True})
    while line := incoming.readline():
        asked: dict[str, Any] = json.loads(line)
        sound = incoming.read(asked["bytes"])
        if len(sound) < asked["bytes"]:
            return
        if asked["fresh"]:
            decoder.start_stream()
        decoder.start_utt()
        decoder.process_raw(sound, full_utt=True)
        decoder.end_utt()
        words = [[one.word, one.start_frame, one.end_frame, float(one.prob)] for one in decoder.seg() or ()]
        _answer(outgoing, {"words": words})


def _answer(outgoing: BinaryIO, answer: dict[str, Any]) -> None:
    outgoing.write(json.dumps(answer).encode() + b"\n")
    outgoing.flush()


if __name__ == "__main__":
    # What the library itself prints goes to standard error: the answers keep standard output to themselves.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, answers)
