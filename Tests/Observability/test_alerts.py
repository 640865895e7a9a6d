"""Alert rules: each fires when it should by promtool's clock, some of them in a live alert manager, and each has a page that says what to do."""

import re
import subprocess

import yaml

from clients import eventually
from cluster import ROOT

RULES = ROOT / "ops/alerts/strongroom.yaml"


def rules() -> list[dict]:
    return [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]


def test_the_rules_and_configurations_are_well_formed(programs):
    for arguments in (["check", "rules", "strongroom.yaml"], ["test", "rules", "tests.yaml"], ["check", "config", "prometheus.yml"]):
        done = subprocess.run(["promtool", *arguments], cwd=RULES.parent, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


def test_each_rule_is_shown_to_fire_and_to_keep_quiet():
    shown = {test["name"] for test in yaml.safe_load((RULES.parent / "tests.yaml").read_text())["tests"]}
    assert shown == {f"{rule['alert']} {what}" for rule in rules() for what in ("fires", "keeps quiet")}


def test_each_alert_has_a_page_and_each_page_its_alerts():
    pages = {}
    for rule in rules():
        pages.setdefault(rule["annotations"]["runbook"], set()).add(rule["alert"])
    for page, alerts in pages.items():
        named = re.search(r"^Alerts: (.*)\.$", (ROOT / page).read_text(), flags=re.M).group(1)
        assert set(re.findall(r"`(\w+)`", named)) == alerts, page
    assert {str(page.relative_to(ROOT)) for page in (ROOT / "ops/runbooks").glob("*.md")} == set(pages)


def test_every_metric_of_the_rules_is_one_that_a_service_has(watched):
    # A plain HTTP gateway has no certificates.
    without = {"strongroom_tls_certificate_not_after_seconds", "strongroom_tls_certificates_refused_total"}
    for name in set(re.findall(r"\bstrongroom_\w+", " ".join(rule["expr"] for rule in rules()))) - without:
        assert eventually(lambda: watched.query(name)), name


def test_nothing_fires_while_all_is_well(watched, load):
    assert watched.alerts() == set()


def test_a_service_that_dies_and_the_requests_that_fail_with_it_are_told(running, watched, load):
    running.kill("notes")
    try:
        wanted = {"StrongroomServiceDown", "StrongroomRequestsFail"}
        assert eventually(lambda: watched.alerts() >= wanted, 60), watched.alerts()
    finally:
        running.start("notes")
