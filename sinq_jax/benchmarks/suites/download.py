"""One file over HTTP, whole or not at all."""

import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Callable

SILENCE_S = 60.0
"""After so many seconds without a byte a download is given up."""
TOLD_EVERY_S = 5.0
PIECE = 1 << 16


class DownloadError(Exception):
    """Why a download brought nothing: a short phrase without the URL."""


def download(url: str, say: Callable[[str], None]) -> bytes:
    """The bytes at ``url``; how far it is goes to ``say`` every few seconds.

    Raises ``DownloadError`` where nobody answers, the answer is no file, or its end is missing.
    """
    say(f"downloading {url}")
    try:
        with urllib.request.urlopen(url, timeout=SILENCE_S) as answer:
            announced = answer.headers.get("Content-Length")
            whole = _read(answer, announced, say)
    except urllib.error.HTTPError as error:
        error.close()
        raise DownloadError(f"{error.code} {error.reason}") from error
    except (OSError, http.client.HTTPException) as error:
        raise DownloadError(_phrase(error)) from error
    if announced is not None and len(whole) != int(announced):
        raise DownloadError(
            f"{len(whole):,} of {int(announced):,} bytes, then the connection broke"
        )
    return whole


def _read(
    answer: http.client.HTTPResponse, announced: str | None, say: Callable[[str], None]
) -> bytes:
    whole = bytearray()
    told = time.monotonic()
    while piece := answer.read(PIECE):
        whole += piece
        if time.monotonic() - told >= TOLD_EVERY_S:
            told = time.monotonic()
            share = f" ({100 * len(whole) // max(1, int(announced))}%)" if announced else ""
            say(f"  {len(whole):,} bytes{share}")
    return bytes(whole)


def _phrase(error: Exception) -> str:
    """What a person needs of an error of the network, which wraps others and goes on and on."""
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(cause, TimeoutError):
        return f"no byte for {SILENCE_S:.0f} s"
    told = getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
    return str(told).splitlines()[0]
