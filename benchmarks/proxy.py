"""A proxy between clients and a server, which counts round trips, that is how often a client speaks after it has listened, and can make them long,
or for ever."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable


class Proxy:
    """Passes bytes on, `seconds` after they came, and counts the turns of those who speak."""

    def __init__(self, server: tuple[str, int], seconds: float = 0.0) -> None:
        self.turns = 0
        self.loses_answers = False
        self._seconds = seconds
        self._server = server
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(self._server)
            for side in (client, server):
                side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            has_heard = threading.Event()
            threading.Thread(
                target=self._pass, args=(client, server, self._spoken(has_heard), False), daemon=True
            ).start()
            threading.Thread(target=self._pass, args=(server, client, has_heard.set, True), daemon=True).start()

    def _spoken(self, has_heard: threading.Event) -> Callable[[], None]:
        has_heard.set()

        def note() -> None:
            if has_heard.is_set():
                has_heard.clear()
                self.turns += 1

        return note

    def _pass(self, source: socket.socket, target: socket.socket, note: Callable[[], None], is_answer: bool) -> None:
        try:
            while data := source.recv(65536):
                note()
                if self._seconds:
                    time.sleep(self._seconds)
                if not (self.loses_answers and is_answer):
                    target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            return


def turns_of(proxy: Proxy, work: Callable[[int], object]) -> int:
    """How often the third piece of work speaks, when all its statements are prepared."""
    for number in range(2):
        work(number)
    before = proxy.turns
    work(2)
    return proxy.turns - before
