"""TLS between the services, with certificates on both sides: seen by curl and openssl, who are let in only with what the cluster gave them."""

import contextlib
import pathlib
import re
import socket
import subprocess
import threading

import pytest

import cluster as harness
from clients import Notes, eventually, tenant, tool
from edge import Authority

INTERNAL = ("identity", "authorizer", "notes", "audit")


@pytest.fixture(scope="module")
def services():
    with harness.Folder() as folder, harness.Processes(folder, internal_tls=True) as running:
        yield running


@pytest.fixture(scope="module")
def notes(services):
    made = tenant(services, users=1)
    return Notes(services.url, made.tokens(made.users[0])["IdToken"])


def own(services) -> str:
    """The operator's certificate, key and authority, in one file."""
    return str(services.folder / "secrets/operator/internal-tls.pem")


def ask(services, service: str, *arguments: str, path: str = "/healthz", name: str | None = None) -> subprocess.CompletedProcess:
    """curl, with the service's name for its address."""
    host = f"{name or service}.strongroom.internal"
    port = services.ports[service]
    return subprocess.run(
        [tool("curl"), "-sS", "--max-time", "10", "--resolve", f"{host}:{port}:127.0.0.1", *arguments, f"https://{host}:{port}{path}"],
        capture_output=True, text=True)


def told(services, service: str, *arguments: str) -> str:
    """What openssl, which says nothing until it is spoken to, hears of a service."""
    done = subprocess.run(
        [tool("openssl"), "s_client", "-connect", f"127.0.0.1:{services.ports[service]}", "-CAfile", own(services), "-ign_eof", *arguments],
        capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=20)
    assert done.returncode != 0, done
    return done.stderr


def test_everything_works_as_without_it(services, notes):
    made = notes.create("a title", "contents")
    assert made.status == 201
    assert notes.read(made.json["noteId"]).json["content"] == "contents"
    assert eventually(lambda: [event for event in notes.events() if event.get("noteId") == made.json["noteId"]])


@pytest.mark.parametrize("service", INTERNAL)
def test_plain_http_is_refused(services, service):
    done = subprocess.run([tool("curl"), "-sS", "--max-time", "10", f"http://127.0.0.1:{services.ports[service]}/healthz"], capture_output=True)
    assert done.returncode != 0 and done.stdout == b"", done


@pytest.mark.parametrize("service", INTERNAL)
def test_who_shows_no_certificate_is_refused(services, service):
    done = ask(services, service, "--cacert", own(services))
    assert done.returncode != 0 and done.stdout == "", done
    assert "alert certificate required" in told(services, service)


@pytest.mark.parametrize("service", INTERNAL)
def test_who_has_the_operators_certificate_gets_in_and_no_further(services, service):
    done = ask(services, service, "--cacert", own(services), "--cert", own(services))
    assert (done.returncode, done.stdout) == (0, "alive\n"), done
    # A certificate is no signature.
    refused = ask(services, service, "--cacert", own(services), "--cert", own(services), "-w", "%{http_code}", "-o", "/dev/null",
                  path="/notes" if service == "notes" else "/internal/v1/marks" if service == "audit" else "/internal/v1/policy" if service == "authorizer"
                  else "/us-east-1_AAAAAAAAA/.well-known/jwks.json")
    assert refused.stdout in ("401", "403", "404", "405"), refused


def test_a_certificate_of_another_authority_is_refused(services):
    with harness.Folder() as folder:
        chain, key = Authority(folder).issue("stranger", "notes.strongroom.internal")
        done = ask(services, "notes", "--cacert", own(services), "--cert", str(chain), "--key", str(key))
        assert done.returncode != 0 and done.stdout == "", done
        assert "alert unknown ca" in told(services, "notes", "-cert", str(chain), "-key", str(key))


def test_the_gateways_operations_address_stays_plain(services):
    for path, said in (("/healthz", "alive\n"), ("/metrics", "# HELP strongroom_")):
        done = subprocess.run(
            [tool("curl"), "-sS", "--max-time", "10", f"http://127.0.0.1:{services.operations}{path}"], capture_output=True, text=True)
        assert done.returncode == 0 and said in done.stdout, done


def test_a_cluster_on_one_machine_has_none_and_says_so(folder):
    done = subprocess.run(
        [harness.binary(), "dev", "--port", "0", "--data", str(folder / "data"), "--internal-tls", "true"], capture_output=True, text=True, timeout=20)
    assert done.returncode == 2 and "--internal-tls" in done.stderr and not (folder / "data").exists(), done


def test_another_version_of_tls_is_refused(services):
    done = ask(services, "notes", "--cacert", own(services), "--cert", own(services), "--tls-max", "1.2")
    assert done.returncode != 0 and done.stdout == "", done


@pytest.mark.parametrize("service", INTERNAL)
def test_openssl_sees_a_certificate_for_the_services_own_name_and_its_wish_for_ours(services, service):
    done = subprocess.run(
        [tool("openssl"), "s_client", "-connect", f"127.0.0.1:{services.ports[service]}", "-CAfile", own(services), "-verify_return_error",
         "-verify_hostname", f"{service}.strongroom.internal"], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=20)
    assert "Verification: OK" in done.stdout and "CN = Strongroom services" in done.stdout.split("Acceptable client certificate CA names")[1], done
    assert "New, TLSv1.3" in done.stdout
    other = subprocess.run(
        [tool("openssl"), "s_client", "-connect", f"127.0.0.1:{services.ports[service]}", "-CAfile", own(services), "-verify_return_error",
         "-verify_hostname", "gateway.strongroom.internal"], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=20)
    assert other.returncode != 0 and "hostname mismatch" in (other.stdout + other.stderr).lower(), other


def test_the_health_check_and_the_backup_command_speak_it(services, folder):
    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
        return subprocess.run([harness.binary(), *arguments], capture_output=True, text=True, timeout=60, env=environment)

    health = ("health", "--url", f"http://127.0.0.1:{services.ports['notes']}", "--service", "notes", "--secrets", str(services.folder / "secrets/notes"))
    assert run(*health, "--internal-tls").returncode == 0
    assert run(*health).returncode != 0
    wrong = run(*health[:3], "--service", "audit", *health[5:], STRONGROOM_INTERNAL_TLS="true")
    assert wrong.returncode != 0 and "does not answer" in wrong.stderr, wrong
    backup = ("backup", "--service", "notes", "--address", f"127.0.0.1:{services.ports['notes']}", "--secrets", str(services.folder / "secrets/notes"))
    done = run(*backup, "--internal-tls")
    assert done.returncode == 0, done
    assert run(*backup).returncode != 0


def test_init_makes_the_certificates_where_it_is_told_so_and_the_operator_gets_theirs(folder):
    def run(*arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run([harness.binary(), *arguments], capture_output=True, text=True, timeout=60)

    root = folder / "secrets"
    assert run("init", "--secrets", str(root)).returncode == 0
    assert not list(root.glob("*/internal-tls*"))
    missing = run("keys", "internal-tls", "--secrets", str(root / "operator"))
    assert missing.returncode != 0 and "internal-tls.pem" in missing.stderr, missing
    # A cluster that has been there for a while is given them later.
    made = run("init", "--secrets", str(root), "--internal-tls")
    assert made.returncode == 0 and "between the services are made" in made.stdout, made
    files = {file: file.read_bytes() for file in root.glob("*/internal-tls/*")}
    assert len(files) == 3 * len(harness.SERVICES)
    again = run("init", "--secrets", str(root), "--internal-tls")
    assert again.returncode == 0 and "are made" not in again.stdout, again
    assert {file: file.read_bytes() for file in root.glob("*/internal-tls/*")} == files
    bundle = run("keys", "internal-tls", "--secrets", str(root / "operator")).stdout
    assert re.findall(r"BEGIN ([A-Z ]+)-", bundle) == ["CERTIFICATE", "PRIVATE KEY", "CERTIFICATE"]
    for service in harness.SERVICES:
        checked = subprocess.run(
            [tool("openssl"), "verify", "-x509_strict", "-CAfile", str(root / service / "internal-tls/authority.pem"), "-purpose", "sslserver",
             "-verify_hostname", f"{service}.strongroom.internal", str(root / service / "internal-tls/certificate.pem")], capture_output=True, text=True)
        assert checked.returncode == 0, checked
    # The operator's own can be no server.
    (folder / "own.pem").write_text(bundle)
    for purpose, code in (("sslclient", 0), ("sslserver", 2)):
        checked = subprocess.run(
            [tool("openssl"), "verify", "-x509_strict", "-CAfile", str(root / "notes/internal-tls/authority.pem"), "-purpose", purpose,
             str(folder / "own.pem")], capture_output=True, text=True)
        assert checked.returncode == code, checked


@contextlib.contextmanager
def impostor(port: int, chain: pathlib.Path, key: pathlib.Path):
    """A server of openssl's where a service should be; yields what it was told by whoever came through its handshake."""
    heard: list[bytes] = []
    with subprocess.Popen(
            [tool("openssl"), "s_server", "-accept", f"127.0.0.1:{port}", "-cert", str(chain), "-key", str(key), "-quiet", "-naccept", "1000"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.PIPE) as process:
        thread = threading.Thread(target=lambda: heard.extend(iter(lambda: process.stdout.read1(65_536), b"")))
        thread.start()
        try:
            assert eventually(lambda: is_open(port))
            yield heard
        finally:
            process.kill()
            thread.join()


def is_open(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def test_a_server_that_is_not_the_service_is_told_nothing(services, notes):
    """One of another authority, then one of ours under another name: the gateway turns away before it says a word."""
    assert notes.list().status == 200
    services.kill("notes")
    try:
        with harness.Folder() as folder:
            stranger = Authority(folder).issue("stranger", "notes.strongroom.internal")
            audit = services.folder / "secrets/audit/internal-tls"
            for pair in (stranger, (audit / "certificate.pem", audit / "key.pem")):
                with impostor(services.ports["notes"], *pair) as heard:
                    for _ in range(3):
                        answer = notes.list()
                        assert answer.status == 503, answer
                assert heard == []
    finally:
        services.start("notes")
    assert eventually(lambda: notes.list().status == 200)


def test_certificates_are_taken_into_use_as_they_change(services, notes):
    """From one authority to the next while requests go on: first both are believed, then all show new certificates, then the old authority is forgotten."""
    def replace(service: str, name: str, content: bytes) -> None:
        file = services.folder / "secrets" / service / "internal-tls" / name
        part = file.with_suffix(".part")
        part.write_bytes(content)
        part.rename(file)

    def opens(service: str, trusting: str, showing: str) -> bool:
        return ask(services, service, "--cacert", trusting, "--cert", showing).stdout == "alive\n"

    with harness.Folder() as folder:
        subprocess.run([harness.binary(), "keys", "init", "--secrets", str(folder / "next")], check=True, stdout=subprocess.DEVNULL)
        fresh = str(folder / "next/operator/internal-tls.pem")
        old, new = own(services), (folder / "next/notes/internal-tls/authority.pem").read_bytes()
        both = (services.folder / "secrets/notes/internal-tls/authority.pem").read_bytes() + new
        for service in harness.SERVICES:
            replace(service, "authority.pem", both)
        for service in INTERNAL:
            assert eventually(lambda: opens(service, old, fresh)), service
        assert notes.list().status == 200
        for service in harness.SERVICES:
            for name in ("key.pem", "certificate.pem"):
                replace(service, name, (folder / "next" / service / "internal-tls" / name).read_bytes())
        for service in INTERNAL:
            assert eventually(lambda: opens(service, fresh, old)), service
        assert notes.list().status == 200
        for service in harness.SERVICES:
            replace(service, "authority.pem", new)
        for service in INTERNAL:
            assert eventually(lambda: not opens(service, fresh, old)) and opens(service, fresh, fresh), service
        # Connections that stood are gone with the process, so these are new ones.
        services.kill("notes")
        services.start("notes", bundle=fresh)
        assert eventually(lambda: notes.list().status == 200)
