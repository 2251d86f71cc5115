"""The Kubernetes example: valid by the schemas of Kubernetes, without rights, in the words of subpulse."""

import re
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from service.exposition import server
from service.settings import Settings
from tests.cli.calling import subpulse

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "kubernetes"
KUSTOMIZATION = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())
OBJECTS: list[dict[str, Any]] = [
    found for name in KUSTOMIZATION["resources"] for found in yaml.safe_load_all((FOLDER / name).read_text())
]
OF_KUBERNETES = [found for found in OBJECTS if not found["apiVersion"].startswith("monitoring.coreos.com/")]
BY_KIND = {found["kind"]: found for found in OBJECTS}
PODS = {kind: BY_KIND[kind]["spec"]["template"] for kind in ("StatefulSet", "Job")}
WORKER = PODS["StatefulSet"]["spec"]["containers"][0]
VERSIONS = ("1.29", "1.34", "1.37")


def test_every_file_is_listed():
    assert {path.name for path in FOLDER.glob("*.yaml")} - {"kustomization.yaml"} == set(
        KUSTOMIZATION["resources"]
    )


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("found", OF_KUBERNETES, ids=lambda found: found["kind"])
def test_it_is_valid_by_the_strict_schema_of_kubernetes(found, version):
    kubernetes_validate.validate(found, version, strict=True)


def test_the_schema_would_tell_a_wrong_word():
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate({**BY_KIND["Service"], "specs": {}}, VERSIONS[-1], strict=True)


@pytest.mark.parametrize("kind", PODS)
def test_a_pod_keeps_to_the_restricted_standard(kind):
    pod = PODS[kind]["spec"]
    (container,) = pod["containers"]
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert not any("hostPath" in volume for volume in pod["volumes"])


@pytest.mark.parametrize("kind", PODS)
def test_it_runs_as_the_user_of_the_image_with_resources_and_a_place_to_write(kind):
    pod = PODS[kind]["spec"]
    (container,) = pod["containers"]
    (user,) = re.findall(r"^USER (\d+):", (ROOT / "Dockerfile").read_text(), re.M)
    assert pod["securityContext"]["runAsUser"] == int(user)
    assert set(container["resources"]) == {"requests", "limits"}
    assert [mount["mountPath"] for mount in container["volumeMounts"]] == ["/tmp"]


@pytest.mark.parametrize("kind", PODS)
def test_its_settings_and_its_command_are_subpulse_s(kind):
    (container,) = PODS[kind]["spec"]["containers"]
    known = {f"SUBPULSE_{name.upper()}" for name in Settings.model_fields}
    assert {variable["name"] for variable in container.get("env", [])} <= known
    assert container["envFrom"] == [{"configMapRef": {"name": BY_KIND["ConfigMap"]["metadata"]["name"]}}]
    assert set(BY_KIND["ConfigMap"]["data"]) <= known
    command, *options = container["args"]
    told = subpulse(command, "--help")
    assert told.returncode == 0
    assert all(option in told.stdout for option in options)


def test_every_worker_has_the_name_of_its_pod():
    name = WORKER["env"][0]
    assert name["name"] == "SUBPULSE_INSTANCE_ID"
    assert name["valueFrom"]["fieldRef"]["fieldPath"] == "metadata.name"


def test_every_worker_tells_the_others_where_its_pod_is_found():
    _, url = WORKER["env"]  # behind the name: a variable may hold only those that stand before it
    service, port = BY_KIND["Service"], WORKER["ports"][0]["containerPort"]
    found_at = f"http://$(SUBPULSE_INSTANCE_ID).{service['metadata']['name']}:{port}"
    assert url == {"name": "SUBPULSE_ADVERTISED_URL", "value": found_at}
    assert BY_KIND["StatefulSet"]["spec"]["serviceName"] == service["metadata"]["name"]
    assert (service["spec"]["clusterIP"], service["spec"]["publishNotReadyAddresses"]) == ("None", True)


def test_the_probes_ask_what_the_worker_serves():
    paths = {kind: WORKER[f"{kind}Probe"]["httpGet"]["path"] for kind in ("liveness", "startup", "readiness")}
    assert paths == {"liveness": "/livez", "startup": "/livez", "readiness": "/readyz"}
    served = Path(server.__file__).read_text()
    assert all(f'add_get("{path}"' in served for path in {*paths.values(), "/metrics"})
    assert WORKER["ports"] == [{"name": "http", "containerPort": Settings.model_fields["http_port"].default}]


def test_service_budget_and_monitor_choose_the_workers_and_nothing_else():
    labels = PODS["StatefulSet"]["metadata"]["labels"]
    chosen = [
        BY_KIND["Service"]["spec"]["selector"],
        BY_KIND["StatefulSet"]["spec"]["selector"]["matchLabels"],
        BY_KIND["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"],
        BY_KIND["PodMonitor"]["spec"]["selector"]["matchLabels"],
    ]
    assert all(selector == labels for selector in chosen)
    assert PODS["Job"]["metadata"]["labels"] != labels


def test_the_monitor_scrapes_the_port_that_there_is_under_the_job_of_the_dashboards():
    monitor = BY_KIND["PodMonitor"]["spec"]
    (endpoint,) = monitor["podMetricsEndpoints"]
    assert (endpoint["port"], endpoint["path"]) == (WORKER["ports"][0]["name"], "/metrics")
    assert PODS["StatefulSet"]["metadata"]["labels"][monitor["jobLabel"]] == "subpulse"


def test_only_the_namespace_of_prometheus_and_the_workers_reach_the_port_of_the_figures():
    policy = BY_KIND["NetworkPolicy"]["spec"]
    assert policy["podSelector"]["matchLabels"].items() <= PODS["StatefulSet"]["metadata"]["labels"].items()
    assert policy["policyTypes"] == ["Ingress"]
    (rule,) = policy["ingress"]
    assert [port["port"] for port in rule["ports"]] == [WORKER["ports"][0]["containerPort"]]
    prometheus, workers = rule["from"]
    assert set(prometheus) == {"namespaceSelector"}
    assert workers == {"podSelector": {"matchLabels": PODS["StatefulSet"]["metadata"]["labels"]}}
