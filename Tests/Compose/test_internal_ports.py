"""Between the services nothing is trusted but signatures, and from outside nobody gets that far."""

import subprocess

import pytest

import stack as harness
from clients import curl

CALLS = [
    ("identity", "POST", "/"),
    ("authorizer", "POST", "/"),
    ("authorizer", "POST", "/internal/v1/policy"),
    ("authorizer", "POST", "/internal/v1/signing-key"),
    ("authorizer", "POST", "/internal/v1/decision"),
    ("notes", "GET", "/notes"),
    ("notes", "POST", "/notes"),
    ("notes", "GET", "/internal/v1/streams"),
    ("notes", "POST", "/internal/v1/replay"),
    ("audit", "GET", "/audit/events"),
    ("audit", "POST", "/internal/v1/marks"),
]


@pytest.mark.parametrize("service,method,path", CALLS)
def test_an_unsigned_call_from_the_internal_network_is_refused(stack, service, method, path):
    answer = curl(f"{stack.ready[service]}{path}", "-X", method, *(("-d", "{}") if method == "POST" else ()))
    assert answer.status in (401, 403), answer


@pytest.mark.parametrize("service", harness.INTERNAL_PORTS)
def test_the_edge_does_not_reach_the_services(stack, service):
    def reached(network: str) -> bool:
        return subprocess.run(
            ["docker", "run", "--rm", "--network", f"{stack.project}_{network}", harness.IMAGE, "health", "--url",
             f"http://{stack.address(service)}:{harness.INTERNAL_PORTS[service]}"], capture_output=True).returncode == 0
    assert reached("internal") and not reached("edge")


def test_the_internal_network_leads_nowhere(stack):
    assert harness.docker("network", "inspect", "--format", "{{.Internal}}", f"{stack.project}_internal").strip() == "true"


def test_the_public_port_shows_no_metrics(stack):
    for path in ("/metrics", "/dev/metrics", "/internal/v1/streams"):
        assert curl(f"{stack.url}{path}").status in (403, 404), path
