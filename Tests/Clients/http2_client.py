"""A client of HTTP/2 over a connected socket, by PyPI's h2: polite, but it lets a test send what it likes."""

import dataclasses
import time

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions
import h2.settings


class Reset(Exception):
    """The server reset the stream."""


class Ended(Exception):
    """The connection is over."""


@dataclasses.dataclass
class Response:
    status: int = 0
    fields: list = dataclasses.field(default_factory=list)
    body: bytes = b""
    done: bool = False
    reset: int | None = None

    def field(self, name: str) -> str | None:
        return next((value for key, value in self.fields if key == name), None)


class Client:
    def __init__(self, connection, authority: str, window: int | None = None, patience: float = 20) -> None:
        self.socket, self.authority, self.patience = connection, authority, patience
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(
            client_side=True, header_encoding="utf-8", validate_outbound_headers=False, normalize_outbound_headers=False))
        self.responses: dict[int, Response] = {}
        self.informed: set[int] = set()
        self.ended: int | None = None
        self.closed = False
        self.auto_window = window is None
        self.h2.initiate_connection()
        if window is not None:
            self.h2.update_settings({h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: window})
        self.flush()

    # Sending.

    def flush(self) -> None:
        data = self.h2.data_to_send()
        if data:
            try:
                self.socket.sendall(data)
            except OSError as error:
                self.closed = True
                raise Ended from error

    def raw(self, data: bytes) -> None:
        """Bytes that h2 knows nothing of."""
        self.flush()
        try:
            self.socket.sendall(data)
        except OSError as error:
            self.closed = True
            raise Ended from error

    def fields(self, path: str, method: str = "GET", more=()) -> list:
        return [(":method", method), (":scheme", "https"), (":authority", self.authority), (":path", path), *more]

    def request(self, path: str, method: str = "GET", more=(), end: bool = True, unchecked: bool = False) -> int:
        return self.request_with(self.fields(path, method, more), end, unchecked)

    def request_with(self, fields: list, end: bool = True, unchecked: bool = False) -> int:
        if unchecked:
            self.h2.remote_settings[h2.settings.SettingCodes.MAX_CONCURRENT_STREAMS] = 1 << 20
            self.h2.remote_settings.acknowledge()
        stream = self.h2.get_next_available_stream_id()
        self.h2.send_headers(stream, fields, end_stream=end)
        self.responses[stream] = Response()
        self.flush()
        return stream

    def send_fields(self, stream: int, fields: list, end: bool) -> None:
        self.h2.send_headers(stream, fields, end_stream=end)
        self.flush()

    def send_body(self, stream: int, body: bytes, end: bool = True, stop_when_answered: bool = False) -> None:
        offset = 0
        deadline = time.monotonic() + self.patience
        while offset < len(body):
            state = self.responses[stream]
            if state.reset is not None or (stop_when_answered and state.done):
                return
            window = self.h2.local_flow_control_window(stream)
            if window <= 0:
                assert time.monotonic() < deadline, "the window never opened"
                self.pump(0.05)
                continue
            size = min(window, self.h2.max_outbound_frame_size, len(body) - offset)
            self.h2.send_data(stream, body[offset:offset + size], end_stream=end and offset + size == len(body))
            offset += size
            self.flush()

    def open_window(self, stream: int, size: int) -> None:
        self.h2.increment_flow_control_window(size, stream)
        self.flush()

    def reset(self, stream: int) -> None:
        self.h2.reset_stream(stream, h2.errors.ErrorCodes.CANCEL)
        self.flush()

    # Receiving.

    def pump(self, seconds: float) -> None:
        """Takes what comes within that time; returns at the first of it."""
        self.socket.settimeout(seconds)
        try:
            data = self.socket.recv(65_536)
        except TimeoutError:
            return
        except OSError:
            data = b""
        if not data:
            self.closed = True
            return
        try:
            events = self.h2.receive_data(data)
        except h2.exceptions.ProtocolError:
            # After a GOAWAY h2 knows no stream any more.
            if self.ended is not None:
                return
            raise
        for event in events:
            self.handle(event)
        try:
            self.flush()
        except Ended:
            pass

    def handle(self, event) -> None:
        state = self.responses.get(getattr(event, "stream_id", None) or 0, Response())
        match event:
            case h2.events.ResponseReceived():
                state.fields = list(event.headers)
                state.status = int(dict(event.headers)[":status"])
            case h2.events.InformationalResponseReceived(): self.informed.add(event.stream_id)
            case h2.events.DataReceived():
                state.body += event.data
                if self.auto_window and event.flow_controlled_length:
                    self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                elif event.flow_controlled_length:
                    # The connection's window is another matter.
                    self.h2.increment_flow_control_window(event.flow_controlled_length)
            case h2.events.StreamEnded(): state.done = True
            case h2.events.StreamReset(): state.reset = int(event.error_code)
            case h2.events.ConnectionTerminated(): self.ended = int(event.error_code)

    def pump_until(self, condition, seconds: float | None = None) -> None:
        deadline = time.monotonic() + (seconds or self.patience)
        while not condition():
            if self.closed:
                raise Ended(self.ended)
            assert time.monotonic() < deadline, "the server says nothing"
            self.pump(0.1)

    def response(self, stream: int) -> Response:
        state = self.responses[stream]
        self.pump_until(lambda: state.done or state.reset is not None)
        if not state.done:
            raise Reset(state.reset)
        return state

    def end_of(self, stream: int) -> int | str:
        state = self.responses[stream]
        self.pump_until(lambda: state.done or state.reset is not None)
        return state.status if state.done else f"reset {state.reset}"

    def received(self, stream: int) -> int:
        return len(self.responses[stream].body)

    def wait_for_informational(self, stream: int) -> None:
        self.pump_until(lambda: stream in self.informed)

    def remote_concurrency(self) -> int:
        self.pump_until(lambda: self.h2.remote_settings.max_concurrent_streams < 1 << 20)
        return self.h2.remote_settings.max_concurrent_streams

    def wait_for_end(self, seconds: float = 20) -> int | None:
        """Until the server has closed; what its GOAWAY said."""
        deadline = time.monotonic() + seconds
        while not self.closed:
            assert time.monotonic() < deadline, "the server did not close"
            self.pump(0.1)
        return self.ended
