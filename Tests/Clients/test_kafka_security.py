"""Events over an encrypted Kafka that asks who is there: a real one, by password or by certificate.

Not by SCRAM: Debian's librdkafka 2.0 repeats the client's nonce (confluentinc/librdkafka#4895), which brokers from 4.0 on refuse; kcat fares no better.
"""

import pathlib
import random
import subprocess

import pytest

import cluster as harness
from clients import Notes, eventually, tenant
from edge import Authority

SCRIPT = next((parent / "shared/kafka/kafka" for parent in pathlib.Path(__file__).resolve().parents if (parent / "shared/kafka/kafka").exists()), None)
pytestmark = pytest.mark.skipif(SCRIPT is None, reason="there is no real Kafka: no folder ../shared/kafka")
PASSWORD = "correct-horse.battery_staple!"


@pytest.fixture(scope="module")
def secured():
    """A broker with an encrypted listener; its address, and the folder of the authority that vouches for it."""
    with harness.Folder() as folder:
        authority = Authority(folder)
        chain, key = authority.issue("broker", "127.0.0.1")
        (folder / "broker-both.pem").write_bytes(key.read_bytes() + chain.read_bytes())
        # Below the ports that the system gives to outgoing connections: its controller takes one a hundred above, unasked.
        port = random.randrange(200, 320) * 100
        secure, mutual = port + 1, port + 2
        chain, key = authority.issue("client", "strongroom")
        login = f'org.apache.kafka.common.security.plain.PlainLoginModule required user_strongroom="{PASSWORD}";'
        settings = {
            "listeners": f"PLAINTEXT://127.0.0.1:{port},SASL_SSL://127.0.0.1:{secure},SSL://127.0.0.1:{mutual},CONTROLLER://127.0.0.1:{port + 101}",
            "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port},SASL_SSL://127.0.0.1:{secure},SSL://127.0.0.1:{mutual}",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,SSL:SSL,CONTROLLER:PLAINTEXT",
            "sasl.enabled.mechanisms": "PLAIN", "listener.name.sasl_ssl.plain.sasl.jaas.config": login,
            "ssl.keystore.type": "PEM", "ssl.keystore.location": str(folder / "broker-both.pem"),
            "ssl.truststore.type": "PEM", "ssl.truststore.location": str(authority.root_file), "listener.name.ssl.ssl.client.auth": "required"}
        data = folder / "kafka"
        subprocess.run(
            [SCRIPT, "start", "--port", str(port), "--data", data, *(item for pair in settings.items() for item in ("--config", "=".join(pair)))],
            check=True, capture_output=True, timeout=90)
        try:
            yield {"sasl-ssl": f"127.0.0.1:{secure}", "ssl": f"127.0.0.1:{mutual}"}, folder
        finally:
            subprocess.run([SCRIPT, "stop", "--data", data, "--kill"], capture_output=True, timeout=30)


def started(folder, secured, security, password=PASSWORD, authority="root.pem"):
    """A cluster of processes that reach their events this way only."""
    brokers, secrets = secured
    settings = {"STRONGROOM_KAFKA_SECURITY": security, "STRONGROOM_KAFKA_CA": str(secrets / authority)}
    if security == "ssl":
        settings |= {"STRONGROOM_KAFKA_CERTIFICATE": str(secrets / "client.pem"), "STRONGROOM_KAFKA_KEY": str(secrets / "client.key")}
    else:
        (folder / "password").write_text(password + "\n")
        settings |= {
            "STRONGROOM_KAFKA_USER": "strongroom", "STRONGROOM_KAFKA_PASSWORD_FILE": str(folder / "password"), "STRONGROOM_KAFKA_MECHANISM": "plain"}
    services = harness.Processes(folder, kafka=brokers[security], services=())
    for service in harness.SERVICES:
        services.start(service, settings)
    return services


@pytest.mark.parametrize("security", ["sasl-ssl", "ssl"])
def test_events_travel_encrypted_and_signed_in(secured, security):
    with harness.Folder() as folder, started(folder, secured, security) as services:
        who = tenant(services, users=1)
        notes = Notes(services.url, who.tokens(who.users[0])["IdToken"])
        made = notes.create("a", "b").json["noteId"]
        assert eventually(lambda: made in [event.get("noteId") for event in notes.events()], seconds=30)
        # Nothing of the password is anywhere it could be read.
        assert not any(PASSWORD in log.read_text() for log in folder.glob("*.log"))


@pytest.mark.parametrize(("wrong", "said"), [({"password": "guessed"}, "uthentication failed"), ({"authority": "other.pem"}, "certificate verify failed")])
def test_a_wrong_password_or_a_broker_nobody_vouches_for_is_told_and_nothing_is_sent(secured, wrong, said):
    if "authority" in wrong:
        with harness.Folder() as other:
            (secured[1] / "other.pem").write_bytes(Authority(other).root_file.read_bytes())
    with harness.Folder() as folder, started(folder, secured, "sasl-ssl", **wrong) as services:
        who = tenant(services, users=1)
        notes = Notes(services.url, who.tokens(who.users[0])["IdToken"])
        # Writes are accepted: their events wait.
        assert notes.create("a", "b").status == 201
        assert eventually(lambda: said in (folder / "notes.log").read_text(), seconds=30)
        assert not any("guessed" in log.read_text() for log in folder.glob("*.log"))
