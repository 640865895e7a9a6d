#!/usr/bin/env python3
"""audit_ingest_vs_sqlite: events per second consumed, decoded, verified, deduplicated, gap-checked, hashed, sealed and stored, against a plain C loop
(peers/audit_rows.c) that inserts the same rows with the same indexes, 512 a transaction, into as many files.

The events are real: notes of ten tenants' users, written through the gateway while the audit service is away, and published to a real Kafka (the embedded
broker keeps too little). Then the audit service starts, and the clock runs until it has them all. Needs Apache Kafka in ../shared/kafka.
"""
import argparse
import pathlib
import re
import shutil
import sqlite3
import statistics
import subprocess
import tempfile
import time
import urllib.request

from notes import HERE, load, get, peak_megabytes, cluster, issuer

TENANTS = 10
USERS = 10_000
KAFKA = HERE.parents[2] / "shared/kafka/kafka"


def published(broker: str) -> int:
    """Messages in the notes topic."""
    out = subprocess.run(["kcat", "-b", broker, "-Q", *[word for partition in range(64) for word in ("-t", f"strongroom.notes.v1:{partition}:-1")]], text=True, capture_output=True).stdout
    return sum(map(int, re.findall(r"offset (\d+)$", out, re.M)))


def wait(seconds: float, done, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            raise SystemExit(f"{what}: not within {seconds:g} s")
        time.sleep(0.05)


def stored(audit: str, result: str = "stored") -> int:
    """Events in the log, by the service's own count; or those that came to another result."""
    with urllib.request.urlopen(f"{audit}/metrics") as answer:
        return int(re.search(rf'strongroom_audit_events_total{{result="{result}"}} (\d+)', answer.read().decode())[1])


def complete(url: str, readers: list[str]) -> bool:
    for token in readers:
        streams = [stream for stream in get(f"{url}/audit/completeness", token)["streams"] if stream["source"] == "notes"]
        if not streams or any(stream["status"] != "complete" for stream in streams):
            return False
    return True


def body_bytes(folder: pathlib.Path) -> int:
    """The mean size of the sealed bodies in a stopped service's logs."""
    logs = [sqlite3.connect(f"file:{path}?immutable=1", uri=True) for path in folder.glob("*/*.sqlite")]
    sums = [log.execute("SELECT sum(length(sealed)), count(*) FROM body").fetchone() for log in logs]
    return sum(bytes for bytes, _ in sums) // sum(count for _, count in sums)


def plain_loop(peer: pathlib.Path, rows: pathlib.Path, events: int, size: int) -> float:
    """The peer's events per second, the median of three runs: one lasts no longer than a second or two."""
    rates = []
    for _ in range(3):
        rows.mkdir()
        command = [str(peer), str(rows), str(TENANTS), str(USERS // TENANTS), str(events), str(size), "512"]
        rates.append(float(subprocess.run(command, check=True, text=True, capture_output=True).stdout))
        shutil.rmtree(rows)
    return statistics.median(rates)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=200_000)
    options = parser.parse_args()
    if not KAFKA.exists():
        raise SystemExit(f"audit: skipped: no Kafka at {KAFKA}")
    with tempfile.TemporaryDirectory(prefix="strongroom-bench-") as name:
        folder = pathlib.Path(name)
        peer = folder / "audit_rows"
        subprocess.run(["gcc", "-O2", "-o", str(peer), str(HERE / "peers/audit_rows.c"), "-lsqlite3"], check=True)
        port = cluster.free_ports(1)[0]
        broker = f"127.0.0.1:{port}"
        subprocess.run([str(KAFKA), "start", "--port", str(port), "--data", str(folder / "kafka")], check=True, stdout=subprocess.DEVNULL)
        running = cluster.Processes(folder, kafka=broker, services=())
        pools = [issuer.Pool(running.region, running.url, seed) for seed in range(TENANTS)]
        keys = issuer.KeyServer(pools)
        try:
            running.ports["identity"] = keys.port
            for service in ("authorizer", "notes", "gateway"):
                running.start(service, {"STRONGROOM_RELAY_WINDOW": str(1 << 30)})
            tokens = folder / "tokens"
            tokens.write_text("".join(f"{pools[user % TENANTS].token(user)}\n" for user in range(USERS)))
            written = 0
            while written < options.events:
                written += load(running.url, tokens, 3)[0]
            wait(120, lambda: published(broker) >= written, "publishing")
            readers = [pool.token(0) for pool in pools]
            # A broker that runs for longer than this one has compiled what serves a consumer; else its compiler takes a core while the clock runs.
            for _ in range(10):
                subprocess.run(["kcat", "-b", broker, "-C", "-e", "-q", "-t", "strongroom.notes.v1"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            running.start("audit")
            # Joining the group is not ingest: the clock starts with what is stored first.
            wait(60, lambda: stored(running.ready["audit"]), "joining the group")
            before, began = stored(running.ready["audit"]), time.monotonic()
            wait(300, lambda: stored(running.ready["audit"]) >= written, "ingest")
            ours = (written - before) / (time.monotonic() - began)
            again = stored(running.ready["audit"], "duplicate")
            wait(60, lambda: complete(running.url, readers), "completeness")
            print(f"peak memory audit {peak_megabytes(running.running['audit'].pid):.0f} MB")
        finally:
            running.stop()
            keys.stop()
            subprocess.run([str(KAFKA), "stop", "--data", str(folder / "kafka")], check=True, stdout=subprocess.DEVNULL)
        size = body_bytes(folder / "data/audit")
        theirs = plain_loop(peer, folder / "rows", written, size)
        print(f"events/s stored {ours:.0f}, plain C loop {theirs:.0f}; {written} events, and {again} that came twice")
        print(f"bench audit_ingest_vs_sqlite {ours / theirs:.2f} 0.7")


if __name__ == "__main__":
    main()
