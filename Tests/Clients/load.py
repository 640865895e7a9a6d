"""Writers that remember what was acknowledged, and look for it."""

import collections
import contextlib
import http.client
import json
import ssl
import threading
import time
import urllib.parse

import clients


class Load:
    """Writers that remember what was acknowledged. What was not answered may have happened or not, and counts as neither."""

    def __init__(self, url: str, tokens: list[str], pause: float = 0, authority: str | None = None) -> None:
        """`pause`: seconds between two writes of a connection. `authority`: the file of certificates to trust, where the URL is https."""
        self.url = url
        self.tokens = tokens
        self.pause = pause
        self.trust = ssl.create_default_context(cafile=authority) if url.startswith("https:") else None
        self.stopping = threading.Event()
        self.created: list[dict[str, dict]] = [{} for _ in tokens]
        self.deleted: list[set[str]] = [set() for _ in tokens]
        self.uncertain: list[set[str]] = [set() for _ in tokens]
        self.lock = threading.Lock()

    def run(self, seconds: float, connections: int = 4) -> None:
        """Writes for so long, or until the cluster is gone."""
        self.stopping.clear()
        threads = [threading.Thread(target=self.write, args=(number % len(self.tokens),)) for number in range(connections)]
        for thread in threads:
            thread.start()
        self.stopping.wait(seconds)
        self.threads = threads

    def finish(self) -> None:
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def write(self, user: int) -> None:
        with contextlib.closing(self.connection(10)) as connection:
            self.write_over(connection, user)

    def write_over(self, connection: http.client.HTTPConnection, user: int) -> None:
        count = 0
        while not self.stopping.is_set():
            try:
                count += 1
                if count % 5 == 0 and (note := self.some(user)):
                    with self.lock:
                        self.uncertain[user].add(note)
                    if self.call(connection, user, "DELETE", f"/dev/notes/{note}").status == 204:
                        with self.lock:
                            self.deleted[user].add(note)
                            self.uncertain[user].discard(note)
                else:
                    answer = self.call(connection, user, "POST", "/dev/notes", json.dumps({"title": f"note {count}", "content": "x" * 200}))
                    if answer.status == 201:
                        note = json.loads(answer.body)
                        with self.lock:
                            self.created[user][note["noteId"]] = note
            except (OSError, http.client.HTTPException):
                connection.close()
                time.sleep(0.01)
            time.sleep(self.pause)

    def connection(self, timeout: float) -> http.client.HTTPConnection:
        host = urllib.parse.urlsplit(self.url).netloc
        return http.client.HTTPSConnection(host, timeout=timeout, context=self.trust) if self.trust else http.client.HTTPConnection(host, timeout=timeout)

    def some(self, user: int) -> str | None:
        with self.lock:
            return next((note for note in self.created[user] if note not in self.deleted[user] | self.uncertain[user]), None)

    def call(self, connection: http.client.HTTPConnection, user: int, method: str, path: str, body: str | None = None) -> clients.Answer:
        connection.request(method, path, body, {"Authorization": self.tokens[user]})
        response = connection.getresponse()
        return clients.Answer(response.status, dict(response.getheaders()), response.read())

    def get(self, user: int, path: str) -> dict:
        with contextlib.closing(self.connection(30)) as connection:
            answer = self.call(connection, user, "GET", path)
        assert answer.status == 200, f"GET {path}: {answer.status} {answer.body[:200]}"
        return json.loads(answer.body)

    def pages(self, user: int, path: str, member: str) -> list[dict]:
        found, token = [], ""
        while True:
            page = self.get(user, path + (f"&nextToken={token}" if token else ""))
            found += page[member]
            token = page.get("nextToken")
            if not token:
                return found

    def verify(self, seconds: float = 30) -> None:
        """Everything acknowledged is there, and in the log once, within so many seconds."""
        for user in range(len(self.tokens)):
            there = {note["noteId"]: note for note in self.pages(user, "/dev/notes?limit=1000", "notes")}
            for note, content in self.created[user].items():
                if note in self.uncertain[user]:
                    continue
                if note in self.deleted[user]:
                    assert note not in there, f"the deleted note {note} is back"
                else:
                    assert there.get(note) == content, f"the acknowledged note {note} is gone or changed"
            wanted = {("note.create", note) for note in self.created[user]} | {("note.delete", note) for note in self.deleted[user]}

            def logged() -> collections.Counter:
                events = self.pages(user, "/audit/events?outcome=accepted&limit=1000", "events")
                return collections.Counter((event["action"], event["noteId"]) for event in map(clients.with_note, events) if "noteId" in event)

            deadline = time.monotonic() + seconds
            while (missing := wanted - (found := logged()).keys()) and time.monotonic() < deadline:
                time.sleep(0.1)
            assert not missing, f"{len(missing)} acknowledged writes are not in the audit log, such as {sorted(missing)[:3]}"
            # Until nothing is missing in between, and nobody's uncertain write is still under way.
            while not (report := self.get(user, "/audit/completeness"))["complete"] and time.monotonic() < deadline:
                time.sleep(0.1)
            gaps = [stream for stream in report["streams"] if stream["status"] != "complete"]
            assert report["complete"], f"streams with gaps: {gaps}"
            # What was sent again has arrived by now, too.
            twice = [write for write, times in logged().items() if times > 1]
            assert not twice, f"{len(twice)} writes are in the audit log more than once, such as {twice[:3]}"

    def counts(self) -> str:
        return f"{sum(map(len, self.created))} notes written, {sum(map(len, self.deleted))} deleted"
