"""Claims about published variants: what a game publishes, and files of them that lose nothing."""

import io
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinq_jax.game.chats import Message, write_chats
from sinq_jax.game.lines import LineError
from sinq_jax.game.published import (
    Published,
    PublishedError,
    analysis_of,
    publish,
    published_game,
    read_published,
    write_published,
)
from sinq_jax.game.records import Answer, Completion, Ruling, Suspicion
from sinq_jax.game.release import published_chat, release_chat, told_level
from tests.game.test_headings import marked
from tests.game.test_jsonl import GAME, REFUSED

TEXTS = st.text(st.characters(), max_size=12) | marked
PUBLISHED = st.builds(
    publish,
    TEXTS,
    TEXTS,
    TEXTS,
    TEXTS,
    st.none() | st.integers(0, 10),
    TEXTS,
    st.lists(TEXTS, max_size=3),
)


def test_a_game_publishes_its_own_proof_its_level_and_what_answers_found() -> None:
    thought = replace(GAME, completion=Completion("# Analysis\n\nsign\n\n# Program\n", 9, True))
    assert published_game(thought) == Published(
        entry_point="f",
        original=GAME.program.source,
        variant="def f(x):\n    return -x\n",
        input='{"x": 1}',
        level=5,
        analysis="sign",
        others=('{"x": 2}',),
    )


def test_what_was_refused_publishes_nothing_and_a_suspect_has_no_level() -> None:
    assert published_game(REFUSED) is None
    suspect = published_game(replace(GAME, suspicion=Suspicion("no more inputs", 40)))
    assert suspect is not None
    assert suspect.level is None


def test_each_input_is_published_once_and_only_where_it_was_right() -> None:
    right, wrong = Ruling("diverges", "differ", {}), Ruling("same", "same outcome", {})
    told = [('{"x": 1} ', right), ('{"x": 3}', right), ('{"x": 3}\n', right), ('{"x": 4}', wrong)]
    answers = tuple(Answer(Completion("", 1, True), text, False, word) for text, word in told)
    found = published_game(replace(GAME, answers=answers))
    assert found is not None
    assert (found.input, found.others, found.level) == ('{"x": 1}', ('{"x": 3}',), 2)


@given(st.lists(PUBLISHED, max_size=3))
def test_any_texts_come_back_from_lines_exactly(records: list[Published]) -> None:
    stream = io.StringIO()
    assert write_published(records, stream) == len(records)
    assert list(read_published(io.StringIO(stream.getvalue()))) == records


@given(PUBLISHED)
def test_the_release_s_layout_reads_back_what_was_written_but_for_more_inputs(
    record: Published,
) -> None:
    record = replace(
        record, entry_point="f", analysis=analysis_of(f"# Analysis\n{record.analysis}")
    )
    stream = io.StringIO()
    write_chats([release_chat(record)], stream)
    assert published_chat(json.loads(stream.getvalue())) == replace(record, others=())


@given(marked | st.text())
def test_no_analysis_can_hide_the_program_behind_it(text: str) -> None:
    kept = analysis_of(text)
    assert analysis_of(f"# Analysis\n{kept}\n\n# Generated program\n") == kept


def test_a_level_that_is_asked_for_later_is_read_from_the_answer() -> None:
    record = publish("f", "def f(x): pass\n", "def f(x): return 1\n", "{'x': 1}", None, "why")
    asked = (
        *release_chat(record),
        Message("user", "How hard?"),
        Message("assistant", told_level(3)),
    )
    stream = io.StringIO()
    write_chats([asked], stream)
    assert published_chat(json.loads(stream.getvalue())) == replace(record, level=3)


def test_chat_lines_carry_weights_only_where_given() -> None:
    stream = io.StringIO()
    assert write_chats([(Message("user", "P", 0), Message("assistant", "Q"))], stream) == 1
    messages = [
        {"role": "user", "content": "P", "weight": 0},
        {"role": "assistant", "content": "Q"},
    ]
    assert json.loads(stream.getvalue()) == {"messages": messages}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"level": 11}, "level '11', expected 0 to 10 or null"),
        ({"level": True}, "level 'True'"),
        ({"input": 3}, "must be texts"),
        ({"others": None}, "not iterable|NoneType"),
        ({"analysis": None}, "must be a text"),
    ],
)
def test_a_line_that_is_none_is_named(change: dict[str, object], fault: str) -> None:
    good = {**vars(publish("f", "P", "Q", "{}")), "others": []}
    lines = [json.dumps(good), json.dumps(good | change)]
    with pytest.raises(LineError, match=rf"mine:2: expected one published.*({fault})"):
        list(read_published(lines, "mine"))


def test_only_texts_are_published() -> None:
    with pytest.raises(PublishedError, match="must be texts"):
        publish("f", 7, "Q", "{}")  # type: ignore[arg-type]
