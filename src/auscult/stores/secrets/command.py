"""The master key from a command, so that it lies in a vault and never on this disk.

The command prints the key as 64 hexadecimal digits on standard output, for example
`vault kv get -field=master_key secret/auscult`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from auscult.domain.errors import UnavailableError
from auscult.stores.secrets.clear_key import ClearKeyMaster, key_from_text

_REMEDY = (
    "Run the command by hand as the user that runs Auscult; it has to print 64 hexadecimal digits and exit with 0."
)


class CommandMaster(ClearKeyMaster):
    """The `MasterKey` that a command prints. Asked once, when opened."""

    @classmethod
    async def open(
        cls, command: Sequence[str], secret: Callable[[int], bytes], *, timeout_seconds: float = 30.0
    ) -> CommandMaster:
        """Run the command (program and arguments, no shell) and keep the key it prints.

        Raises `UnavailableError` when it cannot be run, takes longer than `timeout_seconds`, fails, or prints
        something else. What it printed is never shown.
        """
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
        key = key_from_text(printed)
        if key is None:
            raise UnavailableError("The key command printed something that is not a key.", remedy=_REMEDY)
        return cls(key, secret)
