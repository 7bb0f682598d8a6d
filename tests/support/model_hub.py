"""A model hub on loopback that speaks Hugging Face's wire format: the listing with checksums, and resolvable files.

Faults can be asked for: drop a connection after some bytes, ignore ranges, send other bytes than announced.
"""

from __future__ import annotations

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is part of the tests."""


class ModelHub:
    """Serves one repository's files under every repository name; records the requests it got."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = dict(files)
        self.revision = "c0ffee" + "0" * 34
        self.requests: list[tuple[str, str | None]] = []
        self.drops: list[int] = []
        """Each answer to a file request takes one of these and stops after that many bytes of it."""
        self.announced: dict[str, bytes] = {}
        """Contents whose checksums are announced in place of the real ones."""
        self.ranges = True
        self.status = 200
        self._server = _Server(("127.0.0.1", 0), self._handler())

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> ModelHub:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    def listing(self) -> bytes:
        siblings = []
        for name, content in self.files.items():
            shown = self.announced.get(name, content)
            entry = {"rfilename": name, "size": len(content)}
            entry["blobId"] = hashlib.sha1(b"blob %d\0" % len(shown) + shown).hexdigest()
            if name == "model.bin":
                entry["lfs"] = {"sha256": hashlib.sha256(shown).hexdigest(), "size": len(content), "pointerSize": 134}
            siblings.append(entry)
        siblings.append({"rfilename": "README.md", "size": 9, "blobId": "0" * 40})
        return json.dumps({"id": "x/y", "sha": self.revision, "siblings": siblings}).encode()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        hub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                hub.requests.append((self.path, self.headers.get("Range")))
                if hub.status != 200:
                    self._send(hub.status, b"{}")
                elif self.path.startswith("/api/models/"):
                    self._send(200, hub.listing())
                elif "/resolve/" in self.path:
                    # The hub itself answers large files with a redirect to its storage.
                    self._send(302, b"", Location=f"/storage/{self.path.rsplit('/', 1)[1]}")
                else:
                    self._file(hub.files[self.path.rsplit("/", 1)[1]])

            def _file(self, content: bytes) -> None:
                wanted = self.headers.get("Range")
                first = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and hub.ranges else 0
                piece = content[first:]
                cut = hub.drops.pop(0) if hub.drops else len(piece)
                self.send_response(206 if first else 200)
                self.send_header("Content-Length", str(len(piece)))
                self.end_headers()
                self.wfile.write(piece[:cut])
                if cut < len(piece):
                    self.close_connection = True

            def _send(self, status: int, body: bytes, **headers: str) -> None:
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Stay quiet."""

        return Handler
