"""Games as lines of JSON, one object per game, there and back without loss."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any, TextIO

from sinq_jax.game.lines import read_lines, write_lines
from sinq_jax.game.records import (
    Answer,
    Behaviour,
    Completion,
    Game,
    Proposal,
    Ruling,
    Suspicion,
)
from sinq_jax.programs.program import Parameter, Program

Plain = dict[str, Any]


def program_to_plain(program: Program) -> Plain:
    """Return the program as JSON values."""
    return {
        "name": program.name,
        "source": program.source,
        "entry_point": program.entry_point,
        "parameters": [{"name": p.name, "kind": p.kind} for p in program.parameters],
        "examples": list(program.examples),
    }


def program_from_plain(plain: Mapping[str, Any]) -> Program:
    """Return the program that `program_to_plain` was given."""
    parameters = tuple(Parameter(p["name"], p["kind"]) for p in plain["parameters"])
    return Program(
        plain["name"], plain["source"], plain["entry_point"], parameters, tuple(plain["examples"])
    )


def game_to_plain(game: Game) -> Plain:
    """Return the game as JSON values, with s and n beside the answers they are counted from."""
    proposal, density = game.proposal, game.density
    return {
        "round": game.round,
        "program": program_to_plain(game.program),
        "target": game.target,
        "sample": game.sample,
        "completion": _completion_to_plain(game.completion),
        "proposal": proposal and {"variant": proposal.variant, "input": proposal.input},
        "admission": ruling_to_plain(game.admission),
        "s": game.solved,
        "n": len(game.answers),
        "answers": [answer_to_plain(answer) for answer in game.answers],
        "density": density and {"diverging": density[0], "tried": density[1]},
        "suspicion": game.suspicion and _suspicion_to_plain(game.suspicion),
        **_behaviour_to_plain(game.behaviour),
    }


def game_from_plain(plain: Mapping[str, Any]) -> Game:
    """Return the game that `game_to_plain` was given; KeyError or TypeError for anything else.

    Games written before there was a suspicion pass, or without an archive of behaviours, have no
    key for it.
    """
    proposal, density, suspicion = plain["proposal"], plain["density"], plain.get("suspicion")
    return Game(
        round=plain["round"],
        program=program_from_plain(plain["program"]),
        target=plain["target"],
        sample=plain["sample"],
        completion=_completion_from_plain(plain["completion"]),
        proposal=proposal and Proposal(proposal["variant"], proposal["input"]),
        admission=ruling_from_plain(plain["admission"]),
        answers=tuple(answer_from_plain(answer) for answer in plain["answers"]),
        density=density and (density["diverging"], density["tried"]),
        suspicion=suspicion and _suspicion_from_plain(suspicion),
        behaviour=_behaviour_from_plain(plain.get("behaviour")),
    )


def write_games(games: Iterable[Game], stream: TextIO) -> int:
    """Write one line per game and return how many."""
    return write_lines((game_to_plain(game) for game in games), stream)


def read_games(stream: Iterable[str], where: str = "games") -> Iterator[Game]:
    """Yield the games of a stream of lines, skipping blank ones.

    ``where`` names the stream in errors. Raises LineError at the first line that is no game.
    """
    advice = "write such files with write_games"
    return read_lines(stream, game_from_plain, where, "one game as a JSON object", advice)


def _completion_to_plain(completion: Completion) -> Plain:
    return {
        "text": completion.text,
        "tokens": completion.tokens,
        "finished": completion.finished,
    }


def _completion_from_plain(plain: Mapping[str, Any]) -> Completion:
    return Completion(plain["text"], plain["tokens"], plain["finished"])


def ruling_to_plain(ruling: Ruling) -> Plain:
    """Return the ruling as JSON values."""
    plain = {"verdict": ruling.verdict, "reason": ruling.reason, "receipt": dict(ruling.receipt)}
    return plain if ruling.quirky is None else {**plain, "quirky": ruling.quirky}


def ruling_from_plain(plain: Mapping[str, Any]) -> Ruling:
    """Return the ruling that `ruling_to_plain` was given."""
    return Ruling(plain["verdict"], plain["reason"], plain["receipt"], plain.get("quirky"))


def _suspicion_to_plain(suspicion: Suspicion) -> Plain:
    ruling = suspicion.ruling and ruling_to_plain(suspicion.ruling)
    return {
        "suspect": suspicion.input is None,
        "reason": suspicion.reason,
        "tried": suspicion.tried,
        "input": suspicion.input,
        "ruling": ruling,
    }


def _suspicion_from_plain(plain: Mapping[str, Any]) -> Suspicion:
    ruling = plain["ruling"] and ruling_from_plain(plain["ruling"])
    return Suspicion(plain["reason"], plain["tried"], plain["input"], ruling)


def _behaviour_to_plain(behaviour: Behaviour | None) -> Plain:
    return (
        {} if behaviour is None else {"behaviour": {**asdict(behaviour), "edit": [*behaviour.edit]}}
    )


def _behaviour_from_plain(plain: Mapping[str, Any] | None) -> Behaviour | None:
    return Behaviour(tuple(plain["edit"]), plain["outcomes"], plain["seen"]) if plain else None


def answer_to_plain(answer: Answer) -> Plain:
    """Return the answer as JSON values."""
    return {
        "completion": _completion_to_plain(answer.completion),
        "input": answer.input,
        "claims_equivalent": answer.claims_equivalent,
        "ruling": ruling_to_plain(answer.ruling),
    }


def answer_from_plain(plain: Mapping[str, Any]) -> Answer:
    """Return the answer that `answer_to_plain` was given."""
    return Answer(
        _completion_from_plain(plain["completion"]),
        plain["input"],
        plain["claims_equivalent"],
        ruling_from_plain(plain["ruling"]),
    )
