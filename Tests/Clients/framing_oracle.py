"""Reads HTTP/1.1 messages with h11 and llhttp, for the differential tests of Sources/Platform/HTTP.

Arguments: `requests` or `responses`. Standard input: one case a line, in hex. Standard output: for each, a line of JSON
{"h11": [message…], "llhttp": [message…]}, where a message is what was read of it before an error or the end:
{"start": "GET /x 1.1" or "200 1.1", "headers": [[name, value]…], "body": hex, "trailers": […], "complete": bool}.
"""

import json
import sys

import h11
import httptools


def message(start, headers):
    return {"start": start, "headers": fields(headers), "body": "", "trailers": [], "complete": False}


def fields(pairs):
    return [field(name.decode("latin-1").lower(), value.decode("latin-1").strip(" \t")) for name, value in pairs]


def field(name, value):
    return [name, value.lower() if name == "transfer-encoding" else value]


def h11_connection(kind):
    if kind == "requests":
        return h11.Connection(h11.SERVER, max_incomplete_event_size=1 << 17)
    connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=1 << 17)
    connection.send(h11.Request(method="GET", target="/", headers=[("host", "x")]))
    connection.send(h11.EndOfMessage())
    return connection


def read_h11(kind, data):
    messages = []
    while data:
        connection = h11_connection(kind)
        connection.receive_data(data)
        ended = False
        current = None
        try:
            while True:
                event = connection.next_event()
                if event is h11.NEED_DATA and not ended:
                    connection.receive_data(b"")
                    ended = True
                    continue
                if event is h11.NEED_DATA or event is h11.PAUSED or isinstance(event, h11.ConnectionClosed):
                    return messages
                if isinstance(event, h11.Request):
                    start = f"{event.method.decode()} {event.target.decode('latin-1')} {event.http_version.decode()}"
                    current = message(start, event.headers)
                    messages.append(current)
                elif isinstance(event, (h11.Response, h11.InformationalResponse)):
                    current = message(f"{event.status_code} {event.http_version.decode()}", event.headers)
                    messages.append(current)
                    current["complete"] = isinstance(event, h11.InformationalResponse)
                elif isinstance(event, h11.Data):
                    current["body"] += bytes(event.data).hex()
                elif isinstance(event, h11.EndOfMessage):
                    current["complete"] = True
                    current["trailers"] = fields(event.headers)
                    break
        except h11.RemoteProtocolError:
            return messages
        data = connection.trailing_data[0]
    return messages


class Listener:
    def __init__(self, kind):
        self.kind = kind
        self.messages = []
        self.parser = None
        self.in_body = False
        self.reset()

    def reset(self):
        self.url = b""
        self.headers = []
        self.in_body = False

    def on_message_begin(self):
        self.reset()

    def on_url(self, url):
        self.url += url

    def on_header(self, name, value):
        if self.in_body:
            self.messages[-1]["trailers"] += fields([(name, value)])
        else:
            self.headers.append((name, value))

    def on_headers_complete(self):
        version = self.parser.get_http_version()
        if self.kind == "requests":
            start = f"{self.parser.get_method().decode()} {self.url.decode('latin-1')} {version}"
        else:
            start = f"{self.parser.get_status_code()} {version}"
        self.messages.append(message(start, self.headers))
        self.in_body = True

    def on_body(self, body):
        self.messages[-1]["body"] += body.hex()

    def on_message_complete(self):
        self.messages[-1]["complete"] = True


def read_llhttp(kind, data):
    listener = Listener(kind)
    kind_of = httptools.HttpRequestParser if kind == "requests" else httptools.HttpResponseParser
    listener.parser = kind_of(listener)
    try:
        listener.parser.feed_data(data)
    except (httptools.HttpParserError, httptools.HttpParserUpgrade):
        pass
    return listener.messages


def main():
    kind = sys.argv[1]
    for line in sys.stdin:
        data = bytes.fromhex(line.strip())
        print(json.dumps({"h11": read_h11(kind, data), "llhttp": read_llhttp(kind, data)}))


if __name__ == "__main__":
    main()
