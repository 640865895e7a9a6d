"""Secrets are files in a volume of the service they belong to, and nowhere else."""

import json
import re
import subprocess

import pytest

import stack as harness


@pytest.fixture(scope="module")
def secrets(stack):
    """The files of each service's volume of secrets."""
    return {service: read(stack, service) for service in harness.SERVICES}


def read(stack, service: str) -> dict[str, bytes]:
    return stack.files(service, "/secrets") | (stack.files(service, "/tls") if service == "gateway" else {})


def words(files: dict[str, bytes]) -> set[str]:
    """What is secret in them: access keys' secrets, keys in base 64, the lines of a private key."""
    found = set()
    for name, content in files.items():
        if name.endswith("keyring.json"):
            keyring = json.loads(content)
            found |= {key for entry in keyring["callers"] for key in entry.get("days", {"": entry.get("secret")}).values()}
            found |= {entry["key"] for kind in ("identityKeys", "eventKeys") for entry in keyring[kind]}
        elif name.endswith("credentials"):
            found |= set(re.findall(r"aws_secret_access_key = (\S+)", content.decode()))
        elif name.endswith("callers.json"):
            found |= {entry["secret"] for entry in json.loads(content)["callers"]}
        elif name.endswith("root.json"):
            found.add(json.loads(content)["secretAccessKey"])
        elif name.endswith("key.pem"):
            found |= {line for line in content.decode().splitlines() if not line.startswith("-----")}
    return found


def test_each_service_has_its_own_and_no_other(stack, secrets):
    for service in harness.SERVICES:
        volumes = {mount["Name"].removeprefix(f"{stack.project}_"): mount for mount in stack.inspect(service)["Mounts"] if mount["Type"] == "volume"}
        own = {f"secrets-{service}"} | ({"tls"} if service == "gateway" else {f"data-{service}", f"backups-{service}"})
        assert volumes.keys() == own
        assert not volumes[f"secrets-{service}"]["RW"], "a service can't change its secrets"
    assert any(name.endswith("root.json") for name in secrets["authorizer"])
    assert not any(name.endswith("root.json") for service in harness.SERVICES if service != "authorizer" for name in secrets[service])


def test_the_master_key_is_not_among_the_data(stack, secrets):
    for service in ("identity", "authorizer", "notes", "audit"):
        key = next(content for name, content in secrets[service].items() if name.endswith("master.key"))
        assert len(key) == 32
        assert not any(key in content for content in stack.files(service, "/data").values())


def test_no_secret_is_in_an_inspection_a_log_or_the_images_history(stack, secrets):
    every = set().union(*(words(files) for files in secrets.values()))
    assert len(every) > 15
    said = harness.docker("inspect", *stack.containers()) + harness.docker("history", "--no-trunc", harness.IMAGE)
    for container in stack.containers():
        done = subprocess.run(["docker", "logs", container], capture_output=True, text=True)
        said += done.stdout + done.stderr
    assert not [secret[:4] for secret in every if secret in said]


def test_a_second_init_changes_nothing(stack, secrets):
    said = stack.compose("run", "--rm", "init").stdout
    assert "nothing is changed" in said
    assert {service: read(stack, service) for service in harness.SERVICES} == secrets
