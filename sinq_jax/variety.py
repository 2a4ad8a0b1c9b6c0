"""How a run holds its generator to many ideas: the archive that it keeps, and what that costs."""

from collections.abc import Callable, Sequence

from sinq_jax.config import Config
from sinq_jax.experiment import Experiment
from sinq_jax.game.archive import NO_QUOTA, Archive, Quota, archive_measures, observed
from sinq_jax.game.records import Game


def quota_of(config: Config) -> Quota:
    """What is paid for variants that behave alike, as the config says."""
    variety = config.variety
    return Quota(variety.quota, variety.over_quota_pay) if variety.quota else NO_QUOTA


class KeptArchive:
    """The archive of a run: empty, and free of cost, where ``variety.probes`` is 0. It is made of
    the stored games alone.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self._archive = Archive(config.variety.rounds)

    def placed(self, experiment: Experiment, games: tuple[Game, ...]) -> tuple[Game, ...]:
        """The games of a new round, those admitted with their behaviours."""
        probes = self._config.variety.probes
        if not probes:
            return games
        return self._archive.placed(observed(experiment.sandbox, games, probes))

    def restore(self, games_of: Callable[[int], Sequence[Game]], played: Sequence[int]) -> None:
        """Remember the games of these rounds, as far back as the archive goes: as a resumed run
        does.
        """
        variety = self._config.variety
        for number in played[-variety.rounds :] if variety.probes else ():
            self._archive.add(games_of(number))

    def record(self, games: Sequence[Game]) -> dict[str, float]:
        """Remember the games of a round, and return its metrics ``archive/...``."""
        if not self._config.variety.probes:
            return {}
        self._archive.add(games)
        return archive_measures(games, quota_of(self._config), self._archive)
