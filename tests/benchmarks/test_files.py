import gzip
import hashlib
import json
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from sinq_jax.benchmarks.suites import download, files
from sinq_jax.benchmarks.suites.__main__ import main
from sinq_jax.benchmarks.suites.catalogue import BENCHMARKS, benchmark_named
from sinq_jax.benchmarks.suites.data_file import DataFile, DataFileError
from sinq_jax.benchmarks.suites.files import data_file, published_for
from sinq_jax.benchmarks.suites.published_files import FILES, PublishedFile
from tests.benchmarks.conftest import DATA

MBPP = benchmark_named("mbpp")
DEFECT = benchmark_named("defect")
PLAIN = b'{"task_id": 11}\n{"task_id": 12}\n'
OTHER = b'{"task_id": 13}\n'


@dataclass
class Server:
    """What is served by path, how much of it, and what was asked for."""

    address: str
    served: dict[str, bytes]
    asked: list[str]
    cut: int | None = None


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server("", {}, [])

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.asked.append(self.path)
            whole = state.served.get(self.path)
            self.send_response(404 if whole is None else 200)
            self.send_header("Content-Length", str(len(whole or b"")))
            self.end_headers()
            self.wfile.write((whole or b"")[: state.cut])

        def log_message(self, *_: object) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=http.serve_forever, args=(0.01,), daemon=True).start()
    state.address = f"http://127.0.0.1:{http.server_port}"
    yield state
    http.shutdown()
    http.server_close()


def publish(
    monkeypatch: pytest.MonkeyPatch, name: str, urls: tuple[str, ...], plain: bytes
) -> PublishedFile:
    """Let the benchmark ``name`` be published at these URLs as these bytes."""
    made = replace(
        published_for(name),
        urls=urls,
        sha256=hashlib.sha256(plain).hexdigest(),
        size=len(plain),
    )
    monkeypatch.setattr(files, "FILES", (made,))
    return made


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzipped"])
def test_a_file_that_is_missing_is_downloaded_once(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packed: bool
) -> None:
    end = ".gz" if packed else ""
    server.served[f"/mbpp.jsonl{end}"] = gzip.compress(PLAIN) if packed else PLAIN
    made = publish(monkeypatch, "mbpp", (f"{server.address}/mbpp.jsonl{end}",), PLAIN)
    said: list[str] = []
    folder = tmp_path / "new" / "folder"
    file = data_file(MBPP, folder, said.append)
    assert (len(file.rows), file.checksum) == (2, made.sha256)
    assert [path.name for path in folder.iterdir()] == [f"mbpp.jsonl{end}"]
    assert said[0] == f"downloading {made.urls[0]}"
    assert said[-1].endswith("published data, 32 bytes; licence: CC-BY-4.0")
    assert data_file(MBPP, folder, said.append) == file
    assert (len(server.asked), len(said)) == (1, 2)


def test_progress_is_told_with_its_share(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.served["/mbpp.jsonl"] = PLAIN
    publish(monkeypatch, "mbpp", (f"{server.address}/mbpp.jsonl",), PLAIN)
    monkeypatch.setattr(download, "PIECE", 8)
    monkeypatch.setattr(download, "TOLD_EVERY_S", 0.0)
    said: list[str] = []
    data_file(MBPP, tmp_path, said.append)
    assert said[1:-1] == [f"  {n} bytes ({100 * n // 32}%)" for n in (8, 16, 24, 32)]


@pytest.mark.parametrize(
    ("served", "cut", "got"),
    [
        (OTHER, None, "other bytes: 16, SHA-256 "),
        (PLAIN, 20, "20 of 32 bytes, then the connection broke"),
        (gzip.compress(PLAIN)[:-6], None, "Compressed file ended"),
        (None, None, "404 Not Found"),
    ],
    ids=["other bytes", "broken off", "damaged", "not there"],
)
def test_a_download_that_fails_is_one_line_and_leaves_nothing(
    server: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    served: bytes | None,
    cut: int | None,
    got: str,
) -> None:
    server.served = {} if served is None else {"/mbpp.jsonl": served}
    server.cut = cut
    made = publish(monkeypatch, "mbpp", (f"{server.address}/mbpp.jsonl",), PLAIN)
    with pytest.raises(DataFileError) as told:
        data_file(MBPP, tmp_path, lambda _: None)
    line = str(told.value)
    wanted = (made.urls[0], str(tmp_path / "mbpp.jsonl"), got, "by other means")
    assert all(part in line for part in wanted), line
    assert "\n" not in line
    assert not [*tmp_path.iterdir()]


def test_without_a_network_the_line_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    publish(monkeypatch, "mbpp", (f"http://127.0.0.1:{port}/mbpp.jsonl",), PLAIN)
    with pytest.raises(DataFileError, match=r"got Connection refused; get the file by other means"):
        data_file(MBPP, tmp_path, lambda _: None)


def test_a_folder_that_cannot_be_written_is_told(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.served["/mbpp.jsonl"] = PLAIN
    publish(monkeypatch, "mbpp", (f"{server.address}/mbpp.jsonl",), PLAIN)
    (tmp_path / "file").write_text("")
    with pytest.raises(DataFileError, match=r"expected a file to write, got .*another folder"):
        data_file(MBPP, tmp_path / "file", lambda _: None)


def test_files_below_the_folder_are_found_and_the_published_bytes_come_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(monkeypatch, "mbpp", ("http://127.0.0.1:9/unused",), PLAIN)
    said: list[str] = []
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "mbpp.jsonl").write_bytes(OTHER)
    other = data_file(MBPP, tmp_path, said.append)
    assert len(other.rows) == 1
    [line] = said
    assert "a/mbpp.jsonl: not the published data of mbpp: SHA-256" in line
    deep = tmp_path / "a" / "b"
    deep.mkdir()
    (deep / "mbpp.jsonl.gz").write_bytes(gzip.compress(PLAIN))
    assert data_file(MBPP, tmp_path, said.append).path == str(deep / "mbpp.jsonl.gz")
    assert len(said) == 1


def defects() -> list[dict[str, object]]:
    return [
        {"project": "qemu", "commit_id": "c", "target": i % 2, "func": f"int f{i}();", "idx": i}
        for i in range(7)
    ]


def test_the_defect_split_is_assembled_without_what_was_added(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = defects()
    plain = "".join(json.dumps(row) + "\n" for row in rows).encode()
    paths = ("/late", "/early")
    for path, part in zip(paths, (rows[4:], rows[:4]), strict=True):
        added = [{"substitutes": {"f": ["g"]}, **row} for row in part]
        server.served[path] = "\n".join(map(json.dumps, added)).encode()
    urls = tuple(server.address + path for path in paths)
    made = publish(monkeypatch, "defect", urls, plain)
    # Other data sets have a test.jsonl too: one with other bytes is not taken for this one.
    (tmp_path / "test.jsonl").write_bytes(OTHER)
    assert data_file(DEFECT, tmp_path, lambda _: None).checksum == made.sha256
    assert (tmp_path / "codexglue_defect_test.jsonl").read_bytes() == plain
    (tmp_path / "codexglue_defect_test.jsonl").rename(tmp_path / "test.jsonl")
    assert data_file(DEFECT, tmp_path, lambda _: None).path == str(tmp_path / "test.jsonl")
    assert len(server.asked) == 2
    server.served["/early"] = b'{"func": "int f();"}'
    (tmp_path / "test.jsonl").unlink()
    with pytest.raises(DataFileError, match="got rows without project, commit_id"):
        data_file(DEFECT, tmp_path, lambda _: None)


def test_the_real_defect_split_comes_of_seven_files_as_published(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, real: Callable[[str], DataFile]
) -> None:
    rows = [row for _, row in real("codexglue_defect/test.jsonl.gz").rows]
    published = published_for("defect")
    urls = []
    for start, url in zip(range(0, 2800, 400), published.urls, strict=True):
        added = [{**row, "substitutes": {}} for row in rows[start : start + 400]]
        path = "/" + url.rpartition("/")[2]
        server.served[path] = "".join(json.dumps(each) + "\n" for each in added).encode()
        urls.append(server.address + path)
    monkeypatch.setattr(files, "FILES", (replace(published, urls=tuple(urls)),))
    file = data_file(DEFECT, tmp_path, lambda _: None)
    assert (file.checksum, len(server.asked)) == (published.sha256, 7)
    assert (tmp_path / published.names[0]).stat().st_size == published.size


def test_a_file_that_may_not_be_passed_on_is_the_users_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fetch", "pysecdb", "--folder", str(tmp_path)]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert all(part in line for part in (str(tmp_path), "pysecdb.csv", "may not be passed on"))
    (tmp_path / "pysecdb.csv").write_text("diff,label\nx,1\n")
    assert main(["fetch", "pysecdb", "pysecdb_majority", "--folder", str(tmp_path)]) == 0
    told = capsys.readouterr()
    assert "pysecdb.csv: 1 records" in told.out
    assert not told.err


def test_one_benchmark_that_cannot_be_had_does_not_hinder_others(
    server: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    server.served["/mbpp.jsonl"] = PLAIN
    made = publish(monkeypatch, "mbpp", (f"{server.address}/mbpp.jsonl",), PLAIN)
    monkeypatch.setattr(files, "FILES", (made, published_for_real("pysecdb")))
    assert main(["fetch", "pysecdb", "mbpp", "--folder", str(tmp_path)]) == 2
    assert f"mbpp: {tmp_path / 'mbpp.jsonl'}: 2 records" in capsys.readouterr().out


def published_for_real(name: str) -> PublishedFile:
    return next(each for each in FILES if name in each.benchmarks)


def test_every_benchmark_has_one_file_at_a_fixed_place() -> None:
    listed = [name for each in FILES for name in each.benchmarks]
    assert sorted(listed) == sorted(BENCHMARKS)
    for each in FILES:
        assert each.source
        assert each.licence
        assert bool(each.urls) == bool(each.sha256) == bool(each.size) != bool(each.instead)
        assert all(url.startswith("https://raw.githubusercontent.com/") for url in each.urls)
        assert (len(each.urls) > 1) == (each.assemble is not None)


@pytest.mark.parametrize(
    "name", [each.benchmarks[0] for each in FILES if each.urls], ids=lambda name: str(name)
)
def test_the_real_files_have_the_published_bytes(name: str) -> None:
    published = published_for(name)
    names = [*published.names, *published.shared_names]
    if not any([*DATA.rglob(f"{name}*")] for name in names):
        pytest.skip(f"needs {published.names[0]}: set SINQ_DATA to the folder that holds it")
    said: list[str] = []
    assert data_file(benchmark_named(name), DATA, said.append).checksum == published.sha256
    assert not said
