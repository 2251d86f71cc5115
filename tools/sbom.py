"""`./dev sbom`: what subpulse is made of, as a CycloneDX document. The same locks make the same bytes."""

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.model.license import DisjunctiveLicense
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL

ROOT = Path(__file__).resolve().parent.parent
EVERYTHING, WORKER = ROOT / "requirements.txt", ROOT / "requirements-worker.txt"
JARS = ROOT / "service" / "embedded" / "kafka.lock"
_PINNED = re.compile(r"^([a-z0-9._-]+)==(\S+)((?: (?!--hash).*?)?)((?: --hash=sha256:[0-9a-f]{64})+)$")


def document() -> str:
    """Everything that runs as subpulse: the packages of a worker (required), and those and the jars that only
    the embedded Kafka needs (optional)."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    subpulse = Component(
        name=project["name"],
        version=project["version"],
        description=project["description"],
        type=ComponentType.APPLICATION,
        licenses=[DisjunctiveLicense(id=project["license"])],
        bom_ref="subpulse",
    )
    parts = [*_packages(), *_jars()]
    content = "\n".join([f"{subpulse.name} {subpulse.version}", *sorted(str(part.purl) for part in parts)])
    bom = Bom(components=parts, serial_number=uuid5(NAMESPACE_URL, content))
    bom.metadata = BomMetaData(component=subpulse)
    # It says what is pinned, not when somebody asked; the format lets the time be absent.
    bom.metadata.timestamp = None  # type: ignore[assignment]
    bom.register_dependency(subpulse, parts)
    written: str = make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string(indent=2)
    return written + "\n"


def _packages() -> Iterator[Component]:
    required = {name for name, *_ in _pinned(WORKER)}
    for name, version, hashes in _pinned(EVERYTHING):
        scope = ComponentScope.REQUIRED if name in required else ComponentScope.OPTIONAL
        yield _part(PackageURL("pypi", None, name, version), scope, hashes)


def _jars() -> Iterator[Component]:
    for line in JARS.read_text("utf-8").splitlines():
        if not line.startswith("#"):
            coordinate, sha256, _size = line.split()
            group, artifact, version = coordinate.split(":")
            purl = PackageURL("maven", group, artifact, version, {"type": "jar"})
            yield _part(purl, ComponentScope.OPTIONAL, [sha256])


def _part(purl: Any, scope: ComponentScope, hashes: list[str]) -> Component:
    return Component(
        name=purl.name,
        group=purl.namespace,
        version=purl.version,
        type=ComponentType.LIBRARY,
        purl=purl,
        bom_ref=purl.to_string(),
        scope=scope,
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=found) for found in hashes],
    )


def _pinned(lock: Path) -> Iterator[tuple[str, str, list[str]]]:
    """Name, version and hashes of each package of a lock."""
    for line in re.sub(r"\s*\\\n\s*", " ", lock.read_text("utf-8")).splitlines():
        found = _PINNED.match(line)
        if not found:
            raise ValueError(f"{lock.name}: not a pin: {line[:80]}")
        yield found[1], found[2], re.findall(r"sha256:([0-9a-f]{64})", found[4])


if __name__ == "__main__":
    if sys.argv[1:]:
        Path(sys.argv[1]).write_text(document(), "utf-8")
    else:
        sys.stdout.write(document())
