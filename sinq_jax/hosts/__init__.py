"""One run as several processes, each with devices and a sandbox of its own: its hosts.

Every host runs the same program over the same texts; only devices, judging and writing are divided.
So no host may decide anything by a clock, a signal or a file that the others do not see: what only
one of them knows is exchanged first. ``face`` says what a run asks of its hosts, ``linked`` is a
run that has several, ``hub`` the process between them, ``joining`` how they find each other,
``devices`` where jax learns of it, and ``judging`` divides the work of the sandboxes.
"""

from sinq_jax.hosts.face import ALONE, Hosts

__all__ = ["ALONE", "Hosts"]
