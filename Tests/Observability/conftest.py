"""A cluster of five processes under a little load, watched by a live Prometheus."""

import pytest

import clients
import cluster as harness
import monitoring
from load import Load


@pytest.fixture(scope="session")
def programs():
    if reason := monitoring.missing():
        pytest.skip(reason)


@pytest.fixture(scope="session")
def running(programs):
    with harness.Folder() as folder, harness.Processes(folder) as processes:
        yield processes


@pytest.fixture(scope="session")
def watched(running):
    targets = {service: f"127.0.0.1:{running.operations if service == 'gateway' else port}" for service, port in running.ports.items()}
    with harness.Folder() as folder:
        prometheus = monitoring.Monitoring(folder, targets, patience="2s")
        try:
            prometheus.wait_until_it_answers()
            yield prometheus
        finally:
            prometheus.stop()


@pytest.fixture(scope="session")
def load(running):
    """Notes written and deleted all the while."""
    tenant = clients.tenant(running)
    load = Load(running.url, [tenant.tokens(user)["IdToken"] for user in tenant.users], pause=0.02)
    load.run(0)
    yield load
    load.finish()
