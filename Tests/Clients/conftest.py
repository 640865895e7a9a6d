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


@pytest.fixture
def tenant(cluster):
    return clients.tenant(cluster)


@pytest.fixture
def notes(tenant):
    """The notes API as the first and the second user see it, with id tokens."""
    return [clients.Notes(tenant.cluster.url, tenant.tokens(user)["IdToken"]) for user in tenant.users]
