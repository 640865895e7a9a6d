"""One stack for all tests that leave it as they found it; those that need another make their own."""

import pytest

import clients
import engine
import stack as harness


@pytest.fixture(scope="session")
def image():
    if reason := engine.missing():
        pytest.skip(reason)
    harness.build_image()
    return harness.IMAGE


@pytest.fixture(scope="session")
def stack(image):
    running = harness.Stack("test")
    try:
        running.up()
        running.wait_until_healthy(*harness.SERVICES, "kafka")
        running.learn()
        yield running
    finally:
        running.down()


@pytest.fixture
def tenant(stack):
    return clients.tenant(stack)
