"""A Whisper of random weights, small enough to make in a test: the real file formats, the real code path, no sense.

Its vocabulary is Whisper's layout (bytes, then the special tokens, 99 languages and 1501 timestamps).
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import tokenizers
from ctranslate2.specs import whisper_spec
from faster_whisper.tokenizer import _LANGUAGE_CODES
from tokenizers import decoders, models, pre_tokenizers

WIDTH = 32
HEADS = 2
LAYERS = 1
MELS = 80
_MULTILINGUAL = ""  # CTranslate2 tells a multilingual model by the empty token, which only their vocabularies hold


def build(folder: Path, *, seed: int = 0) -> Path:
    """Write config.json, model.bin, tokenizer.json, vocabulary.json and a manifest into `folder`."""
    folder.mkdir(parents=True)
    tokens = _tokenizer(folder)
    random = np.random.default_rng(seed)
    spec = whisper_spec.WhisperSpec(LAYERS, HEADS, LAYERS, HEADS)
    _fill(spec, len(tokens), random)
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = []
    spec.config.lang_ids = [tokens.index(f"<|{code}|>") for code in _LANGUAGE_CODES]
    spec.config.alignment_heads = [[0, 0], [0, 1]]
    spec.register_vocabulary(tokens)
    spec.validate()
    spec.optimize()
    spec.save(str(folder))
    files = [path for path in sorted(folder.iterdir()) if path.is_file()]
    sums = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    (folder / "manifest.json").write_text(json.dumps({"repository": "test", "revision": "0" * 40, "sha256": sums}))
    return folder


def _tokenizer(folder: Path) -> list[str]:
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    words = [*alphabet, _MULTILINGUAL]
    tokenizer = tokenizers.Tokenizer(models.BPE({sign: at for at, sign in enumerate(words)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = ["<|endoftext|>", "<|startoftranscript|>", *(f"<|{code}|>" for code in _LANGUAGE_CODES)]
    special += ["<|translate|>", "<|transcribe|>", "<|startoflm|>", "<|startofprev|>", "<|nospeech|>"]
    special += ["<|notimestamps|>", *(f"<|{number / 50:.2f}|>" for number in range(1501))]
    tokenizer.add_special_tokens(special)
    tokenizer.save(str(folder / "tokenizer.json"))
    return [tokenizer.id_to_token(number) for number in range(tokenizer.get_vocab_size())]


def _fill(spec: whisper_spec.WhisperSpec, vocabulary: int, random: np.random.Generator) -> None:
    def weight(*shape: int) -> np.ndarray:
        return random.normal(0, 0.3, shape).astype(np.float32)

    def norm(layer: object) -> None:
        layer.gamma, layer.beta = np.ones(WIDTH, np.float32), np.zeros(WIDTH, np.float32)

    def linear(layer: object, rows: int, columns: int) -> None:
        layer.weight, layer.bias = weight(rows, columns), np.zeros(rows, np.float32)

    def attention(layer: object, *, own: bool) -> None:
        norm(layer.layer_norm)
        shapes = [3 * WIDTH, WIDTH] if own else [WIDTH, 2 * WIDTH, WIDTH]
        for one, rows in zip(layer.linear, shapes, strict=True):
            linear(one, rows, WIDTH)

    def forward(layer: object) -> None:
        norm(layer.layer_norm)
        linear(layer.linear_0, 2 * WIDTH, WIDTH)
        linear(layer.linear_1, WIDTH, 2 * WIDTH)

    encoder, decoder = spec.encoder, spec.decoder
    encoder.conv1.weight, encoder.conv1.bias = weight(WIDTH, MELS, 3), np.zeros(WIDTH, np.float32)
    encoder.conv2.weight, encoder.conv2.bias = weight(WIDTH, WIDTH, 3), np.zeros(WIDTH, np.float32)
    encoder.position_encodings.encodings = weight(1500, WIDTH)
    norm(encoder.layer_norm)
    decoder.embeddings.weight = weight(vocabulary, WIDTH)
    decoder.position_encodings.encodings = weight(448, WIDTH)
    norm(decoder.layer_norm)
    decoder.projection.weight = decoder.embeddings.weight
    for layer in encoder.layer:
        attention(layer.self_attention, own=True)
        forward(layer.ffn)
    for layer in decoder.layer:
        attention(layer.self_attention, own=True)
        attention(layer.attention, own=False)
        forward(layer.ffn)
