"""The compose file: valid by the Compose Specification, careful, and in the words of those whom it starts."""

import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
import yaml

from service.embedded import Broker
from service.embedded.jars import KAFKA_VERSION
from service.embedded.ports import free_port
from service.settings import Settings
from service.stream.endings import STOP_SECONDS
from tests.cli.calling import subpulse
from tests.deploy.programs import program
from tests.project.compose import EXAMPLE, FILE, ROOT, THREE_BROKERS, defaults, project, services, variables

COMPOSE = project()
ALL = COMPOSE["services"]
ALONE = services()
THREE = services(variables(THREE_BROKERS))
KAFKAS = [name for name in ALL if name.startswith("kafka")]
WORKERS = [name for name in ALL if name.startswith("worker")]
JOBS = ["topics", "simulator"]
OURS = [*WORKERS, *JOBS]
OTHERS = [name for name in ALL if name not in OURS]
DOCKERFILE = ROOT / "Dockerfile"
WORKERS_OF_KUBERNETES = ROOT / "deploy" / "kubernetes" / "workers.yaml"
IMAGE = r"(?P<name>[\w./-]+):v?(?P<version>\d+\.\d+\.\d+)@sha256:[0-9a-f]{64}"


def test_it_is_valid_by_the_compose_specification():
    check = [str(Path(sys.executable).parent / "check-jsonschema"), "--builtin-schema", "vendor.compose-spec"]
    outcome = subprocess.run([*check, str(FILE)], capture_output=True, text=True, check=False)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def test_what_starts_without_a_choice():
    watchers = {"prometheus", "alertmanager", "grafana"}
    assert set(ALONE) == {"kafka", "topics", "worker-1", "worker-2", *watchers}


def test_the_demo_adds_the_simulator_and_the_cluster_two_brokers():
    assert set(services({"COMPOSE_PROFILES": "demo"})) - set(ALONE) == {"simulator"}
    assert set(THREE) - set(ALONE) == {"kafka-2", "kafka-3"}


def test_the_example_says_every_choice_and_what_holds_without_it():
    told = variables(EXAMPLE)
    assert told.pop("COMPOSE_PROFILES") == ""
    assert {name: {value} for name, value in told.items()} == defaults()


def test_an_example_that_was_copied_is_kept_out_of_the_repository_and_of_the_image():
    assert ".env" in (ROOT / ".gitignore").read_text().splitlines()
    assert (ROOT / ".dockerignore").read_text().splitlines()[1] == "*"


@pytest.mark.parametrize("name", [*WORKERS, "simulator"])
def test_who_needs_the_topics_waits_for_them(name):
    wanted = {
        "kafka": {"condition": "service_healthy"},
        "topics": {"condition": "service_completed_successfully"},
    }
    assert ALL[name]["depends_on"] == wanted


def test_the_topics_job_waits_for_every_broker_that_is_there():
    waits = ALL["topics"]["depends_on"]
    assert set(waits) == set(KAFKAS)
    assert all(wait["condition"] == "service_healthy" for wait in waits.values())
    assert {name for name, wait in waits.items() if wait.get("required", True)} == {"kafka"}


def test_grafana_waits_for_prometheus_and_prometheus_for_alertmanager():
    assert ALL["grafana"]["depends_on"] == {"prometheus": {"condition": "service_healthy"}}
    assert ALL["prometheus"]["depends_on"] == {"alertmanager": {"condition": "service_healthy"}}


@pytest.mark.parametrize("name", [name for name in ALL if name not in JOBS])
def test_what_keeps_running_is_watched_and_comes_back(name):
    assert ALL[name]["healthcheck"]["test"]
    assert ALL[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", ALL)
def test_nothing_has_more_rights_than_it_needs(name):
    service = ALL[name]
    assert not {"privileged", "cap_add", "network_mode", "pid", "ipc", "devices", "user"} & set(service)
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not any("docker.sock" in volume for volume in service.get("volumes", []))
    assert service.get("read_only") is True or name in KAFKAS


@pytest.mark.parametrize("name", OURS)
def test_subpulse_has_a_place_to_write_that_does_not_last(name):
    assert ALL[name]["tmpfs"] == ["/tmp"]


@pytest.mark.parametrize("name", ALL)
def test_ports_are_open_on_loopback_only(name):
    assert all(port.startswith("127.0.0.1:") for port in ALL[name].get("ports", []))


def test_no_two_services_want_the_same_port():
    ports = [port.split(":")[1] for service in ALL.values() for port in service.get("ports", [])]
    assert len(set(ports)) == len(ports)


@pytest.mark.parametrize("name", OTHERS)
def test_images_of_others_are_pinned(name):
    assert re.fullmatch(IMAGE, ALL[name]["image"])


def test_kafka_is_the_version_that_is_embedded():
    assert {re.fullmatch(IMAGE, ALL[name]["image"])["version"] for name in KAFKAS} == {KAFKA_VERSION}


def test_prometheus_is_of_the_third_generation():
    assert re.fullmatch(IMAGE, ALL["prometheus"]["image"])["version"].startswith("3.")


@pytest.mark.parametrize("name", OURS)
def test_subpulse_gets_settings_and_a_command_that_it_knows(name):
    known = {f"SUBPULSE_{setting.upper()}" for setting in Settings.model_fields}
    assert set(ALL[name]["environment"]) <= known
    command, *options = ALL[name]["command"]
    assert all(option.split("=")[0] in help_of(command) for option in options)


@cache
def help_of(command: str) -> str:
    outcome = subpulse(command, "--help")
    assert outcome.returncode == 0, outcome.stderr
    return outcome.stdout


def test_the_simulator_is_asked_for_a_scenario_that_there_is():
    (scenario,) = [word for word in ALL["simulator"]["command"] if word.startswith("--scenario=")]
    assert scenario.removeprefix("--scenario=") in subpulse("simulate", "--list").stdout


def test_the_simulator_goes_on_as_fast_as_its_history_so_that_quiet_pages_nobody():
    assert "--speed=1" in ALL["simulator"]["command"]


def test_the_workers_have_different_instances_and_the_same_figures():
    environments = [dict(ALL[name]["environment"]) for name in WORKERS]
    for own in ("SUBPULSE_INSTANCE_ID", "SUBPULSE_ADVERTISED_URL"):
        assert len({environment.pop(own) for environment in environments}) == len(WORKERS)
    assert all(environment == environments[0] for environment in environments)


@pytest.mark.parametrize("name", WORKERS)
def test_a_worker_is_reached_where_it_listens(name):
    port = Settings.model_fields["http_port"].default
    assert ALL[name]["ports"][0].endswith(f":{port}")
    assert ALL[name]["healthcheck"]["test"] == ["CMD", "python", "-m", "service.exposition.probe"]


@pytest.mark.parametrize("name", WORKERS)
def test_a_worker_tells_the_others_its_name_on_their_network(name):
    assert "0.0.0.0" in re.findall(r"SUBPULSE_HTTP_HOST=(\S+)", DOCKERFILE.read_text())
    port = Settings.model_fields["http_port"].default
    assert ALL[name]["environment"]["SUBPULSE_ADVERTISED_URL"] == f"http://{name}:{port}"


@pytest.mark.parametrize(
    ("name", "debian"), [("prometheus", "prometheus"), ("alertmanager", "prometheus-alertmanager")]
)
def test_prometheus_and_alertmanager_know_their_flags_and_listen_where_they_are_reached(name, debian):
    outcome = subprocess.run([program(debian), "--help"], capture_output=True, text=True, check=False)
    told = outcome.stdout + outcome.stderr
    for flag in ALL[name]["command"]:
        assert f"{flag.split('=')[0]}=" in told
    (listens,) = re.findall(r'--web.listen-address=["\w.]*:(\d+)', told)
    assert ALL[name]["ports"][0].endswith(f":{listens}")
    assert f"http://127.0.0.1:{listens}/-/healthy" in ALL[name]["healthcheck"]["test"]


def mounts(name: str) -> dict[str, str]:
    """Where in the container -> what is there: a path or the name of a volume."""
    words = [volume.split(":") for volume in ALL[name].get("volumes", [])]
    assert all(mode == ["ro"] for source, _, *mode in words if source.startswith("."))
    return {target: source for source, target, *_ in words}


@pytest.mark.parametrize("name", ALL)
def test_what_is_mounted_is_there(name):
    for source in mounts(name).values():
        assert (ROOT / source).is_dir() if source.startswith("./") else source in COMPOSE["volumes"]


def test_every_volume_is_used():
    used = {source for name in ALL for source in mounts(name).values() if not source.startswith("./")}
    assert used == set(COMPOSE["volumes"])


@pytest.mark.parametrize("name", ["prometheus", "alertmanager"])
def test_a_configuration_is_where_its_program_looks_and_data_go_to_a_volume(name):
    flags = dict(flag.split("=", 1) for flag in ALL[name]["command"])
    configured = Path(flags["--config.file"])
    assert (ROOT / mounts(name)[str(configured.parent)] / configured.name).is_file()
    (stored,) = [value for flag, value in flags.items() if flag.endswith(("tsdb.path", "storage.path"))]
    assert mounts(name)[stored] == f"{name}-data"


def test_grafana_finds_its_dashboards_and_its_source():
    found = mounts("grafana")
    provisioning = ROOT / found["/etc/grafana/provisioning/dashboards"]
    (provider,) = yaml.safe_load((provisioning / "subpulse.yaml").read_text())["providers"]
    shown = ROOT / found[provider["options"]["path"]]
    home = Path(ALL["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"])
    assert str(home.parent) == provider["options"]["path"]
    assert (shown / home.name).is_file()
    sources = ROOT / found["/etc/grafana/provisioning/datasources"]
    (source,) = yaml.safe_load((sources / "prometheus.yaml").read_text())["datasources"]
    assert source["url"] == "http://prometheus:9090"


def test_prometheus_scrapes_the_workers_as_often_as_grafana_thinks_and_tells_alertmanager():
    folder = ROOT / mounts("prometheus")["/etc/prometheus"]
    configured = yaml.safe_load((folder / "prometheus.yml").read_text())
    sources = ROOT / "deploy" / "grafana" / "provisioning" / "datasources" / "prometheus.yaml"
    (source,) = yaml.safe_load(sources.read_text())["datasources"]
    assert source["jsonData"]["timeInterval"] == configured["global"]["scrape_interval"]
    assert targets(folder, configured["scrape_configs"]) == {f"{name}:8000" for name in WORKERS}
    assert targets(folder, configured["alerting"]["alertmanagers"]) == {"alertmanager:9093"}


def targets(folder: Path, configured: list[dict[str, list[dict[str, list[str]]]]]) -> set[str]:
    """The addresses in the files to which a configuration points."""
    files = [name for one in configured for group in one["file_sd_configs"] for name in group["files"]]
    groups = [group for name in files for group in yaml.safe_load((folder / name).read_text())]
    return {target for group in groups for target in group["targets"]}


def test_three_brokers_are_one_cluster():
    environments = {name: THREE[name]["environment"] for name in KAFKAS}
    voters = {f"{own['KAFKA_NODE_ID']}@{name}:9093" for name, own in environments.items()}
    assert len(voters) == 3
    for name, own in environments.items():
        assert set(own["KAFKA_CONTROLLER_QUORUM_VOTERS"].split(",")) == voters
        assert own["KAFKA_ADVERTISED_LISTENERS"].startswith(f"INSIDE://{name}:9092,OUTSIDE://127.0.0.1:")
        outside = own["KAFKA_ADVERTISED_LISTENERS"].rpartition(":")[2]
        assert THREE[name]["ports"] == [f"127.0.0.1:{outside}:19092"]
        factors = {value for variable, value in own.items() if variable.endswith("REPLICATION_FACTOR")}
        least = {
            value for variable, value in own.items() if variable.endswith(("MIN_ISR", "INSYNC_REPLICAS"))
        }
        assert (factors, least) == ({"3"}, {"2"})
    brokers = {f"{name}:9092" for name in KAFKAS}
    assert set(THREE["worker-1"]["environment"]["SUBPULSE_BROKERS"].split(",")) == brokers


def test_kafka_starts_with_this_configuration(tmp_path):
    """The image makes server.properties of these variables; the embedded one gets them here, except ports."""
    environment = ALONE["kafka"]["environment"].items()
    properties = {name.removeprefix("KAFKA_").lower().replace("_", "."): value for name, value in environment}
    moved = {"19092": free_port(), "9092": free_port(), "9093": free_port()}
    for name in ("listeners", "advertised.listeners", "controller.quorum.voters"):
        text = properties[name].replace("://:", "://127.0.0.1:").replace("kafka:", "127.0.0.1:")
        properties[name] = re.sub(r":(\d+)(?=,|$)", lambda port: f":{moved[port[1]]}", text)
    properties["log.dirs"] = str(tmp_path / "kafka")
    with Broker(tmp_path, port=moved["19092"], overrides=properties) as broker:
        assert broker.pid is not None


def test_a_worker_that_gives_up_is_given_the_time_for_it():
    documents = yaml.safe_load_all(WORKERS_OF_KUBERNETES.read_text())
    (pod,) = [document for document in documents if document["kind"] == "StatefulSet"]
    seconds = [int(str(ALL[name]["stop_grace_period"]).removesuffix("s")) for name in WORKERS]
    seconds.append(pod["spec"]["template"]["spec"]["terminationGracePeriodSeconds"])
    assert min(seconds) >= STOP_SECONDS + 5
