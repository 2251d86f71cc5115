"""The compose file: valid by the Compose Specification, careful, and in the words of subpulse's settings."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from service.embedded import Broker
from service.embedded.jars import KAFKA_VERSION
from service.embedded.ports import free_port
from service.settings import Settings

ROOT = Path(__file__).parent.parent.parent
FILE = ROOT / "docker-compose.yml"
COMPOSE: dict[str, Any] = yaml.safe_load(FILE.read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
WORKERS = [name for name in SERVICES if name.startswith("worker")]


def test_it_is_valid_by_the_compose_specification():
    check = [str(Path(sys.executable).parent / "check-jsonschema"), "--builtin-schema", "vendor.compose-spec"]
    outcome = subprocess.run([*check, str(FILE)], capture_output=True, text=True, check=False)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def test_kafka_the_topics_and_two_workers_are_there():
    assert set(SERVICES) == {"kafka", "topics", "worker-1", "worker-2"}


@pytest.mark.parametrize("name", WORKERS)
def test_a_worker_waits_for_kafka_and_for_the_topics(name):
    wanted = {
        "kafka": {"condition": "service_healthy"},
        "topics": {"condition": "service_completed_successfully"},
    }
    assert SERVICES[name]["depends_on"] == wanted


def test_the_topics_job_waits_for_kafka():
    assert SERVICES["topics"]["depends_on"] == {"kafka": {"condition": "service_healthy"}}


@pytest.mark.parametrize("name", ["kafka", *WORKERS])
def test_what_keeps_running_is_watched(name):
    assert SERVICES[name]["healthcheck"]["test"]


@pytest.mark.parametrize("name", SERVICES)
def test_nothing_has_more_rights_than_it_needs(name):
    service = SERVICES[name]
    assert not {"privileged", "cap_add", "network_mode", "pid", "ipc", "devices"} & set(service)
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not any("docker.sock" in volume for volume in service.get("volumes", []))


@pytest.mark.parametrize("name", ["topics", *WORKERS])
def test_subpulse_runs_on_a_file_system_that_nobody_can_write_to(name):
    assert SERVICES[name]["read_only"] is True
    assert SERVICES[name]["tmpfs"] == ["/tmp"]
    assert "user" not in SERVICES[name]  # the image's own, who has no rights


@pytest.mark.parametrize("name", SERVICES)
def test_ports_are_open_on_loopback_only(name):
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", []))


def test_every_subpulse_variable_is_a_setting():
    known = {f"SUBPULSE_{name.upper()}" for name in Settings.model_fields}
    used = {variable for service in SERVICES.values() for variable in service.get("environment", {})}
    subpulse = {variable for variable in used if variable.startswith("SUBPULSE_")}
    assert subpulse
    assert subpulse <= known


def test_the_workers_have_different_instances_and_one_kafka():
    environments = [SERVICES[name]["environment"] for name in WORKERS]
    assert len({environment["SUBPULSE_INSTANCE_ID"] for environment in environments}) == len(WORKERS)
    assert {environment["SUBPULSE_BROKERS"] for environment in environments} == {"kafka:9092"}


def test_kafka_is_pinned_to_the_version_that_is_embedded():
    image, _, digest = SERVICES["kafka"]["image"].partition("@")
    assert image == f"apache/kafka:{KAFKA_VERSION}"
    assert digest.startswith("sha256:")
    assert len(digest) == len("sha256:") + 64


def test_kafka_starts_with_this_configuration(tmp_path):
    """The image makes server.properties of these variables; the embedded one gets them here, except ports."""
    variables = SERVICES["kafka"]["environment"].items()
    properties = {name.removeprefix("KAFKA_").lower().replace("_", "."): value for name, value in variables}
    moved = {"19092": free_port(), "9092": free_port(), "9093": free_port()}
    for name in ("listeners", "advertised.listeners", "controller.quorum.voters"):
        text = properties[name].replace("://:", "://127.0.0.1:").replace("kafka:", "127.0.0.1:")
        properties[name] = re.sub(r":(\d+)(?=,|$)", lambda port: f":{moved[port[1]]}", text)
    properties["log.dirs"] = str(tmp_path / "kafka")
    with Broker(tmp_path, port=moved["19092"], overrides=properties) as broker:
        assert broker.pid is not None
