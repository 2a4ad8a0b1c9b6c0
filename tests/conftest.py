"""What holds for every test: laws are tried on the same examples each time, and never timed."""

import os
from importlib.metadata import version

from hypothesis import settings

settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")

# A test runs a program once: compiling it five times as fast is worth more than what it runs at.
# XLA reads this when its first array is made; processes that tests start inherit it.
FLAGS = ["--xla_backend_optimization_level=0", "--xla_llvm_disable_expensive_passes=true"]
if version("jaxlib").startswith("0.10."):  # a later one ends the process over a flag it lost
    FLAGS.append("--xla_cpu_use_fusion_emitters=false")
os.environ.setdefault("XLA_FLAGS", " ".join(FLAGS))
