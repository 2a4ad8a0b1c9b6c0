"""A workdir as a run leaves it, made by hand: a small game with known numbers and hostile texts."""

import json
import random
from pathlib import Path

from sinq_jax.game.records import Answer, Completion, Game, Proposal, Ruling
from sinq_jax.game.store import GameStore
from sinq_jax.metrics import MetricsWriter
from sinq_jax.programs.program import Parameter, Program

ORIGINAL = """def {name}(xs):
    total = 0
    for x in xs:
        if x > {bound}:
            total += x * {factor}
    return total
"""
HOSTILE = (
    "</script><script>alert('x')</script><img src=x onerror=x()> \u202e\x00\x1b[31m\ud800 & \"'"
)
REFUSALS = (
    ("invalid", "edit does not match once"),
    ("invalid", "no input"),
    ("invalid", "same outcome"),
    ("unstable", "timeout near the limit"),
)


def program(number: int) -> Program:
    source = ORIGINAL.format(name="f", bound=number % 7, factor=number % 3 + 1)
    return Program(f"grammar/{number}", source, "f", (Parameter("xs", "list[int]"),))


def outcome(value: str) -> dict[str, object]:
    return {"status": "returned", "value": value, "wall_s": 0.001, "repeats": 2}


def ruling(verdict: str, reason: str = "outcomes differ") -> Ruling:
    receipt = {
        "original": outcome("12"),
        "variant": outcome("7" if verdict == "diverges" else "12"),
    }
    return Ruling(verdict, reason, receipt)  # type: ignore[arg-type]


def game(number: int, sample: int, dice: random.Random) -> Game:
    """A game of round ``number``: variants grow harder and more often valid over the rounds."""
    original = program(dice.randrange(200))
    common = {
        "round": number,
        "program": original,
        "target": dice.randrange(11),
        "sample": sample,
        "completion": Completion(HOSTILE if sample == 0 else "-    return total", 21, True),
    }
    if dice.random() > 0.45 + 0.3 * number / 40:
        reason = REFUSALS[min(dice.randrange(6), 3)]
        proposal = None if reason[1] == "no input" else Proposal(original.source, '{"xs": [1]}')
        return Game(**common, proposal=proposal, admission=Ruling(*reason, {}))  # type: ignore[arg-type]
    edit = dice.choice([(" > ", " >= "), ("total += x", "total -= x"), ("total = 0", "total = 1")])
    source = original.source.replace(*edit)
    if sample == 0:
        source += f"    # {HOSTILE}\n"
    ease = dice.betavariate(2, 1.2 + number / 20)
    answers = [answer(dice.random() < ease, dice) for _ in range(8)]
    return Game(
        **common,  # type: ignore[arg-type]
        proposal=Proposal(source, '{"xs": [3, 4]}'),
        admission=ruling("diverges"),
        answers=tuple(answers),
        density=(1 + int(19 * ease * dice.random()), 20),
    )


def answer(solves: bool, dice: random.Random) -> Answer:
    given = f'{{"xs": [{dice.randrange(4)}]}}'
    if solves:
        return Answer(Completion(given, 9, True), given, False, ruling("diverges"))
    if dice.random() < 0.1:
        wrong = Ruling("invalid", "claims equivalence", {})
        return Answer(Completion("equivalent", 1, True), None, True, wrong)
    if dice.random() < 0.1:
        unread = Ruling("invalid", "no input", {})
        return Answer(Completion(f"xs = {HOSTILE}", 24, False), None, False, unread)
    return Answer(Completion(given, 9, True), given, False, ruling("same", "same outcome"))


def measured(name: str, value: float, n: int, half: float) -> dict[str, float]:
    return {
        name: value,
        f"{name}_low": value - half,
        f"{name}_high": value + half,
        f"{name}_n": n,
    }


def benchmark(success: float, validity: float) -> dict[str, float]:
    return {
        **measured("benchmark/success", success, 1600, 0.021),
        **measured("benchmark/greedy", success + 0.04, 400, 0.04),
        **measured("benchmark/success_density_0.05", success - 0.2, 400, 0.04),
        **measured("benchmark/success_density_0.20", success, 800, 0.03),
        **measured("benchmark/success_density_0.50", success + 0.2, 400, 0.04),
        **measured("benchmark/generator_validity", validity, 400, 0.05),
        "benchmark/generator_density_median": 0.45 - validity / 4,
    }


def make_run(workdir: Path, rounds: int = 40, play: bool = True, seed: int = 0) -> Path:
    """Write config.json, metrics.jsonl and (with play) games.sqlite; return the workdir."""
    workdir.mkdir(parents=True, exist_ok=True)
    dice = random.Random(seed)
    config = {"name": "tiny", "seed": seed, "play": play, "selfplay": {"rounds": rounds}}
    record = {"config": config, "git": "0123456789abcdef", "python": "3.11.7", "devices": ["cpu:0"]}
    (workdir / "config.json").write_text(json.dumps(record))
    with MetricsWriter(workdir) as metrics:
        for step in range(0, 1001, 20):
            learned = step / 1000
            loss = 3 - 2 * learned**0.5 + 0.1 * dice.random()
            values = {
                "learning/evaluator_imitation_loss": loss,
                "learning/generator_imitation_loss": 0.8 * loss,
                "learning/evaluator_grad_norm": loss / 2,
                "learning/rate": 2e-3 * (1 - learned),
            }
            if step % 500 == 0:
                values |= benchmark(0.2 + 0.17 * learned, 0.1 + 0.4 * learned)
            metrics.write(0, step, values)
        for number in range(1, rounds + 1):
            metrics.write(number, 1000 + 10 * number, play_values(number, rounds, play, dice))
    if play:
        with GameStore(workdir / "games.sqlite") as store:
            for number in range(1, rounds + 1):
                store.write_round(number, [game(number, i, dice) for i in range(12)])
    return workdir


def play_values(number: int, rounds: int, play: bool, dice: random.Random) -> dict[str, float]:
    grown = number / rounds
    loss = 1 - 0.2 * grown + 0.1 * dice.random()
    values = {
        "learning/evaluator_imitation_loss": loss,
        "learning/generator_imitation_loss": 0.8 * loss,
        "learning/evaluator_grad_norm": loss / 2,
    }
    if number % 10 == 0 or number == rounds:
        success = 0.37 + (0.08 if play else 0.02) * grown
        values |= benchmark(success, 0.5 + (0.12 * grown if play else 0.0))
        values |= measured("benchmark/gain", success - 0.37, 400, 0.015)
    if play:
        values |= {
            "generator/parse_rate": 0.97,
            "generator/target_error": 2.5 - grown,
            "generator/reward": 0.3 + 0.1 * grown + 0.03 * dice.random(),
            "evaluator/reward": 0.5 + 0.03 * dice.random(),
            "learning/evaluator_policy_loss": -0.02 * dice.random(),
            "learning/evaluator_policy_entropy": 0.8 - 0.2 * grown,
            "learning/evaluator_policy_logprob_gap": 1e-6 * (1 + dice.random()),
            "time/tokens_per_s": 7000.0,
            "sandbox/executions": 4100,
        }
    return values
