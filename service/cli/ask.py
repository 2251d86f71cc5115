"""Asking a worker over HTTP, as its settings say where it listens and what it wants to be told."""

import json
import time
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from service.errors import UserError
from service.settings import Settings

SECONDS = 30.0


def address_of(settings: Settings) -> str:
    """Where a worker of these settings answers."""
    scheme = "https" if settings.http_tls_certificate_file else "http"
    host = f"[{settings.http_host}]" if ":" in settings.http_host else settings.http_host
    return f"{scheme}://{host}:{settings.http_port}"


def ask(
    url: str,
    token: str | None,
    path: str,
    query: dict[str, Any],
    *,
    patience: float = 0.0,
    seconds: float = SECONDS,
) -> dict[str, Any]:
    """The JSON object that a worker answers. A list in `query` is a parameter given several times.

    `patience`: for how many seconds to ask again where the worker says that it will answer later;
    `seconds`: how long to wait for an answer.

    Raises:
        UserError: nobody answers there, or the answer is why there is none.
    """
    if not url.startswith(("http://", "https://")):
        raise UserError(f"--url {url}: begin with http:// or https://")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    request = Request(f"{url.rstrip('/')}{path}?{urlencode(query, doseq=True)}", headers=headers)
    try:
        with urlopen(request, timeout=seconds) as answer:
            found: dict[str, Any] = json.load(answer)
            return found
    except HTTPError as error:
        pause = error.headers.get("Retry-After", "")
        if not pause.isdigit() or (rest := patience - float(pause)) < 0:
            raise UserError(_reason(error, url)) from None
    except (URLError, OSError, ValueError) as error:
        reason = error.reason if isinstance(error, URLError) else error
        raise UserError(
            f"no worker answers at {url}: {reason}; is one running, and does --url say where?"
        ) from None
    time.sleep(float(pause))
    return ask(url, token, path, query, patience=rest, seconds=seconds)


def _reason(error: HTTPError, url: str) -> str:
    if error.code == 401:
        return f"{url} wants a token: set http_token_file as the worker has it"
    try:
        return str(json.load(error)["error"])
    except (ValueError, KeyError, TypeError):
        return f"{url} answers {error.code} {error.reason}: is that a worker of subpulse?"
