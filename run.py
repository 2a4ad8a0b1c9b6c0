"""The command line of sinq_jax: ``python run.py --config=configs/tiny.py``; ``--help`` lists all.

Exit status: 0 done; 2 a mistake in flags, config or data, or a disk that refuses (one line on
stderr); 3 stopped by an alarm after saving; 130 or 143 stopped by SIGINT or SIGTERM after saving;
141 nobody reads its output any more.
"""

import sys
from collections.abc import Callable, Mapping, Sequence

from sandbox import Limits, Sandbox, SandboxError
from sandbox.arguments import hush
from sinq_jax.config import Config
from sinq_jax.config.display import summary
from sinq_jax.config.flags import Request, parse
from sinq_jax.config.workdir import Workdir
from sinq_jax.errors import SinqError
from sinq_jax.hosts.joining import join
from sinq_jax.interruption import Interrupted, Interruption

UNREAD = 141
"""What shells say of a program that was stopped by a closed pipe."""


def main(words: Sequence[str]) -> int:
    """Do what the command line asks for; return the exit status."""
    try:
        with Interruption() as interruption:
            request = parse(words)
            status = JOBS[request.job](request, interruption) or 0
            sys.stdout.flush()  # here, where a pipe that nobody reads is told from other mistakes
            return status
    except Interrupted as interrupted:
        return interrupted.exit_status
    except (SinqError, SandboxError) as error:
        print(error, file=sys.stderr)
        return 2
    except BrokenPipeError:
        hush()
        return UNREAD


def play(request: Request, interruption: Interruption) -> int:
    """The self-play job: the sandbox starts first, from a process in which jax never ran."""
    joined = join(request.places)
    with joined.hosts as hosts:
        if hosts.first:
            print(summary(request.config, request.file), flush=True)
        workdir = Workdir(request.workdir, hold=hosts.first)
        with workdir, open_sandbox(request.config) as sandbox:
            from sinq_jax.job import selfplay

            return selfplay(request.config, workdir, sandbox, interruption, joined)


def export(request: Request, _: Interruption) -> None:
    """The export job: reads what a run left, so that it needs neither lock nor sandbox."""
    from sinq_jax.export.job import export

    export(request.config, request.workdir)


def ask(request: Request, _: Interruption) -> None:
    """The sample job: asks a run's players, which may go on learning, or those of a checkpoint."""
    with open_sandbox(request.config) as sandbox:
        from sinq_jax.completion.job import sample

        sample(request.config, request.workdir, sandbox)


def benchmark(request: Request, _: Interruption) -> None:
    """The benchmark job: a checkpoint through published benchmarks."""
    from sinq_jax.benchmarks.suites.execution import LIMITS

    joined = join(request.places)
    with joined.hosts, open_sandbox(request.config, LIMITS) as sandbox:
        from sinq_jax.benchmarks.job import benchmark

        benchmark(request.config, request.workdir, request.benchmarks, sandbox, joined)


def plan(request: Request, _: Interruption) -> None:
    """The plan job: compiles a round, and runs nothing."""
    from sinq_jax.plan.job import plan

    plan(request.config, request.topology)


def crossplay(request: Request, _: Interruption) -> None:
    """The crossplay job: past players of a finished run meet each other, and a best response."""
    with open_sandbox(request.config) as sandbox:
        from sinq_jax.league.job import crossplay

        crossplay(request.config, request.workdir, sandbox)


def compare(request: Request, _: Interruption) -> None:
    """The compare job: reads what finished runs left."""
    from sinq_jax.compare.job import compare

    compare(request.runs, request.workdir)


JOBS: Mapping[str, Callable[[Request, Interruption], int | None]] = {
    "selfplay": play,
    "benchmark": benchmark,
    "sample": ask,
    "plan": plan,
    "export": export,
    "crossplay": crossplay,
    "compare": compare,
}
"""What ``--job`` can be, each brought in when it is asked for; None is exit status 0."""


def open_sandbox(config: Config, limits: Limits | None = None) -> Sandbox:
    """The sandbox with these limits, or those of the config."""
    own = config.sandbox
    limits = limits or Limits(
        cpu_s=own.cpu_s,
        confirm_cpu_s=own.confirm_cpu_s,
        memory_mb=own.memory_mb,
        output_bytes=own.output_kb * 1024,
    )
    return Sandbox(
        workers=own.workers or None, limits=limits, policy=own.policy, require=own.require
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
