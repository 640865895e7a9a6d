"""Each container is killed, and started again, while notes are written: what was acknowledged is there, and in the audit log once."""

import os
import pathlib
import signal
import time

import pytest

import clients
import stack as harness
from load import Load


@pytest.fixture(scope="module")
def load(stack):
    tenant = clients.tenant(stack)
    return Load(stack.url, [tenant.tokens(user)["IdToken"] for user in tenant.users], pause=0.02, authority=harness.AUTHORITIES)


@pytest.mark.parametrize("victim", [*harness.SERVICES, "kafka"])
def test_nothing_is_lost_when_a_container_is_killed(stack, load, victim):
    before = sum(map(len, load.created))
    load.run(1.0)
    stack.kill(victim)
    time.sleep(1.0)
    stack.start(victim)
    stack.wait_until_healthy("gateway")
    time.sleep(0.5)
    load.finish()
    # A broker that was killed is found again within librdkafka's longest pause between two attempts.
    load.verify(seconds=90)
    assert sum(map(len, load.created)) > before, "nothing was written"


def test_a_service_that_dies_is_started_again(stack):
    process = stack.inspect("notes")["State"]["Pid"]
    if os.geteuid() != 0 or not pathlib.Path(f"/proc/{process}/exe").exists():
        pytest.skip("the engine's processes are not this user's to kill")
    # Not through the engine, which takes a kill of its own for the operator's wish.
    os.kill(process, signal.SIGKILL)
    assert clients.eventually(lambda: stack.inspect("notes")["RestartCount"] == 1 and stack.inspect("notes")["State"]["Pid"] not in (0, process))
    stack.wait_until_healthy("notes")
    stack.find_addresses()
