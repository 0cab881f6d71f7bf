"""Two processes that call each other over a socket: frames with their length in front."""

import select
import time

from dlcore.grading.wire import LIMIT, Refused, Wire


class Lost(BaseException):
    """The other side is gone or out of time. No test may catch it as an ordinary error."""

    def __init__(self, kind: str, message: str):
        super().__init__(message)
        self.kind = kind


class Peer(Wire):
    """One end. `ask` sends a request and, until its reply comes, serves the other side's."""

    def __init__(self, socket):
        self.socket = socket
        self.lost = None

    def ask(self, request: list, seconds: float | None = None):
        """The parts of the reply; `Lost` where none comes in time."""
        deadline = None if seconds is None else time.monotonic() + seconds
        self.send(request)
        while True:
            message = self.receive(deadline, seconds)
            if message[0] == "reply":
                return message[1:]
            self.serve(message)

    def serve(self, message):
        raise NotImplementedError

    def send(self, message: list) -> None:
        frame = self.pack(message)
        try:
            self.socket.sendall(len(frame).to_bytes(8, "big") + frame)
        except TimeoutError:
            raise self.loss("limit", "stopped: it does not listen any more") from None
        except OSError:
            raise self.loss("died", GONE) from None

    def receive(self, deadline=None, seconds=None) -> list:
        length = int.from_bytes(self.exactly(8, deadline, seconds), "big")
        if length > LIMIT + 16:
            raise self.loss("died", "this sent more than 64 MB to its check")
        try:
            message = self.unpack(bytes(self.exactly(length, deadline, seconds)))
        except Refused as error:
            raise self.loss("died", f"this broke the line to its check: {error}") from None
        if not (isinstance(message, list) and message and isinstance(message[0], str)):
            raise self.loss("died", "this broke the line to its check")
        return message

    def exactly(self, count: int, deadline, seconds) -> bytearray:
        data = bytearray()
        while len(data) < count:
            wait = None if deadline is None else max(0, deadline - time.monotonic())
            if not select.select([self.socket], [], [], wait)[0]:
                said = f"stopped after {seconds:g} s: is there a loop that never ends?"
                raise self.loss("limit", said)
            try:
                part = self.socket.recv(min(count - len(data), 1 << 20))
            except OSError:
                part = b""
            if not part:
                raise self.loss("died", GONE)
            data += part
        return data

    def loss(self, kind: str, message: str) -> Lost:
        """Remembered, for a test that swallows everything."""
        self.lost = Lost(kind, message)
        return self.lost


GONE = "this ended Python itself: is there an exit in it?"
