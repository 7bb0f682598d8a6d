"""The master key from a command, so that it lies in a vault and never on this disk.

The command prints the key as 64 hexadecimal digits on standard output, for example
`vault kv get -field=master_key secret/auscult`. To rotate it, have the command print the new key on the first line and
the old one on the next, then run `auscult keys rotate`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from auscult.domain.errors import UnavailableError
from auscult.stores.secrets.clear_key import ClearKeyMaster, keys_from_text

_REMEDY = (
    "Run the command by hand as the user that runs Auscult; it has to print 64 hexadecimal digits and exit with 0."
)


class CommandMaster(ClearKeyMaster):
    """The `MasterKey` that a command prints. Asked when opened, and when something is met that a newer key wrapped."""

    def __init__(
        self, command: Sequence[str], keys: Sequence[bytes], secret: Callable[[int], bytes], timeout_seconds: float
    ) -> None:
        """Use `CommandMaster.open`."""
        super().__init__(keys, secret)
        self._command = tuple(command)
        self._timeout = timeout_seconds

    @classmethod
    async def open(
        cls, command: Sequence[str], secret: Callable[[int], bytes], *, timeout_seconds: float = 30.0
    ) -> CommandMaster:
        """Run the command (program and arguments, no shell) and keep the key it prints.

        Raises `UnavailableError` when it cannot be run, takes longer than `timeout_seconds`, fails, or prints
        something else. What it printed is never shown.
        """
        return cls(command, await _printed(command, timeout_seconds), secret, timeout_seconds)

    async def _newest(self) -> tuple[bytes, ...]:
        return await _printed(self._command, self._timeout)


async def _printed(command: Sequence[str], timeout_seconds: float) -> tuple[bytes, ...]:
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=None
        )
    except OSError as error:
        raise UnavailableError(f"The key command cannot be run ({error.strerror}).", remedy=_REMEDY) from error
    try:
        async with asyncio.timeout(timeout_seconds):
            printed, _ = await process.communicate()
    except TimeoutError as error:
        raise UnavailableError(
            f"The key command did not finish within {timeout_seconds:g} s.", remedy=_REMEDY
        ) from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise UnavailableError(f"The key command failed with exit code {process.returncode}.", remedy=_REMEDY)
    keys = keys_from_text(printed)
    if not keys:
        raise UnavailableError("The key command printed something that is not a key.", remedy=_REMEDY)
    return keys
