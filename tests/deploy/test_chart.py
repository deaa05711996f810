"""The chart over a matrix of values: what comes out is valid, restricted, and consistent with the program."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from yaml import safe_dump

from stream.settings import PREFIX, Settings
from stream.worker import DRAIN_SECONDS
from tests.deploy.tools import CHART, SETTINGS, load, load_all, run, tool

ROLES = {"score", "brands", "history", "web"}
OLDEST, NEWEST = "1.27.0", "1.37.0"
SECURED: dict[str, Any] = {
    "kafka": {
        "brokers": "kafka-1:9093, kafka-2:9094",
        "topicPrefix": "shop-",
        "securityProtocol": "SASL_SSL",
        "sasl": {"mechanism": "SCRAM-SHA-512", "existingSecret": "kafka-user"},
        "tls": {"existingSecret": "kafka-tls", "certificateKey": "c.pem", "privateKeyKey": "k.pem"},
    }
}
EVERYTHING: dict[str, Any] = SECURED | {
    "image": {"digest": "sha256:" + "0" * 64, "pullSecrets": ["registry"]},
    "topics": {"create": False, "partitions": 24, "replication": 3},
    "tokens": {"existingSecret": "api-tokens"},
    "webhook": {"existingSecret": "webhook"},
    "score": {
        "bundleClaim": "bundles",
        "gpu": {"enabled": True, "nodeSelector": {"gpu": "h100"}, "digest": "sha256:" + "1" * 64},
    },
    "brands": {"replicas": 3, "storage": {"size": "50Gi", "className": "fast"}},
    "notify": {"enabled": True},
    "web": {"publicUrl": "https://brands.example.com"},
    "settings": {"FLUSH_SECONDS": 2, "DUPLICATES": "skip", "ALERTS": False},
    "autoscaling": {"by": "lag", "maxReplicas": 100},
    "nodeSelector": {"pool": "streams"},
    "tolerations": [{"key": "streams", "operator": "Exists"}],
    "networkPolicy": {"clients": [{"podSelector": {"matchLabels": {"app": "ingress"}}}]},
    "serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"}},
    "traces": {"endpoint": "http://collector:4318"},
    "alerts": {"enabled": True, "runbookUrl": "https://example.com/deploying.md"},
}
MATRIX: dict[str, dict[str, Any]] = {
    "as it comes": {},
    "secured": SECURED,
    "everything": EVERYTHING,
    "authority only": {"kafka": {"securityProtocol": "SSL", "tls": {"existingSecret": "kafka-tls"}}},
    "lag in the clear": {"autoscaling": {"by": "lag"}},
    "by cpu": {"autoscaling": {"by": "cpu", "minReplicas": 2}},
    "token": {
        "kafka": {
            "securityProtocol": "SASL_PLAINTEXT",
            "sasl": {"mechanism": "OAUTHBEARER", "existingSecret": "client"},
        },
        "settings": {"SASL_TOKEN_URL": "https://id.example.com/token"},
    },
    "bare": {"networkPolicy": {"enabled": False}, "disruptionBudget": False, "spread": []},
}
Document = dict[str, Any]
WORKLOADS = {"Deployment", "StatefulSet", "Job", "Pod"}


@cache
def rendered(name: str) -> list[Document]:
    """What helm template makes of one row of the matrix."""
    done = run(tool("helm"), "template", "shop", CHART, *_values(name))
    assert done.returncode == 0, done.stderr
    return load_all(done.stdout)


def _values(name: str) -> list[str]:
    return [f"--set-json={key}={json.dumps(value)}" for key, value in MATRIX[name].items()]


def of_kind(name: str, *kinds: str) -> list[Document]:
    return [document for document in rendered(name) if document["kind"] in kinds]


def pods(name: str) -> Iterator[tuple[str, Document]]:
    """The component and the pod (metadata, spec) of everything that runs."""
    for document in of_kind(name, *WORKLOADS):
        pod = document if document["kind"] == "Pod" else document["spec"]["template"]
        yield pod["metadata"]["labels"]["app.kubernetes.io/component"], pod


def environment(container: Document) -> dict[str, str]:
    return {variable["name"]: variable["value"] for variable in container["env"]}


def worker(name: str, role: str) -> Document:
    (spec,) = (pod["spec"] for component, pod in pods(name) if component == role)
    assert isinstance(spec, dict)
    return spec


@pytest.mark.parametrize("name", MATRIX)
class TestMatrix:
    def test_lint_finds_nothing(self, name: str) -> None:
        done = run(tool("helm"), "lint", "--strict", CHART, *_values(name))
        assert done.returncode == 0, done.stdout + done.stderr

    @pytest.mark.parametrize("version", [OLDEST, NEWEST])
    def test_kubernetes_would_accept_it(self, name: str, version: str) -> None:
        validator = pytest.importorskip("kubernetes_validate", reason="pip install kubernetes-validate")
        native = [doc for doc in rendered(name) if doc["apiVersion"].split("/")[0] not in CUSTOM]
        for document in native:
            validator.validate(document, version, strict=True)
        assert {"Deployment", "StatefulSet", "Service", "Job", "Pod"} <= {doc["kind"] for doc in native}

    def test_names_are_unique(self, name: str) -> None:
        names = [(document["kind"], document["metadata"]["name"]) for document in rendered(name)]
        assert len(set(names)) == len(names)

    def test_pods_are_restricted(self, name: str) -> None:
        for _, pod in pods(name):
            spec = pod["spec"]
            assert spec["automountServiceAccountToken"] is False
            assert spec["securityContext"]["runAsNonRoot"] is True
            assert spec["securityContext"]["runAsUser"] == 10001
            assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
            for container in spec["containers"]:
                assert container["securityContext"] == {
                    "allowPrivilegeEscalation": False,
                    "readOnlyRootFilesystem": True,
                    "capabilities": {"drop": ["ALL"]},
                }
                assert container["resources"]["requests"].keys() >= {"cpu", "memory"}
                assert container["resources"]["limits"].keys() >= {"cpu", "memory"}

    def test_every_variable_is_a_setting_and_kubernetes_adds_none(self, name: str) -> None:
        for _, pod in pods(name):
            # Variables of services named brandpulse-… would be unknown settings, and end every worker.
            assert pod["spec"]["enableServiceLinks"] is False
            for container in pod["spec"]["containers"]:
                given = {key for key in environment(container) if key.startswith(PREFIX)}
                assert given <= SETTINGS

    def test_values_are_ones_that_the_settings_take(self, name: str) -> None:
        for _, pod in pods(name):
            for container in pod["spec"]["containers"]:
                given = environment(container).items()
                fields: dict[str, Any] = {
                    key.removeprefix(PREFIX).lower(): value for key, value in given if key in SETTINGS
                }
                Settings(**{key: value for key, value in fields.items() if key in PLAIN})

    def test_secrets_are_files_of_existing_secrets(self, name: str) -> None:
        assert not of_kind(name, "Secret", "ConfigMap")
        for _, pod in pods(name):
            volumes = {volume["name"]: volume for volume in pod["spec"]["volumes"]}
            for container in pod["spec"]["containers"]:
                mounts = {mount["mountPath"]: mount["name"] for mount in container["volumeMounts"]}
                assert set(mounts.values()) <= volumes.keys() | {"data"}
                given = environment(container)
                assert not SECRET & given.keys()
                for path in (path for path in given.values() if path.startswith("/run/secrets/")):
                    directory, _, file = path.rpartition("/")
                    items = volumes[mounts[directory]]["secret"]["items"]
                    assert file in {item["path"] for item in items}

    def test_selectors_find_the_pods_they_mean(self, name: str) -> None:
        labels = [pod["metadata"]["labels"].items() for _, pod in pods(name)]
        selecting = of_kind(
            name, "Service", "PodDisruptionBudget", "NetworkPolicy", "Deployment", "StatefulSet"
        )
        for document in selecting:
            spec = document["spec"]
            chosen = spec.get("podSelector") or spec["selector"]
            wanted = chosen.get("matchLabels", chosen).items()
            assert sum(wanted <= each for each in labels) == 1, document["metadata"]["name"]

    def test_a_worker_drains_before_it_is_killed_and_is_never_restarted_for_a_broker(self, name: str) -> None:
        for document in of_kind(name, "Deployment", "StatefulSet"):
            spec = document["spec"]["template"]["spec"]
            assert spec["terminationGracePeriodSeconds"] > DRAIN_SECONDS + 2
            (container,) = spec["containers"]
            assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"
            assert container["startupProbe"]["httpGet"]["path"] == "/healthz"
            assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"

    def test_score_never_scales_beyond_the_partitions(self, name: str) -> None:
        partitions = (
            MATRIX[name]
            .get("topics", {})
            .get("partitions", load(CHART / "values.yaml")["topics"]["partitions"])
        )
        for document in of_kind(name, "ScaledObject", "HorizontalPodAutoscaler"):
            spec = document["spec"]
            assert spec.get("maxReplicaCount", spec.get("maxReplicas")) <= partitions
            (target,) = (
                d
                for d in of_kind(name, "Deployment")
                if d["metadata"]["name"] == spec["scaleTargetRef"]["name"]
            )
            assert "replicas" not in target["spec"]
        if not of_kind(name, "ScaledObject", "HorizontalPodAutoscaler"):
            assert all(
                d["spec"]["replicas"] <= partitions for d in of_kind(name, "Deployment", "StatefulSet")
            )


CUSTOM = {"keda.sh", "monitoring.coreos.com"}
SECRET = {
    PREFIX + name.upper()
    for name, field in Settings.model_fields.items()
    if field.annotation == SecretStr | None
}
PLAIN = {name for name in Settings.model_fields if PREFIX + name.upper() not in SECRET}


def test_custom_resources_are_what_their_operators_read() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    keda = pytest.importorskip("cloudcoil.models.keda.v1alpha1", reason="pip install cloudcoil-models-keda")
    prometheus = pytest.importorskip(
        "cloudcoil.models.prometheus_operator.v1", reason="pip install cloudcoil-models-prometheus-operator"
    )
    found = [doc for name in MATRIX for doc in rendered(name) if doc["apiVersion"].split("/")[0] in CUSTOM]
    kinds = {document["kind"] for document in found}
    assert kinds == {"ScaledObject", "TriggerAuthentication", "ServiceMonitor", "PrometheusRule"}
    for document in found:
        model = getattr(keda, document["kind"], None) or getattr(prometheus, document["kind"])
        jsonschema.validate(document, _closed(model.model_json_schema(by_alias=True)))


def _closed(schema: Any) -> Any:
    """The same schema, but a property that it does not name is an error; without patterns: they are Go's."""
    if isinstance(schema, list):
        return [_closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {
        key: _closed(value)
        for key, value in schema.items()
        if not (key == "pattern" and isinstance(value, str))
    }
    if isinstance(schema.get("properties"), dict):
        closed.setdefault("additionalProperties", False)
    return closed


class TestEverything:
    def test_each_role_gets_its_own_secrets_only(self) -> None:
        kafka = {"kafka-sasl", "kafka-tls"}
        wanted = {
            "score": kafka,
            "brands": kafka,
            "history": kafka | {"database"},
            "topics": kafka,
            "web": kafka | {"database", "tokens"},
            "notify": kafka | {"webhook"},
            "test": kafka,
        }
        mounted = {
            component: {volume["name"] for volume in pod["spec"]["volumes"] if "secret" in volume}
            for component, pod in pods("everything")
        }
        assert mounted == wanted

    def test_score_runs_on_the_card(self) -> None:
        spec = worker("everything", "score")
        (container,) = spec["containers"]
        assert container["resources"]["limits"]["nvidia.com/gpu"] == 1
        assert container["image"] == f"brandpulse@sha256:{'1' * 64}"
        assert environment(container)["BRANDPULSE_PROVIDER"] == "cuda"
        assert spec["nodeSelector"] == {"gpu": "h100", "pool": "streams"}
        assert {each["key"] for each in spec["tolerations"]} == {"nvidia.com/gpu", "streams"}

    def test_the_others_do_not(self) -> None:
        spec = worker("everything", "web")
        assert spec["containers"][0]["image"] == f"brandpulse@sha256:{'0' * 64}"
        assert "nvidia.com/gpu" not in spec["containers"][0]["resources"]["limits"]
        assert spec["nodeSelector"] == {"pool": "streams"}

    def test_lag_is_that_of_the_group_of_score_and_asked_for_with_its_secrets(self) -> None:
        (scaled,) = of_kind("everything", "ScaledObject")
        (trigger,) = scaled["spec"]["triggers"]
        assert trigger["metadata"]["consumerGroup"] == "shop-brandpulse-score"
        assert trigger["metadata"]["topic"] == "shop-reviews"
        assert (trigger["metadata"]["sasl"], trigger["metadata"]["tls"]) == ("scram_sha512", "enable")
        (authentication,) = of_kind("everything", "TriggerAuthentication")
        assert trigger["authenticationRef"]["name"] == authentication["metadata"]["name"]
        parameters = {each["parameter"] for each in authentication["spec"]["secretTargetRef"]}
        assert parameters == {"username", "password", "ca", "cert", "key"}

    def test_the_network_lets_brokers_and_database_through_and_nothing_else(self) -> None:
        policies = {p["spec"]["podSelector"]["matchLabels"]["app.kubernetes.io/component"]: p["spec"]
                    for p in of_kind("everything", "NetworkPolicy")}  # fmt: skip
        assert policies.keys() == ROLES | {"notify", "topics"}
        ports = {
            role: {port["port"] for rule in spec["egress"] for port in rule["ports"]}
            for role, spec in policies.items()
        }
        assert ports["score"] == {53, 9093, 9094, 5432}
        assert ports["notify"] == ports["score"] | {443}
        assert policies["topics"]["ingress"] == []
        peers = policies["web"]["ingress"][0]["from"]
        assert {"podSelector": {"matchLabels": {"app": "ingress"}}} in peers

    def test_the_topics_are_looked_at_before_anything_is_changed(self) -> None:
        (job,) = of_kind("everything", "Job")
        assert job["metadata"]["annotations"]["helm.sh/hook"] == "pre-install,pre-upgrade"
        assert worker("everything", "topics")["containers"][0]["args"] == [
            *("topics", "check", "--partitions=24", "--replication=3"),
        ]
        assert worker("as it comes", "topics")["containers"][0]["args"] == [
            "topics",
            "create",
            "--partitions=8",
        ]

    def test_a_browser_stays_with_one_copy_of_web_and_metrics_come_from_every_pod(self) -> None:
        for service in of_kind("everything", "Service"):
            if service["metadata"]["labels"]["app.kubernetes.io/component"] == "web":
                assert service["spec"]["sessionAffinity"] == "ClientIP"
            else:
                assert service["spec"]["clusterIP"] == "None"
                assert service["spec"]["publishNotReadyAddresses"] is True

    def test_helm_test_asks_every_role(self) -> None:
        services = {service["metadata"]["name"] for service in of_kind("everything", "Service")}
        asked = worker("everything", "test")["containers"]
        assert {each["args"][3] for each in asked if each["args"][0] == "health"} == services
        (pod,) = of_kind("everything", "Pod")
        assert pod["metadata"]["annotations"]["helm.sh/hook"] == "test"

    def test_alerts_lead_to_the_runbook_that_was_named(self) -> None:
        (rule,) = of_kind("everything", "PrometheusRule")
        plain = load(CHART / "alerts.yaml")["groups"]
        urls = {each["annotations"]["runbook_url"] for each in rule["spec"]["groups"][0]["rules"]}
        assert all(url.startswith("https://example.com/deploying.md#") for url in urls)
        assert [r["expr"] for r in rule["spec"]["groups"][0]["rules"]] == [
            r["expr"] for r in plain[0]["rules"]
        ]


def test_brands_keep_their_state_and_no_second_score_waits_without_partitions() -> None:
    (brands,) = of_kind("as it comes", "StatefulSet")
    (claim,) = brands["spec"]["volumeClaimTemplates"]
    mounts = {
        mount["name"]: mount["mountPath"]
        for mount in worker("as it comes", "brands")["containers"][0]["volumeMounts"]
    }
    assert mounts[claim["metadata"]["name"]] == "/var/lib/brandpulse"
    for deployment in of_kind("as it comes", "Deployment"):
        component = deployment["metadata"]["labels"]["app.kubernetes.io/component"]
        surge = deployment["spec"]["strategy"]["rollingUpdate"]["maxSurge"]
        assert surge == (1 if component == "web" else 0)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"kafka": {"brokrs": "kafka:9092"}}, "'brokrs' not allowed"),
        ({"kafka": {"brokers": "kafka"}}, "/kafka/brokers"),
        ({"scores": {}}, "'scores' not allowed"),
        ({"score": {"replicas": 0}}, "/score/replicas"),
        ({"score": {"resources": {"limits": {"cpus": "1"}}}}, "'cpus' not allowed"),
        ({"settings": {"FLUSH_SECOND": 2}}, "'FLUSH_SECOND' not allowed"),
        ({"settings": {"SASL_PASSWORD": "x"}}, "'SASL_PASSWORD' not allowed"),
        ({"autoscaling": {"by": "keda"}}, "/autoscaling/by"),
        ({"terminationGracePeriodSeconds": 5}, "/terminationGracePeriodSeconds"),
        ({"database": {"existingSecret": ""}}, "/database/existingSecret"),
        ({"score": {"replicas": 9}}, "score.replicas: 9 is more than topics.partitions (8)"),
        ({"autoscaling": {"minReplicas": 9}}, "autoscaling.minReplicas"),
        ({"kafka": {"securityProtocol": "SASL_SSL"}}, "kafka.sasl"),
        ({"kafka": {"sasl": {"mechanism": "PLAIN"}}}, "kafka.sasl.mechanism"),
        ({"kafka": {"tls": {"existingSecret": "x"}}}, "kafka.tls.existingSecret"),
        ({"kafka": {"tls": {"certificateKey": "tls.crt"}}}, "kafka.tls"),
        ({"notify": {"enabled": True}}, "webhook.existingSecret"),
        (
            {
                "autoscaling": {"by": "lag"},
                "kafka": {
                    "securityProtocol": "SASL_SSL",
                    "sasl": {"mechanism": "OAUTHBEARER", "existingSecret": "x"},
                },
            },
            "autoscaling.by",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_wrong_value_is_refused_by_its_name(values: Document, says: str, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(safe_dump(values))
    done = run(tool("helm"), "template", "shop", CHART, "--values", tmp_path / "mine.yaml")
    assert done.returncode != 0
    assert says in done.stderr


def test_the_schema_knows_every_setting_that_the_chart_does_not_manage() -> None:
    listed = json.loads((CHART / "values.schema.json").read_text())["properties"]["settings"]["properties"]
    managed = {
        *("brokers", "topic_prefix", "security_protocol", "sasl_mechanism", "sasl_username", "ssl_ca_file"),
        *("ssl_certificate_file", "ssl_key_file", "bundle", "provider", "threads", "data_dir", "tokens_file"),
        *("partitions", "public_url", "host", "port", "log_format", "traces"),
    }
    assert listed.keys() == {name.upper() for name in PLAIN - managed}, "edit deploy/chart/values.schema.json"


def test_the_values_can_be_read_in_one_go_and_the_notes_say_what_comes_next() -> None:
    assert (CHART / "values.yaml").read_text().count("\n") < 150
    done = run(
        tool("helm"),
        "install",
        "shop",
        CHART,
        "--dry-run=client",
        "--namespace=reviews",
        KUBECONFIG="/dev/null",
    )
    notes = done.stdout.partition("NOTES:")[2]
    assert done.returncode == 0, done.stderr
    for command in (
        "kubectl -n reviews create secret generic brandpulse-database",
        "helm -n reviews test shop",
        "kubectl -n reviews port-forward service/shop-brandpulse-web 8080",
    ):
        assert command in notes
