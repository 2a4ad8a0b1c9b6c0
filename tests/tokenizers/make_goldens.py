"""Writes ``goldens/``: small tokenizers in the formats of the families, and what the reference
makes of ``cases.py`` with them. Run in this folder with an interpreter that has ``transformers``.

    PYTHON make_goldens.py
"""

import io
import json
from pathlib import Path
from typing import Any

import sentencepiece
from cases import CODE, request
from reference import answers
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers
from tokenizers.processors import TemplateProcessing
from tokenizers.trainers import BpeTrainer
from transformers import AutoTokenizer, Qwen2Tokenizer  # type: ignore[import-not-found]

HERE = Path(__file__).parent
GOLDENS = HERE / "goldens"
PIECES = 400
"""Pieces beside the bytes: enough for merges of every kind, little to store."""

LIBRARY = sorted(Path(json.__file__).parent.glob("*.py"))
CORPUS = [path.read_text(encoding="utf-8") for path in LIBRARY] + [CODE] * 20
LLAMA3 = r"'(?i:s|t|re|ve|m|ll|d)|[^\r\n\pL\pN]?\pL+|\pN{1,3}| ?[^\s\pL\pN]+[\r\n]*|\s+"


def byte_level(pre_tokenizer: Any, normalizer: Any, **options: Any) -> Tokenizer:
    """A byte-level BPE vocabulary, written to the folder of the family by ``write``."""
    tokenizer = Tokenizer(models.BPE(**options))
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.decoder = decoders.ByteLevel()
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = BpeTrainer(
        vocab_size=256 + PIECES, initial_alphabet=alphabet, show_progress=False, min_frequency=2
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    return tokenizer


def token(text: str, *, special: bool = True, **strips: bool) -> AddedToken:
    return AddedToken(text, special=special, normalized=False, **strips)


def qwen(*more: str) -> Tokenizer:
    blank = Qwen2Tokenizer()._tokenizer
    tokenizer = byte_level(blank.pre_tokenizer, blank.normalizer)
    names = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
    tokenizer.add_special_tokens([token(name) for name in names])
    plain = ("<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>", "<tool_call>", *more)
    tokenizer.add_tokens([token(name, special=False) for name in plain])
    return tokenizer


def llama3() -> Tokenizer:
    split = pre_tokenizers.Split(Regex(LLAMA3), behavior="isolated", invert=False)
    level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    both = pre_tokenizers.Sequence([split, level])
    tokenizer = byte_level(both, None, ignore_merges=True)
    names = ("begin_of_text", "end_of_text", "start_header_id", "end_header_id", "eot_id")
    tokenizer.add_special_tokens([token(f"<|{name}|>") for name in names])
    bos = "<|begin_of_text|>"
    tokenizer.post_processor = TemplateProcessing(
        single=f"{bos} $A",
        pair=f"{bos} $A {bos} $B",
        special_tokens=[(bos, tokenizer.token_to_id(bos))],
    )
    return tokenizer


def sentencepiece_model(**options: Any) -> bytes:
    """A byte-fallback BPE model, with the settings that Llama 2 and Gemma were made with."""
    written = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(line for text in CORPUS for line in text.splitlines()),
        model_writer=written,
        model_type="bpe",
        vocab_size=260 + PIECES,
        byte_fallback=True,
        split_digits=True,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        allow_whitespace_only_pieces=True,
        hard_vocab_limit=False,
        num_threads=1,
        minloglevel=2,
        **options,
    )
    return written.getvalue()


def as_published(folder: Path) -> Tokenizer:
    """Llama 2's model as the ``tokenizer.json`` that is published beside it has it."""
    tokenizer: Tokenizer = AutoTokenizer.from_pretrained(folder)._tokenizer
    spaces = [normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581")]
    tokenizer.normalizer = normalizers.Sequence(spaces)
    tokenizer.pre_tokenizer = None  # type: ignore[assignment]
    return tokenizer


def write(name: str, files: dict[str, Any]) -> Path:
    folder = GOLDENS / name
    folder.mkdir(parents=True, exist_ok=True)
    for file, content in files.items():
        if isinstance(content, bytes):
            (folder / file).write_bytes(content)
        elif isinstance(content, Tokenizer):
            (folder / file).write_text(content.to_str() + "\n", encoding="utf-8")
        elif isinstance(content, str):
            (folder / file).write_text(content, encoding="utf-8")
        else:
            (folder / file).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    return folder


def template(name: str) -> str:
    return (HERE / "templates" / f"{name}.jinja").read_text(encoding="utf-8")


def write_qwen() -> None:
    config = {
        "tokenizer_class": "Qwen2Tokenizer",
        "add_bos_token": False,
        "bos_token": None,
        "eos_token": "<|im_end|>",
        "pad_token": "<|endoftext|>",
        "additional_special_tokens": ["<|im_start|>", "<|im_end|>"],
    }
    older = qwen()
    ends = [older.token_to_id(name) for name in ("<|im_end|>", "<|endoftext|>")]
    files = {"tokenizer.json": older, "generation_config.json": {"eos_token_id": ends}}
    named = {"chat_template": template("qwen25")}
    write("qwen25", {**files, "tokenizer_config.json": {**config, **named}})
    files["tokenizer.json"] = qwen("<think>", "</think>")
    files["chat_template.jinja"] = template("qwen3")
    write("qwen3", {**files, "tokenizer_config.json": config})


def write_llama3() -> None:
    tokenizer = llama3()
    named = [{"name": "tool_use", "template": "{{ tools }}"}]
    named.append({"name": "default", "template": template("llama3")})
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": "<|begin_of_text|>",
        "eos_token": "<|eot_id|>",
        "clean_up_tokenization_spaces": True,
        "chat_template": named,
    }
    ends = [tokenizer.token_to_id(name) for name in ("<|end_of_text|>", "<|eot_id|>")]
    generation = {"eos_token_id": ends}
    files = {"tokenizer_config.json": config, "generation_config.json": generation}
    write("llama3", {"tokenizer.json": tokenizer, **files})


def write_llama2() -> None:
    config = {
        "tokenizer_class": "LlamaTokenizer",
        "add_bos_token": True,
        "add_eos_token": False,
        "legacy": False,
        "bos_token": {"__type": "AddedToken", "content": "<s>", "special": True},
        "eos_token": "</s>",
        "unk_token": "<unk>",
    }
    files = {"tokenizer_config.json": config, "chat_template.jinja": template("llama2")}
    files["config.json"] = {"model_type": "llama", "eos_token_id": 2}
    folder = write("llama2", {"tokenizer.model": sentencepiece_model(), **files})
    model = {"tokenizer.model": (folder / "tokenizer.model").read_bytes()}
    write("llama2_legacy", {**files, **model, "tokenizer_config.json": {**config, "legacy": True}})
    files["tokenizer_config.json"] = {**config, "tokenizer_class": "PreTrainedTokenizerFast"}
    write("llama2_json", {"tokenizer.json": as_published(folder), **files})


def write_gemma() -> None:
    turns = ["<start_of_turn>", "<end_of_turn>"]
    config = {
        "tokenizer_class": "GemmaTokenizer",
        "add_bos_token": True,
        "add_eos_token": False,
        "bos_token": "<bos>",
        "eos_token": "<eos>",
        "unk_token": "<unk>",
        "pad_token": "<pad>",
        "mask_token": "<mask>",
        "additional_special_tokens": turns,
    }
    pieces = {"pad": 0, "eos": 1, "bos": 2, "unk": 3}
    model = sentencepiece_model(
        add_dummy_prefix=False,
        user_defined_symbols=["<mask>", *turns, "\n", "\n\n", "<table>"],
        **{f"{name}_id": number for name, number in pieces.items()},
        **{f"{name}_piece": f"<{name}>" for name in pieces},
    )
    files = {"tokenizer_config.json": config, "chat_template.jinja": template("gemma")}
    files["config.json"] = {"model_type": "gemma2"}
    folder = write("gemma", {"tokenizer.model": model, **files})
    files["generation_config.json"] = {"eos_token_id": [1, 6]}
    write(
        "gemma_json", {"tokenizer.json": AutoTokenizer.from_pretrained(folder)._tokenizer, **files}
    )


def main() -> None:
    for make in (write_qwen, write_llama3, write_llama2, write_gemma):
        make()
    for folder in sorted(path for path in GOLDENS.iterdir() if path.is_dir()):
        size = len(AutoTokenizer.from_pretrained(folder))
        write(
            folder.name, {"expected.json": _lines({"size": size, **answers(request(folder, size))})}
        )


def _lines(answered: dict[str, Any]) -> str:
    """JSON with a line for each answer."""
    told = {
        key: "[\n" + ",\n".join(map(json.dumps, each)) + "\n]"
        if isinstance(each, list)
        else json.dumps(each)
        for key, each in answered.items()
    }
    return "{\n" + ",\n".join(f"{json.dumps(key)}: {each}" for key, each in told.items()) + "\n}\n"


if __name__ == "__main__":
    main()
