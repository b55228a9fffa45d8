"""A line between aliconf and a server that can be slow, be cut, or lose the answers."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from dataclasses import replace
from types import TracebackType

from tests.databases.places import Place


class Proxy:
    """Passes everything on, in threads; what follows takes effect at once."""

    def __init__(self, place: Place) -> None:
        assert place.address is not None, "SQLite has no line"
        self._server = (place.address.host, place.address.port)
        self._listening = socket.create_server(("127.0.0.1", 0))
        port = self._listening.getsockname()[1]
        self.place = replace(place, address=replace(place.address, port=port))
        """The same store, over this line."""
        self.delay = 0.0
        """Seconds by which each part of an answer is late."""
        self.bytes_left: int | None = None
        """How many bytes of answers still come before all lines are cut."""
        self.mute = False
        """Whether answers are thrown away."""
        self._lines: list[socket.socket] = []
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Proxy:
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _value: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._listening.close()
        self.cut()

    def cut(self) -> None:
        """End every connection that is open; new ones are passed on."""
        with self._lock:
            lines, self._lines = self._lines, []
        for line in lines:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            line.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(self._server)
            except OSError:
                client.close()
                continue
            with self._lock:
                self._lines += [client, server]
            for source, sink, answers in ((client, server, False), (server, client, True)):
                threading.Thread(
                    target=self._pass_on, args=(source, sink, answers), daemon=True
                ).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket, answers: bool) -> None:
        with suppress(OSError):
            while part := source.recv(65536):
                if answers:
                    part = self._disturbed(part)
                sink.sendall(part)
                if self.bytes_left == 0:
                    self.bytes_left = None
                    self.cut()
        for line in (source, sink):
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def _disturbed(self, part: bytes) -> bytes:
        if self.delay:
            time.sleep(self.delay)
        if self.mute:
            return b""
        if self.bytes_left is not None:
            part = part[: self.bytes_left]
            self.bytes_left -= len(part)
        return part
