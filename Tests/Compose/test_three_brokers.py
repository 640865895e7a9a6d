"""Three brokers, of which any one may be lost: writes and their events go on without it."""

import time

import pytest

import clients
import stack as harness
from load import Load

BROKERS = ("kafka", "kafka-2", "kafka-3")
OPTIONS = ("--env-file", "compose/kafka-3.env")


@pytest.fixture(scope="module")
def three(image):
    running = harness.Stack("three", OPTIONS)
    try:
        running.up()
        running.wait_until_healthy(*harness.SERVICES, *BROKERS)
        running.learn()
        yield running
    finally:
        running.down()


@pytest.fixture(scope="module")
def load(three):
    tenant = clients.tenant(three)
    load = Load(three.url, [tenant.tokens(user)["IdToken"] for user in tenant.users], pause=0.02, authority=harness.AUTHORITIES)
    load.run(2)
    load.finish()
    load.verify(seconds=90)
    return load


@pytest.mark.parametrize("victim", BROKERS)
def test_one_broker_is_lost_and_every_event_is_stored_once(three, load, victim):
    before = sum(map(len, load.created))
    load.run(1)
    three.kill(victim)
    time.sleep(4)
    load.finish()
    assert sum(map(len, load.created)) > before + 20, "writes did not go on"
    # While the broker is still away.
    load.verify(seconds=90)
    three.start(victim)


def test_events_are_on_all_three_and_acknowledged_by_two(three):
    for broker in BROKERS:
        settings = dict(line.split("=", 1) for line in three.inspect(broker)["Config"]["Env"] if "=" in line)
        assert (settings["KAFKA_DEFAULT_REPLICATION_FACTOR"], settings["KAFKA_MIN_INSYNC_REPLICAS"]) == ("3", "2")
        partitions = harness.docker("exec", three.container(broker), "ls", "/var/lib/kafka/data").split()
        assert sum(name.startswith("strongroom.notes.v1-") for name in partitions) == 6, broker
