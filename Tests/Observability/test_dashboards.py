"""Every expression of the dashboards is about something that is measured."""

import json
import time

import pytest

import clients
from cluster import ROOT

DASHBOARDS = sorted((ROOT / "ops/dashboards").glob("*.json"))


def expressions() -> list:
    found = []
    for file in DASHBOARDS:
        for panel in json.loads(file.read_text())["panels"]:
            found += [pytest.param(target["expr"], id=f"{panel['title']} {target['refId']}") for target in panel.get("targets", [])]
    return found


@pytest.fixture(scope="module")
def busy(watched, load, running):
    """Long enough for rates over 15 seconds, with a call of each kind in each of them."""
    tenant = clients.tenant(running, users=1)
    notes = clients.Notes(running.url, tenant.tokens(tenant.users[0])["IdToken"])
    for _ in range(10):
        assert notes.list().status == 200 and notes.call("GET", "/audit/events").status == 200
        clients.boto(running, "sts").get_caller_identity()
        clients.boto(running, "cognito-idp").list_users(UserPoolId=tenant.pool)
        time.sleep(1)
    return watched


@pytest.mark.parametrize("expression", expressions())
def test_the_expression_returns_data(busy, expression):
    result = busy.query(expression.replace("$__rate_interval", "15s"))
    assert result, f"no series: {expression}"
    assert any(series["value"][1] != "NaN" for series in result), f"no number: {expression}"


def test_there_are_dashboards_and_their_panels_say_where_data_comes_from():
    assert DASHBOARDS
    for file in DASHBOARDS:
        for panel in json.loads(file.read_text())["panels"]:
            assert panel["type"] == "row" or panel["datasource"]["uid"] == "prometheus", panel["title"]
