"""Alert rules and dashboards name only what brandpulse exports, and the rules fire when they should."""

import json
import re
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from yaml import safe_dump

from tests.deploy.tools import CHART, DEPLOY, ROOT, labels_in, load, metrics, run, series_in, tool

ALERTS: list[dict[str, Any]] = load(CHART / "alerts.yaml")["groups"][0]["rules"]
DASHBOARDS = sorted((DEPLOY / "grafana" / "dashboards").glob("*.json"))
BOARDS: dict[str, Any] = {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in DASHBOARDS}
# What scraping adds, and what every Python process of ours exports beside the catalogue.
SCRAPED = {"role", "instance", "job"}
PROCESS = {"process_resident_memory_bytes", "process_cpu_seconds_total"}


def expressions() -> dict[str, str]:
    found = {rule["alert"]: rule["expr"] for rule in ALERTS}
    for name, board in BOARDS.items():
        for panel in board["panels"]:
            found |= {f"{name}: {panel['title']} {t['refId']}": t["expr"] for t in panel["targets"]}
    return found


@pytest.mark.parametrize("where", expressions())
def test_an_expression_names_what_is_exported(where: str) -> None:
    expression, exported = expressions()[where], metrics()
    named = list(series_in(expression))
    assert named
    assert set(named) <= exported.keys() | PROCESS
    assert labels_in(expression) <= {label for name in named for label in exported.get(name, set())} | SCRAPED


@pytest.mark.parametrize("board", BOARDS)
def test_a_dashboard_is_whole(board: str) -> None:
    panels = BOARDS[board]["panels"]
    assert BOARDS[board]["uid"] == f"brandpulse-{board}"
    assert len({panel["id"] for panel in panels}) == len(panels)
    for panel in panels:
        assert panel["datasource"]["uid"] == "prometheus"
        place = panel["gridPos"]
        assert 0 <= place["x"] < place["x"] + place["w"] <= 24, panel["title"]
        for target in panel["targets"]:
            shown = set(re.findall(r"{{(\w+)}}", target["legendFormat"]))
            assert shown <= labels_in(target["expr"]) | SCRAPED, panel["title"]
    for one, other in combinations((panel["gridPos"] for panel in panels), 2):
        assert (
            one["x"] + one["w"] <= other["x"]
            or other["x"] + other["w"] <= one["x"]
            or one["y"] + one["h"] <= other["y"]
            or other["y"] + other["h"] <= one["y"]
        )


def test_grafana_finds_the_data_source_of_the_dashboards() -> None:
    provisioning = DEPLOY / "grafana" / "provisioning"
    (source,) = load(provisioning / "datasources" / "prometheus.yaml")["datasources"]
    assert source["uid"] == "prometheus"
    (provider,) = load(provisioning / "dashboards" / "brandpulse.yaml")["providers"]
    mounts = load(DEPLOY / "compose.yaml")["services"]["grafana"]["volumes"]
    assert f"./grafana/dashboards:{provider['options']['path']}:ro" in mounts


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_an_alert_says_how_bad_it_is_and_leads_to_its_runbook(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in {"critical", "warning"}
    page, _, anchor = rule["annotations"]["runbook_url"].partition("#")
    headings = re.findall(r"^#+ (.+)$", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE)
    assert anchor in {heading.strip("`").lower() for heading in headings}


def test_promtool_reads_rules_dashboards_and_configuration(tmp_path: Path) -> None:
    promtool = tool("promtool")
    done = run(promtool, "check", "rules", CHART / "alerts.yaml")
    assert done.returncode == 0, done.stderr
    recorded = [{"record": f"panel_{n}", "expr": expr} for n, expr in enumerate(expressions().values())]
    (tmp_path / "panels.yaml").write_text(safe_dump({"groups": [{"name": "panels", "rules": recorded}]}))
    done = run(promtool, "check", "rules", tmp_path / "panels.yaml")
    assert done.returncode == 0, done.stdout + done.stderr
    config = DEPLOY / "prometheus" / "prometheus.yaml"
    done = run(promtool, "check", "config", "--syntax-only", config)
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_alert_fires_on_its_own_trouble_and_rests_on_a_good_day() -> None:
    scenarios = Path(__file__).with_name("alerts_test.yaml")
    tried = {test["alertname"] for s in load(scenarios)["tests"] for test in s["alert_rule_test"]}
    assert tried == {rule["alert"] for rule in ALERTS}
    done = run(tool("promtool"), "test", "rules", scenarios)
    assert done.returncode == 0, done.stdout + done.stderr
