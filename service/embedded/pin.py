"""Re-make `kafka.lock`: resolve Kafka's dependencies and pin every jar (`python -m service.embedded.pin`)."""

import hashlib
import tempfile
from pathlib import Path

from jgo.maven import MavenContext

from service.embedded.jars import KAFKA_VERSION, LOCK, repositories

_KAFKA = f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}"
# Without a provider for SLF4J the broker would be silent. It is of the version of Kafka's own log4j, and is
# not resolved together with Kafka, because its parent would then rule over the versions of Kafka's jars.
_LOGGING = "org.apache.logging.log4j:log4j-slf4j-impl:2.25.4"
_HEADER = f"# The jars of Kafka {KAFKA_VERSION}: coordinate, sha256, bytes. Made by `./dev lock`.\n"


def main() -> None:
    """Write the lock anew from what the repositories answer now."""
    with tempfile.TemporaryDirectory() as directory:
        context = MavenContext(repo_cache=Path(directory), remote_repos=repositories())
        given, needed = context.resolver.resolve([context.create_dependency(_KAFKA)])
        rows = []
        for dependency in [*given, *needed, context.create_dependency(_LOGGING)]:
            content = Path(dependency.artifact.resolve()).read_bytes()
            coordinate = f"{dependency.groupId}:{dependency.artifactId}:{dependency.version}"
            rows.append(f"{coordinate} {hashlib.sha256(content).hexdigest()} {len(content)}\n")
    LOCK.write_text(_HEADER + "".join(rows), "utf-8")


if __name__ == "__main__":
    main()
