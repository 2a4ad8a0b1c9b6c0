"""The command line of ``run.py``: flags in, one checked request out.

absl reads the words of the command line; each field of the config is one absl flag whose values
are read by its ``Setting``, so types, bounds and messages are the same as in a config file.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from absl import flags

from sinq_jax.config import display
from sinq_jax.config.config import Config
from sinq_jax.config.files import load
from sinq_jax.config.places import Places, read_place
from sinq_jax.config.schema import ConfigError, Setting, build, closest, flatten, settings, unknown

JOBS = ("selfplay", "benchmark", "sample", "plan", "export", "crossplay", "compare")
DIVIDED = ("selfplay", "benchmark")
"""Jobs that several processes can share."""
PLACES = ("coordinator", "processes", "process")
USAGE = """\
usage: python run.py --config=FILE [--workdir=DIR] [--job=JOB] [--config.FIELD=VALUE ...]
       python run.py --job=compare [--workdir=DIR] DIR ...

  --config=FILE    a Python file with get_config(), such as configs/tiny.py
  --workdir=DIR    where everything is kept; the same command again resumes (default: runs/NAME)
  --job=JOB        what to do (default: {default}), one of:
                   {jobs}
  --benchmark=A,B  what --job=benchmark measures, by name or all: published benchmarks
  --topology=TEXT  what --job=plan plans for: v5p:4x4x4, cpu:8, ... (default: the devices here)
  --job=compare    finished runs side by side, tested; a page goes to --workdir (runs/compare)
  --help           show this, with the values of FILE where one is given

To play or measure as several processes, the same command on each machine, with a workdir that all
of them see:

  --processes=auto       as the TPU pod or the Slurm job around them says
  --processes=N          that many, with --process=0 to N-1 for each,
  --coordinator=HOST:PORT  and where the first process is reached by the others

Fields of the config, their values, meanings [units] and types:
"""


@dataclass(frozen=True)
class Request:
    """What the command line asks for: the config resolved and checked, and as the file has it.
    ``runs`` are the workdirs that the job ``compare`` reads, which has no config; ``benchmarks``
    what the job ``benchmark`` measures.
    """

    job: str
    workdir: Path
    config: Config
    file: Config
    places: Places = None
    topology: str = ""
    runs: tuple[Path, ...] = ()
    benchmarks: tuple[str, ...] = ()


class _Reader(flags.ArgumentParser[object]):
    """Reads the values of one setting for absl."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting

    def parse(self, argument: str) -> object:
        return self.setting.read(argument)


def parse(words: Sequence[str]) -> Request:
    """Return what ``words``, the command line without the program's name, ask for.

    ``--help`` prints and raises SystemExit(0). Raises ConfigError for a flag that does not exist,
    a value that does not fit, a broken config file, or fields that contradict each other.
    """
    values, positional = _scan(words)
    if values["help"].value:
        text = help_text(load(values["config"].value) if values["config"].value else Config())
        print(text, flush=True)
        sys.exit(0)
    if values["job"].value == "compare":
        return _comparison(values, positional)
    if positional:
        raise ConfigError(
            f"command line: expected only flags, got {positional[0]!r}; write --flag=value"
        )
    if values["config"].value is None:
        raise ConfigError(
            "--config: expected a config file, got none; add --config=configs/tiny.py "
            "(--help lists every flag)"
        )
    job = values["job"].value
    if job not in JOBS:
        raise ConfigError(
            f"--job: expected {' or '.join(JOBS)}, got {job!r}; leave --job out to play"
        )
    file = load(values["config"].value)
    changed = {
        each.name: values[each.flag[2:]].value
        for each in settings(Config)
        if values[each.flag[2:]].present
    }
    config = build(Config, flatten(file) | changed)
    config.check()
    workdir = Path(values["workdir"].value or f"runs/{config.name}")
    topology, benchmarks = (values[name].value or "" for name in ("topology", "benchmark"))
    return Request(
        job,
        workdir,
        config,
        file,
        _places(values, job),
        topology,
        benchmarks=tuple(name for name in benchmarks.split(",") if name),
    )


def _comparison(values: flags.FlagValues, runs: Sequence[str]) -> Request:
    if values["config"].value is not None:
        raise ConfigError(
            "--config: expected none for --job=compare, which reads the configs of its runs, got "
            f"{values['config'].value!r}; leave it out"
        )
    workdir = Path(values["workdir"].value or "runs/compare")
    return Request("compare", workdir, Config(), Config(), runs=tuple(map(Path, runs)))


def _places(values: flags.FlagValues, job: str) -> Places:
    places = read_place(*(values[name].value for name in PLACES))
    if places is not None and job not in DIVIDED:
        raise ConfigError(
            f"--processes: expected one process for --job={job}, got several; leave it out"
        )
    return places


def help_text(config: Config) -> str:
    """Return what ``--help`` shows: the usage, and every field with its value in ``config``."""
    return "\n".join(
        [USAGE.format(jobs=", ".join(JOBS), default=JOBS[0]), *display.help_lines(config)]
    )


def _scan(words: Sequence[str]) -> tuple[flags.FlagValues, list[str]]:
    values = _definitions()
    try:
        _, *positional = values(["run.py", *words])
    except flags.UnrecognizedFlagError as error:
        raise ConfigError(_unknown_flag(error.flagname, values)) from None
    except (flags.Error, ValueError) as error:
        raise ConfigError(
            f"command line: expected --flag=value, got: {error}; --help lists every flag"
        ) from None
    return values, positional


def _definitions() -> flags.FlagValues:
    values = flags.FlagValues()  # type: ignore[no-untyped-call]
    values.set_gnu_getopt(True)
    for name in ("config", "workdir", "topology", "benchmark", *PLACES):
        flags.DEFINE_string(name, None, "", flag_values=values)
    flags.DEFINE_string("job", JOBS[0], "", flag_values=values)
    flags.DEFINE_boolean("help", False, "", short_name="h", flag_values=values)
    for each in settings(Config):
        flag = flags.Flag(
            _Reader(each), None, each.flag[2:], None, each.meaning, boolean=each.type is bool
        )
        flags.DEFINE_flag(flag, values)
    return values


def _unknown_flag(name: str, values: flags.FlagValues) -> str:
    if name.startswith("config."):
        return unknown(name.removeprefix("config."), [each.name for each in settings(Config)])
    hint = closest(name, list(values))
    advice = f"did you mean --{hint}?" if hint else "--help lists every flag"
    return f"--{name}: expected a flag of run.py, got an unknown name; {advice}"
