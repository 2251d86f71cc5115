"""`./dev dashboards`: write what Grafana is provisioned with, or compare (--check)."""

import argparse
import sys

from deploy.dashboards.export import EXPORTED, differing, write


def main() -> int:
    """1 if files differ from the code under --check."""
    parser = argparse.ArgumentParser(prog="./dev dashboards", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit code 1 if a file differs")
    if not parser.parse_args().check:
        for path in write():
            sys.stdout.write(f"wrote {path}\n")
        return 0
    names = differing()
    if names:
        told = f"{', '.join(names)}: not what deploy/dashboards says; write them anew with ./dev dashboards"
        sys.stderr.write(f"{EXPORTED}: {told}\n")
        return 1
    sys.stdout.write(f"{EXPORTED}: the dashboards agree with deploy/dashboards\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
