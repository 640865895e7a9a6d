"""Fixtures: one cluster for each worker, and in it as many tenants as tests ask for."""

import pytest

import clients
import cluster as harness


@pytest.fixture(scope="session")
def cluster():
    with harness.Folder() as folder:
        running = harness.start(folder)
        yield running
        code = running.interrupt()
        assert code == 0, f"the cluster ended with {code}: {running.output()}"


@pytest.fixture
def folder():
    with harness.Folder() as path:
        yield path


@pytest.fixture(scope="module")
def pool(cluster):
    """Of all tests of a file: it takes half a second to make a pool's keys."""
    return clients.pool(cluster)


@pytest.fixture
def tenant(pool):
    """Two users of the test's own. Who needs a pool of its own, too, asks for `clients.tenant`."""
    return clients.with_users(pool, 2)


@pytest.fixture
def notes(tenant):
    """The notes API as the first and the second user see it, with id tokens."""
    return [clients.Notes(tenant.cluster.url, tenant.tokens(user)["IdToken"]) for user in tenant.users]
