"""The commands of `./dev`. Needs nothing but the standard library; everything else it fetches, pinned."""

import argparse
import os
import subprocess
import sys

import environment
import locks
from environment import ROOT, DevError, say

HELP = """\
./dev is the one door to subpulse. It makes its own environment (.venv, from hash-pinned locks) when needed.

  ./dev demo             a real Kafka, a simulated subscription business and a worker, live in this terminal
                         (Ctrl-C ends it; --once ends by itself after the first full figures)
  ./dev test             all tests, a file at a time on each core
  ./dev test ARG…        some of them; arguments go to pytest, as in: ./dev test tests/domain -k refund
  ./dev check            style, types, rooms, exported schemas and pins: what has to hold before a commit
  ./dev bench [ARG…]     how fast a worker is, beside a raw Kafka consumer (--json FILE writes the medians)
  ./dev bench peers [ARG…]
                         the same job on Kafka Streams, Flink, Quix Streams, Bytewax, Faust and subpulse, in
                         one run (--quick: a taste; --help says more)
  ./dev bench profile [ARG…]
                         what a worker spends on an event, by stage, with a flame graph (--quick: a taste)
  ./dev bench scale [ARG…]
                         curves: workers, customers, memory, delay, backlog, weeks (--quick: a taste)
  ./dev bench embedded [ARG…]
                         records in memory and in RocksDB: what an order costs (--quick: a taste)
  ./dev bench failover [ARG…]
                         how long nobody serves a partition after a worker was killed (--help says more)
  ./dev backtest [ARG…]  the alerts on simulated time: false pages in quiet years, how soon spikes are found
                         (--quick: a taste of it; --help says more)
  ./dev storm [ARG…]     everything that may happen to workers, broker and network, then a recomputation
                         (--seed N --minutes M; --help says more)
  ./dev subpulse [ARG…]  any command of subpulse, from any folder, as in: ./dev subpulse replay --help
  ./dev dashboards       write the Grafana dashboards anew from their code (--check: only compare)
  ./dev sbom [FILE]      what subpulse is made of, as a CycloneDX document, from the locks
  ./dev audit            whether advisories are known for what the locks pin (asks the package index)
  ./dev lock [ARG…]      re-make the locks after a change in pyproject.toml (--upgrade: all to the newest)

Start with ./dev demo.
"""

PYTHON_PEERS = ("quix", "bytewax", "faust")
BENCHES = (["peers"], ["profile"], ["scale"], ["embedded"], ["failover"])

# Each of the processes has a Kafka of its own, so there are not more than four; but one more than there are
# cores, for many tests wait for somebody. Tests of one file share what they start.
PROCESSES = str(min(4, (os.cpu_count() or 1) + 1))
ALL_TESTS = ("-n", PROCESSES, "--dist", "loadfile", "--durations", "25")

CHECKS = {
    "style": ("ruff", "check", "."),
    "format": ("ruff", "format", "--check", "."),
    "types": ("mypy",),
    "types of ./dev": ("mypy", "tools"),
    "rooms": ("lint-imports", "--no-cache", "--no-logo"),
    "exported schemas": ("subpulse", "schemas", "check"),
    "exported dashboards": ("python", "-m", "deploy.dashboards", "--check"),
}


def main(arguments: list[str]) -> int:
    """Run one command; its exit code."""
    command, rest = (arguments[0], arguments[1:]) if arguments else ("help", [])
    match command:
        case "help" | "-h" | "--help":
            sys.stdout.write(HELP)
            return 0
        case "demo":
            environment.prepare(development=False)
            become("subpulse", "demo", *rest)
        case "subpulse":
            environment.prepare(development=False)
            become("subpulse", *rest)
        case "test":
            environment.prepare(development=True)
            os.chdir(ROOT)
            become("pytest", *(rest or ALL_TESTS))
        case "bench":
            environment.prepare(development=True)
            module, rest = (
                (f"benchmarks.{rest[0]}", rest[1:]) if rest[:1] in BENCHES else ("benchmarks", rest)
            )
            if module == "benchmarks.peers" and wants_python_peers(rest):
                environment.prepare_peers()
            become("python", "-m", module, *rest)
        case "backtest":
            environment.prepare(development=True)
            os.chdir(ROOT)
            become("python", "-m", "backtest", *rest)
        case "dashboards":
            environment.prepare(development=True)
            os.chdir(ROOT)
            become("python", "-m", "deploy.dashboards", *rest)
        case "storm":
            environment.prepare(development=True)
            os.chdir(ROOT)
            become("python", "-m", "tests.endurance", *rest)
        case "check":
            environment.prepare(development=True)
            return check()
        case "sbom":
            environment.prepare(development=True)
            become("python", str(ROOT / "tools" / "sbom.py"), *rest)
        case "audit":
            environment.prepare(development=True)
            # Strict: a package of which nothing could be learned counts as a failure, not as a clean one.
            locked = [word for lock in locks.SOURCES for word in ("--requirement", str(ROOT / lock))]
            become("pip-audit", "--strict", "--require-hashes", "--disable-pip", *locked, *rest)
        case "lock":
            locks.make(rest)
            environment.prepare(development=True)
            say("the jars of Kafka: resolving and hashing")
            become("python", "-m", "service.embedded.pin")
    sys.stderr.write(f"./dev: there is no command {command!r}\n\n{HELP}")
    return 2


def become(program: str, *arguments: str) -> None:
    """Replace this process, so that signals and the exit code are the program's own."""
    path = str(environment.program(program))
    sys.stdout.flush()
    os.execve(path, [path, *arguments], environment.variables())


def wants_python_peers(arguments: list[str]) -> bool:
    """Whether `./dev bench peers` with these arguments runs an engine of the peers' environment."""
    if {"-h", "--help"} & {*arguments}:
        return False
    parser = argparse.ArgumentParser(prog="./dev bench peers", add_help=False, allow_abbrev=False)
    parser.add_argument("-e", "--engine", action="append", default=[])
    engines = parser.parse_known_args(arguments)[0].engine
    return not engines or bool({*PYTHON_PEERS} & {*engines})


def check() -> int:
    """Try everything that has to hold; 1 if something does not."""
    failed = []
    for name, (program, *arguments) in CHECKS.items():
        say(f"{name}: {program} {' '.join(arguments)}")
        command = [str(environment.program(program)), *arguments]
        if subprocess.run(command, cwd=ROOT, env=environment.variables(), check=False).returncode:
            failed.append(name)
    say("pins: are the locks what pyproject.toml asks for?")
    stale = locks.stale()
    if stale:
        say(f"not any more: {', '.join(stale)}; ./dev lock re-makes them")
        failed.append("pins")
    say(f"check failed: {', '.join(failed)}" if failed else "check passed")
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except DevError as error:
        sys.exit(f"./dev: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
