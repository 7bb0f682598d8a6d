"""The baseline of `bench.doors`: FastAPI answering with, and reading, the same bytes, and doing nothing else.

`python -m bench.bare_server BYTES` prints its port. `GET /result/…` answers with so many bytes of JSON; a PUT reads
the body.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys

import uvicorn
from fastapi import FastAPI, Request, Response

app = FastAPI()
_answer: dict[str, str] = {"transcript": ""}


@app.get("/result/{key:path}")
async def result(key: str) -> dict[str, str]:
    """JSON of a length given at the start."""
    del key
    return _answer


@app.put("/recordings/{recording_id}/chunks/{seq}")
async def put_slice(recording_id: str, seq: int, request: Request) -> Response:
    """Read a body and forget it."""
    size = len(await request.body())
    return Response(json.dumps({"seq": seq, "size": size, "id": recording_id}), media_type="application/json")


def main() -> None:
    """Serve on a free port until killed."""
    _answer["transcript"] = "x" * max(0, int(sys.argv[1]) - len('{"transcript":""}'))
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", server_header=False)
    asyncio.run(uvicorn.Server(config).serve(sockets=[listener]))


if __name__ == "__main__":
    main()
