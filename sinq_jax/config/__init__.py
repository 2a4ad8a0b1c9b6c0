"""The config of a run: what can be set, how it is read, checked, shown and kept in the workdir.

``Config`` and its sections are frozen dataclasses. ``schema`` knows what a setting is,
``sections``, ``online``, ``suites`` and others list the settings, ``config`` holds the rules across
them; ``files`` reads a config file, ``flags`` the command line, ``display`` shows a config to
people and ``workdir`` keeps it beside the results.
"""

from sinq_jax.config.config import Config
from sinq_jax.config.online import Alarms, Policy
from sinq_jax.config.opponents import Crossplay, League
from sinq_jax.config.paper import Paper
from sinq_jax.config.schema import ConfigError
from sinq_jax.config.sections import (
    Learning,
    Mesh,
    Model,
    Players,
    Programs,
    Prompts,
    Rewards,
    Rollout,
    Selfplay,
    Tokenizer,
    WarmStart,
)
from sinq_jax.config.suites import Suites
from sinq_jax.config.surroundings import Benchmark, Checkpoint, Sample, Sandbox
from sinq_jax.config.variety import Variety

__all__ = [
    "Alarms",
    "Benchmark",
    "Checkpoint",
    "Config",
    "ConfigError",
    "Crossplay",
    "League",
    "Learning",
    "Mesh",
    "Model",
    "Paper",
    "Players",
    "Policy",
    "Programs",
    "Prompts",
    "Rewards",
    "Rollout",
    "Sample",
    "Sandbox",
    "Selfplay",
    "Suites",
    "Tokenizer",
    "Variety",
    "WarmStart",
]
