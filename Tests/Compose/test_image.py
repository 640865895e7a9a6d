"""The image: small, nobody's root, and with nothing in it but the program."""

import json

import stack as harness

LIMIT = 70_000_000


def test_the_image_is_at_most_70_mb_over_its_base(image):
    size, base = (int(harness.docker("image", "inspect", "--format", "{{.Size}}", name)) for name in (image, "debian:bookworm-slim"))
    assert size - base <= LIMIT, f"{(size - base) / 1e6:.0f} MB over its base"


def test_the_program_is_not_run_by_root_and_needs_no_shell(image):
    settings = json.loads(harness.docker("image", "inspect", image))[0]["Config"]
    assert settings["User"] == "10001:10001"
    assert settings["Entrypoint"] == ["/usr/local/bin/strongroom"]
    assert settings["Labels"]["org.opencontainers.image.title"] == "Strongroom"


def test_the_image_knows_its_version(image):
    version = harness.docker("run", "--rm", "--read-only", "--network", "none", image, "--version").split()[1]
    assert json.loads(harness.docker("image", "inspect", image))[0]["Config"]["Labels"]["org.opencontainers.image.version"] == version


def test_containers_have_no_more_rights_than_they_need(stack):
    for service in harness.SERVICES:
        host = stack.inspect(service)["HostConfig"]
        assert host["ReadonlyRootfs"] and host["CapDrop"] == ["ALL"] and host["SecurityOpt"] == ["no-new-privileges:true"], service
        assert host["Memory"] > 0 and host["PidsLimit"] > 0 and host["RestartPolicy"]["Name"] == "unless-stopped", service
        assert not host["Privileged"], service


def test_one_port_is_published(stack):
    published = {service: stack.inspect(service)["HostConfig"]["PortBindings"] or {} for service in (*harness.SERVICES, "kafka")}
    assert {service for service, ports in published.items() if ports} == {"gateway"}
    assert len(published["gateway"]) == 1


def test_the_gateway_alone_is_on_both_networks(stack):
    networks = {service: {name.removeprefix(f"{stack.project}_") for name in stack.inspect(service)["NetworkSettings"]["Networks"]}
                for service in (*harness.SERVICES, "kafka")}
    assert networks.pop("gateway") == {"edge", "internal"}
    assert all(names == {"internal"} for names in networks.values()), networks
