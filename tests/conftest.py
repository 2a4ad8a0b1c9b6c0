"""What holds for every test: laws are tried on the same examples each time, and never timed."""

from hypothesis import settings

settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")
