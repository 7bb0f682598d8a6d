"""Loopback servers that speak the documented formats of language model providers, and say what they are told to say.

OpenAI: https://platform.openai.com/docs/api-reference/chat
Bedrock: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
Gemini: https://ai.google.dev/api/generate-content
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

Vendor = Literal["openai", "bedrock", "google"]
MODEL = {"openai": "test-model", "bedrock": "anthropic.claude-3-5-haiku-20241022-v1:0", "google": "gemini-2.5-flash"}


@dataclass(frozen=True)
class Reply:
    """One answer on the wire. `hang`: none comes while the client waits; `drop`: the connection is cut instead."""

    note: dict[str, Any] | None = None
    """The arguments of the tool call that returns the note."""
    text: str | None = None
    """Plain text instead of a tool call."""
    cut: bool = False
    """The model ran into its token limit."""
    empty: bool = False
    """An answer without any choice in it."""
    body: bytes | None = None
    """Sent as it is."""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    hang: bool = False
    drop: bool = False


@dataclass
class ModelServer:
    """A running server: its address, what it was asked, and whether a client hung up on it."""

    vendor: Vendor
    url: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    hung_up: threading.Event = field(default_factory=threading.Event)
    reached: threading.Event = field(default_factory=threading.Event)

    @property
    def setting(self) -> str:
        """This server, as `AUSCULT_WRITER` names it."""
        return f"{self.vendor}:{MODEL[self.vendor]}@{self.url}"

    def asked_text(self) -> str:
        """Everything it was ever sent."""
        return json.dumps(self.asked, ensure_ascii=False)


@contextmanager
def model_server(vendor: Vendor, *replies: Reply) -> Iterator[ModelServer]:
    """Serve these replies in order; the last one again and again."""
    running = ModelServer(vendor)
    closing = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers.get("content-length", 0))
            running.asked.append(json.loads(self.rfile.read(length)))
            running.reached.set()
            reply = replies[min(len(running.asked), len(replies)) - 1]
            if reply.drop:
                self.close_connection = True
                self.connection.close()
                return
            if reply.hang:
                self._wait()
                return
            body = reply.body if reply.body is not None else json.dumps(_body(vendor, reply)).encode()
            self.send_response(reply.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            for name, value in reply.headers:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def _wait(self) -> None:
            self.close_connection = True
            self.connection.settimeout(0.05)
            while not closing.is_set():
                try:
                    if self.connection.recv(1) == b"":
                        running.hung_up.set()
                        return
                except TimeoutError:
                    continue
                except OSError:
                    running.hung_up.set()
                    return

        def log_message(self, *_args: object) -> None:
            """Nothing on standard error."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        host, port = server.server_address[:2]
        running.url = f"http://{host!s}:{port}" + ("/v1" if vendor == "openai" else "")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield running
        finally:
            closing.set()
            server.shutdown()
            thread.join()


def _body(vendor: Vendor, reply: Reply) -> dict[str, Any]:
    if reply.status != 200:
        return {"error": {"message": "as told", "type": "test", "code": reply.status}, "message": "as told"}
    return {"openai": _openai, "bedrock": _bedrock, "google": _google}[vendor](reply)


def _openai(reply: Reply) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": reply.text}
    if reply.note is not None:
        call = {"name": "note", "arguments": json.dumps(reply.note)}
        message["tool_calls"] = [{"id": "call_1", "type": "function", "function": call}]
    ended = "length" if reply.cut else "tool_calls" if reply.note is not None else "stop"
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_767_225_600,
        "model": MODEL["openai"],
        "choices": [] if reply.empty else [{"index": 0, "message": message, "finish_reason": ended}],
        "usage": {"prompt_tokens": 1000, "completion_tokens": 200, "total_tokens": 1200},
    }


def _bedrock(reply: Reply) -> dict[str, Any]:
    content: list[dict[str, Any]] = [] if reply.text is None else [{"text": reply.text}]
    if reply.note is not None:
        content.append({"toolUse": {"toolUseId": "tooluse_1", "name": "note", "input": reply.note}})
    ended = "max_tokens" if reply.cut else "tool_use" if reply.note is not None else "end_turn"
    return {
        "output": {"message": {"role": "assistant", "content": [] if reply.empty else content}},
        "stopReason": ended,
        "usage": {"inputTokens": 1000, "outputTokens": 200, "totalTokens": 1200},
        "metrics": {"latencyMs": 1},
    }


def _google(reply: Reply) -> dict[str, Any]:
    parts: list[dict[str, Any]] = [] if reply.text is None else [{"text": reply.text}]
    if reply.note is not None:
        parts.append({"functionCall": {"name": "note", "args": reply.note}})
    candidate = {
        "content": {"role": "model", "parts": parts},
        "finishReason": "MAX_TOKENS" if reply.cut else "STOP",
        "index": 0,
    }
    return {
        "candidates": [] if reply.empty else [candidate],
        "usageMetadata": {"promptTokenCount": 1000, "candidatesTokenCount": 200, "totalTokenCount": 1200},
        "modelVersion": MODEL["google"],
        "responseId": "response-1",
    }
