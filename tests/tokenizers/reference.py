"""Asks the reference, ``transformers``: run with an interpreter that has it.

    PYTHON tests/tokenizers/reference.py < request.json > answers.json

A request names a ``folder`` with a tokenizer and lists ``texts``, ``ids`` and ``chats``.
"""

import json
import sys
from pathlib import Path
from typing import Any


def answers(request: dict[str, Any]) -> dict[str, Any]:
    """What the reference makes of each item of a request, as ``cases.py`` makes them."""
    from transformers import AutoTokenizer  # type: ignore[import-not-found]

    tokenizer = AutoTokenizer.from_pretrained(request["folder"])
    texts, variables = request["texts"], request["variables"]
    as_text = {"add_special_tokens": False, "split_special_tokens": True}
    as_it_is = {"skip_special_tokens": True, "clean_up_tokenization_spaces": False}
    return {
        "class": type(tokenizer).__name__,
        "encoded": [tokenizer.encode(text, add_special_tokens=False) for text in texts],
        "prompts": [tokenizer(text)["input_ids"] for text in texts],
        "sentencepiece": _of_sentencepiece(Path(request["folder"]), texts),
        "hostile": [tokenizer.encode(text, **as_text) for text in request["hostile"]],
        "decoded": [tokenizer.decode(ids, **as_it_is) for ids in request["ids"]],
        "chats": [_chat(tokenizer, *each, variables) for each in _both(request["chats"])],
        "hostile_chats": [
            _chat(tokenizer, chat, True, variables).get("text") for chat in request["hostile_chats"]
        ],
    }


def _both(chats: list[Any]) -> list[tuple[Any, bool]]:
    """Each chat with and without the beginning of an answer at its end."""
    return [(chat, prompted) for chat in chats for prompted in (True, False)]


def _of_sentencepiece(folder: Path, texts: list[str]) -> list[list[int]] | None:
    """What the published model itself makes of the texts, where there is one."""
    import sentencepiece

    if (folder / "tokenizer.json").exists():
        return None
    model = sentencepiece.SentencePieceProcessor(model_file=str(folder / "tokenizer.model"))
    return [list(model.EncodeAsIds(text)) for text in texts]


def _chat(tokenizer: Any, chat: Any, prompted: bool, variables: Any) -> dict[str, Any]:
    given = {"add_generation_prompt": prompted, **variables}
    try:
        text = tokenizer.apply_chat_template(chat, tokenize=False, **given)
        ids = tokenizer.apply_chat_template(chat, return_dict=False, **given)
    except Exception as error:  # noqa: BLE001 - whatever a template raises is an answer
        return {"error": str(error)}
    return {"text": text, "ids": ids}


if __name__ == "__main__":
    json.dump(answers(json.load(sys.stdin)), sys.stdout)
