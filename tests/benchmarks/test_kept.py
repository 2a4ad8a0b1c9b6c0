"""Claims about records while they are made: nothing is lost, and all hosts know what there is."""

from pathlib import Path

import pytest

from sinq_jax.benchmarks.kept import Kept, kept_by_first
from sinq_jax.benchmarks.suites.data_file import DataFile
from sinq_jax.benchmarks.suites.records import Record, RecordError, read_records
from sinq_jax.hosts import Hosts
from tests.hosts.together import together

DATA = DataFile("d.jsonl", "checksum", ())
ITEMS = ["a", "b", "c"]


def record(item: str) -> Record:
    return Record("b", "likelihood", item, DATA.checksum, logprobs=(-1.0, -2.0), tokens=(1, 1))


@pytest.mark.parametrize("done", range(4))
def test_hosts_that_keep_nothing_know_what_the_first_one_keeps(tmp_path: Path, done: int) -> None:
    path = tmp_path / "b.jsonl"
    if done:
        Kept(path).add([record(item) for item in ITEMS[:done]])

    def go_on(hosts: Hosts) -> list[list[bool]]:
        kept = kept_by_first(path, DATA, hosts)
        before = [kept.has(item) for item in ITEMS]
        kept.add([record(item) for item in ITEMS[done:]])
        after = [kept.has(item) for item in ITEMS]
        kept.finish(ITEMS)
        return [before, after, [kept.whole]]

    told = [[place < done for place in range(3)], [True] * 3, [True]]
    assert together(2, go_on) == [told, told]
    assert read_records(path) == [record(item) for item in ITEMS]
    assert together(2, lambda hosts: kept_by_first(path, DATA, hosts).whole) == [True, True]


def test_a_line_that_was_not_finished_is_asked_again(tmp_path: Path) -> None:
    path = tmp_path / "b.jsonl"
    Kept(path).add([record("a"), record("b")])
    begun = tmp_path / "b.jsonl.begun"
    begun.write_bytes(begun.read_bytes()[:-3])
    kept = Kept(path)
    assert [kept.has(item) for item in ITEMS] == [True, False, False]
    kept.add([record("b"), record("c")])
    kept.finish(ITEMS)
    assert read_records(path) == [record(item) for item in ITEMS]
    assert not begun.exists()


def test_records_of_other_data_are_refused(tmp_path: Path) -> None:
    Kept(tmp_path / "b.jsonl").add([record("a")])
    with pytest.raises(RecordError, match=r"expected records of other\.jsonl, got some of another"):
        Kept(tmp_path / "b.jsonl").hold_to(DataFile("other.jsonl", "another", ()))
