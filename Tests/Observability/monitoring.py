"""Debian's Prometheus and alert manager beside a cluster, with the shipped rules."""

from __future__ import annotations

import json
import pathlib
import re
import shutil
import subprocess
import time
import urllib.parse
import urllib.request

import yaml

from cluster import ROOT, free_ports

ALERTS = ROOT / "ops/alerts"
PROGRAMS = ("prometheus", "promtool", "prometheus-alertmanager")


def missing() -> str | None:
    absent = [name for name in PROGRAMS if shutil.which(name) is None]
    return f"{', '.join(absent)} not installed (ops/scripts/install observability)" if absent else None


class Monitoring:
    """Scrapes once a second. `patience` is how long a rule's condition holds before it fires, for all rules alike; promtool shows the real times."""

    def __init__(self, folder: pathlib.Path, targets: dict[str, str], patience: str) -> None:
        self.folder = folder
        self.prometheus_port, self.manager_port, cluster_port = free_ports(3)
        rules = re.sub(r"(?m)^( +for:) .*$", rf"\1 {patience}", (ALERTS / "strongroom.yaml").read_text())
        (folder / "strongroom.yaml").write_text(rules)
        config = yaml.safe_load((ALERTS / "prometheus.yml").read_text())
        config["global"] = {"scrape_interval": "1s", "scrape_timeout": "900ms", "evaluation_interval": "1s"}
        config["alerting"]["alertmanagers"][0]["static_configs"][0]["targets"] = [f"127.0.0.1:{self.manager_port}"]
        # The shipped file names the same services, at their places in the compose stack.
        shipped = {entry["labels"]["service"] for entry in config["scrape_configs"][0]["static_configs"]}
        assert shipped == set(targets), shipped
        config["scrape_configs"][0]["static_configs"] = [
            {"targets": [address], "labels": {"service": service}} for service, address in targets.items()]
        (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
        self.processes = [
            self.run("prometheus-alertmanager", f"--config.file={ALERTS}/alertmanager.yml", f"--storage.path={folder}/alertmanager",
                     f"--web.listen-address=127.0.0.1:{self.manager_port}", f"--cluster.listen-address=127.0.0.1:{cluster_port}"),
            self.run("prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/prometheus",
                     f"--web.listen-address=127.0.0.1:{self.prometheus_port}")]

    def run(self, program: str, *arguments: str) -> subprocess.Popen:
        with open(self.folder / f"{program}.log", "w") as log:
            return subprocess.Popen([program, *arguments], stdout=log, stderr=log, stdin=subprocess.DEVNULL)

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(20)

    def query(self, expression: str) -> list[dict]:
        answer = self.get(self.prometheus_port, "/api/v1/query?" + urllib.parse.urlencode({"query": expression}))
        assert answer["status"] == "success", answer
        return answer["data"]["result"]

    def alerts(self) -> set[str]:
        """The names of what the alert manager has been told."""
        return {alert["labels"]["alertname"] for alert in self.get(self.manager_port, "/api/v2/alerts")}

    def wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + 30
        while True:
            try:
                if self.query("up") and self.alerts() is not None:
                    return
            except OSError:
                assert time.monotonic() < deadline, (self.folder / "prometheus.log").read_text()[-2000:]
            time.sleep(0.2)

    @staticmethod
    def get(port: int, path: str):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return json.load(answer)
