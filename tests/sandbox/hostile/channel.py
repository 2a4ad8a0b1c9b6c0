"""Attacks on the one channel by which a child reports."""

from tests.sandbox.hostile.program import WRITE_ALL, Hostile, reaching

CHANNEL = (
    Hostile(
        "forge a report and leave",
        "a frame without the job's nonce was not written by the harness",
        reaching(WRITE_ALL + "    posix._exit(0)"),
        ("killed",),
        "forged",
    ),
    Hostile(
        "forge a report and return",
        "two frames are one too many",
        reaching(WRITE_ALL + "    return 1"),
        ("killed",),
        "forged",
    ),
    Hostile(
        "use the harness's own report",
        "even with the nonce, two frames are one too many",
        "import sys\ndef f(x):\n"
        "    frame = getattr(sys, '_get' + 'frame')()\n"
        "    while frame:\n"
        "        if 'report' in frame.f_locals:\n"
        "            said = dict(status='returned', value='7', error=None, encoding='n7')\n"
        "            frame.f_locals['report'].send(said)\n"
        "        frame = frame.f_back\n"
        "    return 1",
        ("killed",),
    ),
    Hostile(
        "flood the channel",
        "the reader's memory is bounded",
        reaching(
            "    while True:\n        for d in range(64):\n            try:\n"
            "                reach().write(d, bytes(65536))\n            except OSError:\n"
            "                pass"
        ),
        ("killed",),
    ),
    Hostile(
        "announce a frame of 4 GiB",
        "a length is not believed",
        reaching(
            "    for d in range(64):\n        try:\n            reach().write(d, b'\\xff' * 4)\n"
            "        except OSError:\n            pass\n    return 1"
        ),
        ("killed",),
    ),
    Hostile(
        "close all descriptors",
        "a child that cannot report has no result",
        reaching(
            "    for d in range(64):\n        try:\n            reach().close(d)\n"
            "        except OSError:\n            pass\n    return 1"
        ),
        ("killed",),
    ),
    Hostile(
        "close all descriptors and run on",
        "nobody waits for a child that can no longer speak",
        reaching(
            "    for d in range(64):\n        try:\n            reach().close(d)\n"
            "        except OSError:\n            pass\n    while True:\n        pass"
        ),
        ("killed",),
        "closed",
    ),
)
