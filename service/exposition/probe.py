"""Whether the worker in this container turns: `python -m service.exposition.probe` asks its /livez.

Only the standard library, for it runs every few seconds. The certificate is not verified: the question goes
to this machine, and carries no secret.
"""

import os
import ssl
import sys
import urllib.request

SECONDS = 4.0


def address() -> str:
    """Of /livez, by the settings in the environment."""
    scheme = "https" if os.environ.get("SUBPULSE_HTTP_TLS_CERTIFICATE_FILE") else "http"
    return f"{scheme}://127.0.0.1:{os.environ.get('SUBPULSE_HTTP_PORT') or 8000}/livez"


def main() -> None:
    """Exit code 0 when it answers in time, else 1 with why not."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    direct = urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
    try:
        urllib.request.build_opener(*direct).open(address(), timeout=SECONDS).close()
    except OSError as error:
        sys.exit(f"{address()} does not answer: {error}")


if __name__ == "__main__":
    main()
