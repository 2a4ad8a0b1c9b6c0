"""Chat templates: jinja programs, published with a model, that write a chat as one text.

They run in a sandbox, with what their authors expect to find there:
https://huggingface.co/docs/transformers/chat_templating_writing
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NoReturn

from jinja2 import Environment, TemplateError, nodes
from jinja2.ext import Extension, loopcontrols
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

from sinq_jax.tokenizers.face import Message, TokenizerError


class ChatTemplate:
    """A compiled template. ``named`` are its special tokens (``bos_token``), ``now`` its clock;
    ``origin`` is where it comes from, for errors.

    Raises ``TokenizerError`` when ``source`` is no jinja.
    """

    def __init__(
        self,
        source: str,
        named: Mapping[str, str],
        origin: object,
        now: Callable[[], datetime] = datetime.now,
    ) -> None:
        self.source = source
        self._named = named
        self._origin = origin
        try:
            self._template = _environment(now).from_string(source)
        except TemplateError as error:
            raise TokenizerError(
                f"{origin}: expected a chat template in jinja, got {_line(error)}; correct it"
            ) from error

    def at(self, moment: datetime) -> "ChatTemplate":
        """The same template, for which it is always that moment."""
        return ChatTemplate(self.source, self._named, self._origin, lambda: moment)

    def render(
        self,
        messages: Sequence[Message],
        add_generation_prompt: bool,
        variables: Mapping[str, Any],
    ) -> str:
        """Raises ``TokenizerError`` when the template refuses the messages or fails over them."""
        given = {"tools": None, "documents": None, **self._named, **variables}
        try:
            return self._template.render(
                messages=messages, add_generation_prompt=add_generation_prompt, **given
            )
        except Exception as error:  # what a published program raises is not known
            raise TokenizerError(
                f"{self._origin}: expected messages that the chat template takes, got "
                f"{_line(error)}; change the messages or the template"
            ) from error


def _line(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())


def _environment(now: Callable[[], datetime]) -> Environment:
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[_Generation, loopcontrols]
    )
    environment.filters["tojson"] = _to_json
    environment.globals["raise_exception"] = _refuse
    environment.globals["strftime_now"] = lambda form: now().strftime(form)
    return environment


def _refuse(message: str) -> NoReturn:
    raise TemplateError(message)


def _to_json(
    value: Any,
    ensure_ascii: bool = False,
    indent: int | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,
) -> str:
    """JSON as it is; jinja's own filter escapes it for HTML."""
    return json.dumps(
        value,
        ensure_ascii=ensure_ascii,
        indent=indent,
        separators=separators,
        sort_keys=sort_keys,
    )


class _Generation(Extension):
    """``{% generation %}`` marks what the assistant said, for those who train on it; it writes
    nothing.
    """

    tags = {"generation"}  # noqa: RUF012 - a set, as the base class says

    def parse(self, parser: Parser) -> nodes.Node:
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        return nodes.Scope(body).set_lineno(line)
