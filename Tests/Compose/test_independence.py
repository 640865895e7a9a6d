"""Any one service away: what the others can do without it they do, the rest is 503 with Retry-After, and readiness tells the truth.

`compose/README.md` has the same table; a test holds the two against each other.
"""

import re

import pytest

import stack as harness
from callers import Callers
from load import Load

CALLS = ("sign_in", "refresh_tokens", "key_set", "read_notes", "write_a_note", "a_stranger_reads_notes", "read_the_audit_log",
         "ask_for_completeness", "manage_users", "manage_roles")
# What can't be done while a service is away.
UNAVAILABLE = {
    "identity": {"sign_in", "refresh_tokens", "key_set", "a_stranger_reads_notes", "manage_users"},
    "authorizer": {"a_stranger_reads_notes", "manage_users", "manage_roles"},
    "notes": {"read_notes", "write_a_note", "a_stranger_reads_notes"},
    "audit": {"read_the_audit_log", "ask_for_completeness"},
    "kafka": set(),
}


@pytest.mark.parametrize("away", UNAVAILABLE)
def test_what_does_not_need_it_goes_on_and_the_rest_is_503(stack, away):
    callers = Callers.prepare(stack, strangers=1)
    before = Load(stack.url, [callers.tokens["IdToken"]], pause=0.02, authority=harness.AUTHORITIES)
    before.run(0.5)
    before.finish()
    stack.stop(away)
    try:
        said = {call: callers.call(call) for call in CALLS}
        assert {call for call, answer in said.items() if answer.status >= 300} == UNAVAILABLE[away], said
        for call in UNAVAILABLE[away]:
            assert (said[call].status, said[call].headers.get("retry-after")) == (503, "1"), (call, said[call])
        others = [service for service in harness.SERVICES if service != away]
        assert [stack.health(service) for service in others] == ["healthy"] * len(others)
        if away == "notes":
            report = said["ask_for_completeness"].json
            assert not report["complete"] and all(stream["status"] == "unknown" for stream in report["streams"]), report
    finally:
        stack.start(away)
    stack.wait_until_healthy(*harness.SERVICES)
    assert {call: callers.call(call).status for call in CALLS if call != "a_stranger_reads_notes"}.items() >= {"read_notes": 200, "sign_in": 200}.items()
    before.verify(seconds=90)


def test_without_the_gateway_the_services_stay_ready(stack):
    stack.stop("gateway")
    try:
        assert all(stack.health(service) == "healthy" for service in harness.INTERNAL_PORTS)
    finally:
        stack.start("gateway")


def test_each_service_is_replaced_while_notes_are_written(stack):
    """As an upgrade does it: another container, at another address, on the same volumes."""
    callers = Callers.prepare(stack, strangers=0)
    load = Load(stack.url, [callers.tokens["IdToken"]], pause=0.02, authority=harness.AUTHORITIES)
    load.run(0.5)
    for service in harness.SERVICES:
        old = stack.container(service)
        stack.up("--no-deps", "--force-recreate", service)
        assert stack.container(service) != old
        stack.wait_until_healthy(service)
    load.finish()
    stack.find_addresses()
    load.verify(seconds=90)


def test_services_start_in_any_order(image):
    """Without compose's own order: gateway first, what it needs last."""
    running = harness.Stack("order")
    try:
        for service in ("init", "gateway", "audit", "notes", "identity", "authorizer", "kafka"):
            running.up("--no-deps", service)
            if service == "init":
                assert harness.docker("wait", running.container(service)).strip() == "0"
        running.wait_until_healthy(*harness.SERVICES, "kafka")
        running.learn()
        callers = Callers.prepare(running, strangers=0)
        assert callers.write_a_note().status == 201
    finally:
        running.down()


def test_the_documented_table_is_this_one():
    text = (harness.ROOT / "compose/README.md").read_text()
    rows = re.findall(r"^\| ([a-z ]+) \|((?: [a-z0-9-]* \|){5})$", text, flags=re.M)
    documented = {name.replace(" ", "_"): [cell.strip() for cell in cells.split("|")[:-1]] for name, cells in rows}
    assert documented == {call: ["503" if call in UNAVAILABLE[away] else "works" for away in UNAVAILABLE] for call in CALLS}
