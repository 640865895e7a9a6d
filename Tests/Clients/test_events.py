"""The events on Kafka and in the audit log, read by kcat and curl."""

import json
import pathlib
import subprocess

from clients import eventually, tool, with_note


def consumed(cluster) -> list[dict]:
    """Every message of the notes topic, by kcat, with its headers and key."""
    done = subprocess.run(
        [tool("kcat"), "-b", cluster.ready["kafka"], "-t", "strongroom.notes.v1", "-C", "-e", "-q", "-J"],
        capture_output=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.decode("utf-8", "replace").splitlines()]


def test_kcat_reads_the_events_of_a_write(cluster, tenant, notes):
    made = notes[0].create("for kafka", "never on the wire: c0ntent").json

    def of_this_note():
        mine = [message for message in consumed(cluster) if message["key"] == tenant.pool]
        return mine if mine else None

    mine = eventually(of_this_note)
    assert mine, "kcat sees no event of this tenant"
    headers = dict(zip(mine[-1]["headers"][::2], mine[-1]["headers"][1::2]))
    assert headers["ce_specversion"] == "1.0"
    assert {"ce_id", "ce_type", "ce_source", "ce_time"} <= headers.keys()
    assert "traceparent" in headers
    text = json.dumps(mine)
    assert "c0ntent" not in text and "for kafka" not in text
    assert made["noteId"] in eventually(lambda: [event["noteId"] for event in notes[0].events() if event.get("noteId")])


def test_a_write_tells_its_place_and_the_log_waits_for_it(notes):
    for number in range(20):
        made = notes[0].create(f"note {number}", "x")
        position = made.headers["x-strongroom-audit-position"]
        answer = notes[0].call("GET", f"/audit/events?waitFor={position}")
        assert made.json["noteId"] in answer.body.decode(), answer


def test_every_write_is_in_the_log_once_and_in_order(notes):
    made = [notes[0].create(f"note {number}", "x").json["noteId"] for number in range(30)]
    for note in made[:10]:
        assert notes[0].delete(note).status == 204

    def complete():
        events = [event for event in notes[0].events("?limit=1000") if event["outcome"] == "accepted" and event.get("noteId")]
        return events if len(events) >= 40 else None

    events = eventually(complete)
    assert events and len(events) == 40
    assert len({json.dumps(event, sort_keys=True) for event in events}) == 40
    times = [event["time"] for event in events]
    assert times in (sorted(times), sorted(times, reverse=True))


def test_a_refused_write_is_in_the_log(notes):
    made = notes[0].create("mine", "x").json["noteId"]
    assert notes[1].call("PUT", f"/dev/notes/{made}", body={"title": "theirs", "content": ""}).status == 404
    refused = eventually(lambda: [event for event in notes[1].events() if event["outcome"] != "accepted" and event.get("noteId") == made])
    assert refused, "the refused write is not in the log"


def test_filters_and_cursors(notes):
    made = [notes[0].create(f"note {number}", "x").json["noteId"] for number in range(5)]
    assert eventually(lambda: len([e for e in notes[0].events("?outcome=accepted") if e.get("noteId") in made]) == 5)
    one = [event for event in notes[0].events(f"?note={made[2]}")]
    assert {event["noteId"] for event in one} == {made[2]}
    seen, query = [], "?outcome=accepted&limit=2"
    for _ in range(20):
        page = notes[0].call("GET", f"/audit/events{query}").json
        seen += [with_note(event).get("noteId") for event in page["events"]]
        if not page.get("nextToken"):
            break
        query = f"?outcome=accepted&limit=2&nextToken={page['nextToken']}"
    assert sorted(note for note in seen if note in made) == sorted(made)


def test_completeness_is_told(notes):
    notes[0].create("one", "x")
    answer = eventually(lambda: (a := notes[0].call("GET", "/audit/completeness")).status == 200 and a)
    assert answer, "completeness is not told"


def test_a_trace_goes_through(cluster, tenant, notes):
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    notes[0].create("traced", "x", "-H", f"traceparent: 00-{trace}-00f067aa0ba902b7-01")
    found = eventually(lambda: [message for message in consumed(cluster) if trace in json.dumps(message["headers"])])
    assert found, "the trace did not reach the event"
    lines = eventually(lambda: [line for line in pathlib.Path(cluster.ready["log"]).read_text().splitlines() if trace in line])
    services = {json.loads(line)["service"] for line in lines}
    assert {"gateway", "notes"} <= services
