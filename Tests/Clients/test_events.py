"""The events on Kafka and in the audit log, read by kcat and curl."""

import asyncio
import json
import pathlib
import subprocess
import uuid

import aiokafka
import confluent_kafka
import pytest

from clients import Notes, boto, eventually, tool, with_note
from clients import tenant as make_tenant
from cluster import User


@pytest.fixture
def tenant(cluster):
    """A tenant of the test's own: it looks at the whole of its log."""
    return make_tenant(cluster)


def consumed(cluster) -> list[dict]:
    """Every message of the notes topic, by kcat, with its headers and key."""
    done = subprocess.run(
        [tool("kcat"), "-b", cluster.ready["kafka"], "-t", "strongroom.notes.v1", "-C", "-e", "-q", "-J"],
        capture_output=True, timeout=30)
    assert done.returncode == 0, done.stderr
    # Lines are split as bytes: text would be split at U+0085 and its like too, which a payload may hold.
    return [json.loads(line.decode("utf-8", "replace")) for line in done.stdout.splitlines()]


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


def by_confluent_kafka(brokers: str) -> list[tuple[bytes, bytes]]:
    """Keys and values of all there is, by the partitions that the broker says the topic has."""
    consumer = confluent_kafka.Consumer({"bootstrap.servers": brokers, "group.id": f"test-{uuid.uuid4()}", "enable.partition.eof": True})
    try:
        partitions = consumer.list_topics("strongroom.notes.v1", timeout=10).topics["strongroom.notes.v1"].partitions
        consumer.assign([confluent_kafka.TopicPartition("strongroom.notes.v1", number, confluent_kafka.OFFSET_BEGINNING) for number in partitions])
        read, ended = [], set()
        while len(ended) < len(partitions):
            message = consumer.poll(10)
            assert message is not None, "nothing is said for ten seconds"
            if message.error() is None:
                read.append((message.key(), message.value()))
            else:
                assert message.error().code() == confluent_kafka.KafkaError._PARTITION_EOF, message.error()
                ended.add(message.partition())
        return read
    finally:
        consumer.close()


def by_aiokafka(brokers: str) -> list[tuple[bytes, bytes]]:
    async def read() -> list[tuple[bytes, bytes]]:
        # Of no group, it has all partitions.
        consumer = aiokafka.AIOKafkaConsumer("strongroom.notes.v1", bootstrap_servers=brokers, auto_offset_reset="earliest")
        await consumer.start()
        try:
            found = []
            ends = await consumer.end_offsets(consumer.assignment())
            assert ends
            while any([await consumer.position(partition) < end for partition, end in ends.items()]):
                for messages in (await consumer.getmany(timeout_ms=1000)).values():
                    found += [(message.key, message.value) for message in messages]
            return found
        finally:
            await consumer.stop()

    return asyncio.run(asyncio.wait_for(read(), 60))


@pytest.mark.parametrize("client", [by_confluent_kafka, by_aiokafka])
def test_clients_in_python_read_what_kcat_reads(cluster, tenant, notes, client):
    for number in range(20):
        assert notes[0].create(f"note {number}", "x").status == 201
    position = notes[0].create("last", "x").headers["x-strongroom-audit-position"]
    assert notes[0].call("GET", f"/audit/events?waitFor={position}").status == 200
    wanted = [message["key"] for message in consumed(cluster)]
    read = client(cluster.ready["kafka"])
    assert sum(key.decode() == tenant.pool for key, _ in read) == wanted.count(tenant.pool) >= 21
    assert all(value for _, value in read)


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


def test_paging_from_the_oldest_event_ends(notes):
    """Each page is an event of the log itself, which pages that follow don't go on to."""
    made = [notes[0].create(f"note {number}", "x") for number in range(3)]
    wait = "&".join(f"waitFor={answer.headers['x-strongroom-audit-position']}" for answer in made)
    before = notes[0].events(f"?order=oldest&{wait}")
    seen, query = [], "?order=oldest&limit=1"
    for _ in range(20):
        page = notes[0].call("GET", f"/audit/events{query}").json
        seen += page["events"]
        if "nextToken" not in page:
            break
        query = f"?order=oldest&limit=1&nextToken={page['nextToken']}"
    # Those of before, and the query that asked for them.
    assert page["complete"] and len(seen) == len(before) + 1
    assert [event["leaf"] for event in seen] == sorted(event["leaf"] for event in seen)


def test_a_filter_that_no_event_can_match_is_refused_and_every_spelling_of_one_that_can_is_taken(notes):
    made = notes[0].create("filtered", "x")
    wait = f"waitFor={made.headers['x-strongroom-audit-position']}"
    for query in ("action=x", "action=CREATE", "sourceAddress=x", "sourceAddress=127.0.0", "outcome=maybe"):
        answer = notes[0].call("GET", f"/audit/events?{query}")
        assert answer.status == 400 and query.split("=")[0] in answer.json["error"], answer
    event = notes[0].events(f"?action=note.create&{wait}")[0]
    times = f"from={event['time'].lower()}&to=2999-01-01t00:00:00z"
    assert notes[0].events(f"?action=note.create&sourceAddress={event['sourceAddress']}&{times}") == [event]


def auditor_of(cluster, tenant) -> Notes:
    """What the tenant's second user, made an auditor, sees."""
    identity = boto(cluster, "cognito-idp")
    identity.create_group(UserPoolId=tenant.pool, GroupName="auditors")
    identity.admin_add_user_to_group(UserPoolId=tenant.pool, Username=tenant.users[1].username, GroupName="auditors")
    return Notes(cluster.url, tenant.tokens(tenant.users[1])["IdToken"])


def test_completeness_is_reached_and_told_per_stream(cluster, tenant, notes):
    auditor = auditor_of(cluster, tenant)
    made = [note.create(f"note {number}", "x") for number in range(10) for note in notes]

    def complete():
        answer = auditor.call("GET", "/audit/completeness")
        assert answer.status == 200, answer
        return answer.json if answer.json["complete"] else None

    told = eventually(complete)
    assert told, "the log did not become complete"
    # The notes' own positions lie within what is said to be complete.
    up_to = {(stream["source"], stream["shard"], stream["epoch"]): stream["completeUpTo"] for stream in told["streams"]}
    assert {stream["status"] for stream in told["streams"]} == {"complete"}
    for answer in made:
        source, shard, epoch, number = answer.headers["x-strongroom-audit-position"].split(".")
        assert up_to[source, int(shard), epoch] >= int(number), answer.headers
    # Who is no auditor hears whether it is complete, and not how much others do.
    told = notes[0].call("GET", "/audit/completeness").json
    assert told["complete"] is True
    assert {(stream["source"], stream["shard"], stream["epoch"]) for stream in told["streams"]} == up_to.keys()
    assert all(stream.keys() == {"source", "shard", "epoch", "status"} for stream in told["streams"])


def test_auditors_see_the_whole_tenant_and_nobody_else_does(cluster, tenant, notes):
    identity = boto(cluster, "cognito-idp")
    made = [one.create("mine", "x").json["noteId"] for one in notes]
    auditor = User("auditor", "Pass-auditor-A1!")
    identity.admin_create_user(UserPoolId=tenant.pool, Username=auditor.username, MessageAction="SUPPRESS")
    identity.admin_set_user_password(UserPoolId=tenant.pool, Username=auditor.username, Password=auditor.password, Permanent=True)

    def of_notes(who: Notes, query: str = "") -> set[str]:
        return {event["noteId"] for event in who.events(query) if event.get("noteId")}

    # Before they are a member they see nothing of it, nor may they ask for it.
    outsider = Notes(cluster.url, tenant.tokens(auditor)["IdToken"])
    assert eventually(lambda: of_notes(notes[0]) == {made[0]} and of_notes(notes[1]) == {made[1]})
    assert of_notes(outsider) == set()
    for who, other in ((outsider, tenant.users[0]), (notes[1], tenant.users[0])):
        assert who.call("GET", f"/audit/events?user={other.sub}").status == 403

    identity.create_group(UserPoolId=tenant.pool, GroupName="auditors")
    identity.admin_add_user_to_group(UserPoolId=tenant.pool, Username=auditor.username, GroupName="auditors")
    # A token says what its user was when it was made.
    assert of_notes(outsider) == set()
    member = Notes(cluster.url, tenant.tokens(auditor)["IdToken"])
    assert of_notes(member) == set(made)
    assert of_notes(member, f"?user={tenant.users[0].sub}") == {made[0]}
    # The attempts to see more are there to be seen.
    attempts = [event for event in member.events("?outcome=refused") if event["userId"] == tenant.users[1].sub]
    assert attempts, "the refused query is not in the log"

    # An auditor of another tenant is nobody here.
    elsewhere = make_tenant(cluster, users=1)
    identity.create_group(UserPoolId=elsewhere.pool, GroupName="auditors")
    identity.admin_add_user_to_group(UserPoolId=elsewhere.pool, Username=elsewhere.users[0].username, GroupName="auditors")
    assert of_notes(Notes(cluster.url, elsewhere.tokens(elsewhere.users[0])["IdToken"])) == set()


def test_a_trace_goes_through(cluster, tenant, notes):
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    notes[0].create("traced", "x", "-H", f"traceparent: 00-{trace}-00f067aa0ba902b7-01")
    found = eventually(lambda: [message for message in consumed(cluster) if trace in json.dumps(message["headers"])])
    assert found, "the trace did not reach the event"
    assert "tracestate" not in found[-1]["headers"]
    lines = eventually(lambda: [line for line in pathlib.Path(cluster.ready["log"]).read_text().splitlines() if trace in line])
    services = {json.loads(line)["service"] for line in lines}
    assert {"gateway", "notes"} <= services


def test_a_trace_state_goes_along_with_its_trace_and_never_by_itself(cluster, tenant, notes):
    def of_message(*fields: str) -> str | None:
        note = notes[0].create("traced", "x", *(part for field in fields for part in ("-H", field)))
        assert note.status == 201, note
        subject = f"note/{note.json['noteId']}"
        found = eventually(lambda: [message for message in consumed(cluster) if subject in message["headers"]])
        headers = dict(zip(found[-1]["headers"][::2], found[-1]["headers"][1::2]))
        # The event has what its message's headers have.
        event = found[-1]["payload"]
        state = headers.get("tracestate")
        assert headers["traceparent"] in event and (state is None or state in event)
        return state

    parent = "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4737-00f067aa0ba902b7-01"
    state = "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"
    assert of_message(parent, f"tracestate: {state}") == state
    assert of_message(parent, "tracestate: a=1", "tracestate: b=2") == "a=1,b=2"
    longest = f"a={'x' * 255},b={'y' * 252}"
    assert of_message(parent, f"tracestate: {longest}") == longest
    assert of_message(parent, f"tracestate: {longest}y") is None
    assert of_message(parent, "tracestate: a=\u00e4") is None
    assert of_message(f"tracestate: {state}") is None
    assert of_message(f"{parent}x", f"tracestate: {state}") is None
