#!/usr/bin/env python3
"""durable_write_vs_sqlite: notes acknowledged per second through the gateway, against a plain C loop that commits a note and an event at a time.

    .venv/bin/python ops/bench/notes.py [--seconds 5] [--windows 3] [--preload 200000]

Gateway, authorizer, notes and audit run as processes of their own, as shipped, with the embedded broker; 64 connections, 3 tenants, 10,000 users. The peer
(peers/note_rows.c) fills a table of the same shape with as many notes. Windows alternate. Afterwards the audit log must hold every acknowledged write.
"""
import argparse
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "Tests/Clients"))
import cluster  # noqa: E402
from common import issuer  # noqa: E402
from common.processes import peak_megabytes  # noqa: E402

TENANTS = 3
USERS = 10_000
CONNECTIONS = 64


def load(url: str, tokens: pathlib.Path, seconds: float) -> tuple[int, float]:
    """Notes acknowledged, and how many that is per second."""
    out = subprocess.run(
        ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds:g}s", "--timeout", "20s", "-s", str(HERE / "notes.lua"), url], check=True, text=True,
        capture_output=True, env={**os.environ, "TOKENS": str(tokens)}).stdout
    if "Non-2xx" in out or "Socket errors" in out:
        raise SystemExit(f"not every note was acknowledged:\n{out}")
    count, took = re.search(r"(\d+) requests in ([\d.]+)s", out).groups()
    return int(count), int(count) / float(took)


def get(url: str, token: str) -> dict:
    with urllib.request.urlopen(urllib.request.Request(url, headers={"Authorization": token})) as answer:
        return json.load(answer)


def wait_until_complete(url: str, auditors: list[str], seconds: float = 120) -> int:
    """The number of events that the log is complete to, once it is complete in every tenant."""
    deadline = time.monotonic() + seconds
    while True:
        streams = [stream for token in auditors for stream in get(f"{url}/audit/completeness", token)["streams"] if stream["source"] == "notes"]
        if streams and all(stream["status"] == "complete" for stream in streams):
            return sum(stream["completeUpTo"] for stream in streams)
        if time.monotonic() > deadline:
            raise SystemExit(f"the audit log is not complete: {[stream for stream in streams if stream['status'] != 'complete'][:3]}")
        time.sleep(0.2)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--windows", type=int, default=3)
    parser.add_argument("--preload", type=int, default=200_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="strongroom-bench-") as name:
        folder = pathlib.Path(name)
        peer = folder / "note_rows"
        subprocess.run(["gcc", "-O2", "-o", str(peer), str(HERE / "peers/note_rows.c"), "-lsqlite3"], check=True)
        services = ("authorizer", "notes", "audit", "gateway")
        running = cluster.Processes(folder, services=())
        pools = [issuer.Pool(running.region, running.url, seed) for seed in range(TENANTS)]
        keys = issuer.KeyServer(pools)
        try:
            running.ports["identity"] = keys.port
            for service in services:
                running.start(service)
            tokens = folder / "tokens"
            tokens.write_text("".join(f"{pools[user % TENANTS].token(user)}\n" for user in range(USERS)))
            auditors = [pool.token(0, groups=["auditors"]) for pool in pools]
            acknowledged = runs = 0
            while acknowledged < options.preload:
                acknowledged += load(running.url, tokens, 5)[0]
                runs += 1
            rows = folder / "rows.sqlite"
            peer_arguments = [str(peer), str(rows), str(USERS)]
            subprocess.run([*peer_arguments, str(options.preload), "0", "400", "400"], check=True, stdout=subprocess.DEVNULL)
            ours, theirs = [], []
            for _ in range(options.windows):
                count, rate = load(running.url, tokens, options.seconds)
                acknowledged += count
                ours.append(rate)
                theirs.append(float(subprocess.run([*peer_arguments, "0", f"{options.seconds:g}", "400", "400"], check=True, text=True, capture_output=True).stdout))
            print(f"notes/s through the gateway {[round(rate) for rate in ours]}, plain C loop {[round(rate) for rate in theirs]}")
            print(f"bench durable_write_vs_sqlite {statistics.median(ours) / statistics.median(theirs):.2f} 1.5")
            stored = wait_until_complete(running.url, auditors)
            # Requests on their way when a window ends are answered to nobody, and may count in the log only.
            if not acknowledged <= stored <= acknowledged + CONNECTIONS * (runs + options.windows):
                raise SystemExit(f"{acknowledged} writes were acknowledged, {stored} are in the audit log")
            print(f"{acknowledged} writes acknowledged, {stored} in the audit log, complete")
            for service in services:
                print(f"peak memory {service} {peak_megabytes(running.running[service].pid):.0f} MB")
        finally:
            running.stop()
            keys.stop()


if __name__ == "__main__":
    main()
