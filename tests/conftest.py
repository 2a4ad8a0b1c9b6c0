"""What holds for every test: laws are tried on the same examples each time, and never timed, and
two workers share the tests.
"""

import os
from importlib.metadata import version

import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler.loadscope import LoadScopeScheduling

settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")

# A test runs a program once: compiling it five times as fast is worth more than what it runs at.
# XLA reads this when its first array is made; processes that tests start inherit it.
FLAGS = ["--xla_backend_optimization_level=0", "--xla_llvm_disable_expensive_passes=true"]
if version("jaxlib").startswith("0.10."):  # a later one ends the process over a flag it lost
    FLAGS.append("--xla_cpu_use_fusion_emitters=false")
os.environ.setdefault("XLA_FLAGS", " ".join(FLAGS))

# A worker does all of a file; and all files that begin with what a room makes once, where this
# takes seconds.
TOGETHER = {
    "tests/run/": "adapters benchmark crossplay experiment families kept_games league mistakes "
    "resume same selfplay",
    "tests/audit/": "files findings",
    "tests/export/": "datasets files",
}
# What takes long begins first, so that no worker waits for another at the end.
LONG = ("tests/run/", "tests/hosts/", "tests/plan/", "tests/arrays/", "tests/bridges/")


class Sharing(LoadScopeScheduling):
    """Hands out files, or what stands together, in their order."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        for room, names in TOGETHER.items():
            if file in {f"{room}test_{name}.py" for name in names.split()}:
                return room
        return file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Sharing:
    return Sharing(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: [not item.nodeid.startswith(room) for room in LONG])
