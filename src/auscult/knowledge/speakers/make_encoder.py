"""Converts Resemblyzer's published voice encoder into `encoder.npz`, without torch.

    python -m auscult.knowledge.speakers.make_encoder Resemblyzer-0.1.4-py3-none-any.whl

The wheel comes from PyPI (`pip download --no-deps resemblyzer==0.1.4`). Its `pretrained.pt` is torch's legacy format:
four pickles (magic, protocol, system, objects), a pickled list of storage keys, then each storage as a little-endian
int64 count and raw values (torch/serialization.py, `_legacy_save`). The pickles are read with an allow-list, so a
tampered file cannot run anything, and the result is refused unless its checksum is the one below.
"""

from __future__ import annotations

import collections
import hashlib
import io
import pickle
import sys
import zipfile
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from auscult.domain.errors import InvalidError

MEMBER: Final = "resemblyzer/pretrained.pt"
SHA256: Final = "39373b86598fa3da9fcddee6142382efe09777e8d37dc9c0561f41f0070f134e"
"""Of `pretrained.pt` in Resemblyzer 0.1.4."""
LAYERS: Final = 3


class _Storage:
    """Names one storage; its values follow the pickles."""

    def __init__(self, key: str) -> None:
        self.key = key


class _Tensor:
    """A view of a storage, as the pickle describes it."""

    def __init__(self, storage: _Storage, offset: int, size: tuple[int, ...], *_rest: object) -> None:
        self.storage, self.offset, self.size = storage, offset, size


class _Objects(pickle.Unpickler):
    """Reads only what a checkpoint is made of."""

    def find_class(self, module: str, name: str) -> Any:  # noqa: ANN401 - pickle's own signature
        allowed: dict[tuple[str, str], Any] = {
            ("collections", "OrderedDict"): collections.OrderedDict,
            ("torch._utils", "_rebuild_tensor_v2"): _Tensor,
            ("torch._utils", "_rebuild_parameter"): lambda tensor, *_rest: tensor,
            ("torch", "FloatStorage"): "float",
            ("torch", "LongStorage"): "long",
        }
        if (module, name) not in allowed:
            raise InvalidError(f"the checkpoint asks for {module}.{name}, which no voice encoder needs")
        return allowed[module, name]

    def persistent_load(self, pid: Any) -> _Storage:  # noqa: ANN401 - pickle's own signature
        return _Storage(str(pid[2]))


def read_checkpoint(data: bytes) -> dict[str, NDArray[np.float32]]:
    """Return the model's tensors by name. Raises `InvalidError` when the bytes are not the published checkpoint."""
    if hashlib.sha256(data).hexdigest() != SHA256:
        raise InvalidError("this is not the voice encoder of Resemblyzer 0.1.4", remedy="Download the wheel again.")
    source = io.BytesIO(data)
    for _header in range(3):
        _Objects(source).load()
    checkpoint = _Objects(source).load()
    storages: dict[str, NDArray[np.float32]] = {}
    state = checkpoint["model_state"]
    wanted = {tensor.storage.key for tensor in state.values()}
    for key in _Objects(source).load():
        count = int.from_bytes(source.read(8), "little")
        if str(key) in wanted:
            storages[str(key)] = np.frombuffer(source.read(count * 4), "<f4")
        else:
            source.seek(count * 4, io.SEEK_CUR)
    return {
        name: storages[t.storage.key][t.offset : t.offset + int(np.prod(t.size))].reshape(t.size)
        for name, t in state.items()
        if name.startswith(("lstm.", "linear."))
    }


def main() -> None:
    """Write `encoder.npz` beside this file, in half precision (what that costs is measured in the tests)."""
    with zipfile.ZipFile(sys.argv[1]) as wheel:
        tensors = read_checkpoint(wheel.read(MEMBER))
    target = Path(__file__).parent / "encoder.npz"
    arrays: dict[str, Any] = {name.replace(".", "_"): value.astype(np.float16) for name, value in tensors.items()}
    np.savez_compressed(target, **arrays)
    sys.stdout.write(f"{target.name}: {target.stat().st_size / 1e6:.1f} MB, {len(arrays)} tensors\n")


if __name__ == "__main__":
    main()
