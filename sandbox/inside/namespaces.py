"""Namespaces: a server's own network, and a file system that holds the standard library alone.

A process without rights of its own gets them through a user namespace, in which it stays the same
user. The process-id namespace is left out on purpose: see the manual.
"""

import posix

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sandbox.inside.kernel import Kernel

CLONE_NEWNS = 0x00020000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000
FLAGS = {"network": CLONE_NEWNET | CLONE_NEWIPC, "mounts": CLONE_NEWNS}

MS_RDONLY = 0x1
MS_NOSUID_NODEV_NOEXEC = 0x2 | 0x4 | 0x8
MS_REMOUNT = 0x20
MS_BIND = 0x1000
MS_MOVE = 0x2000
MS_REC = 0x4000
MS_PRIVATE = 0x40000
MS_RELATIME = 1 << 21
ST_RELATIME = 0x1000
ST_SAME_AS_MS = 0xC0F  # nosuid, nodev, noexec, noatime, nodiratime: what others may not take off
WORKING_FOLDER = "/room"


def enter(kernel: "Kernel", layers: "tuple[str, ...]", room: str, library: str) -> None:
    """Enter the namespaces among layers, and stand in an empty folder; raise OSError.

    room: an empty folder, to mount on. library: the folder of the standard library.
    """
    flags = sum(FLAGS[name] for name in layers if name in FLAGS)
    if not flags:
        return
    user, group = posix.geteuid(), posix.getegid()
    if user:
        kernel.unshare(flags | CLONE_NEWUSER)
        _write("/proc/self/setgroups", "deny")
        _write("/proc/self/uid_map", f"{user} {user} 1")
        _write("/proc/self/gid_map", f"{group} {group} 1")
    else:
        kernel.unshare(flags)
    if flags & CLONE_NEWNS:
        _leave_files(kernel, room, library)


def _write(path: str, text: str) -> None:
    descriptor = posix.open(path, posix.O_WRONLY)
    try:
        posix.write(descriptor, text.encode())
    finally:
        posix.close(descriptor)


def _leave_files(kernel: "Kernel", room: str, library: str) -> None:
    """Put a root in place that holds an empty folder and the standard library, all read-only."""
    kernel.mount("", "/", "", MS_REC | MS_PRIVATE)
    kernel.mount("tmpfs", room, "tmpfs", MS_NOSUID_NODEV_NOEXEC, "mode=755,size=64k,nr_inodes=64")
    path = room
    for name in (*library.strip("/").split("/"), ""):
        if name:
            path += "/" + name
            posix.mkdir(path, 0o755)
    posix.mkdir(room + WORKING_FOLDER, 0o555)
    kernel.mount(library, path, "", MS_BIND)
    kept = posix.statvfs(path).f_flag
    same = kept & ST_SAME_AS_MS | (MS_RELATIME if kept & ST_RELATIME else 0)
    kernel.mount("", path, "", MS_REMOUNT | MS_BIND | MS_RDONLY | same)
    kernel.mount("", room, "", MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID_NODEV_NOEXEC)
    posix.chdir(room)
    kernel.mount(room, "/", "", MS_MOVE)
    posix.chroot(".")
    posix.chdir(WORKING_FOLDER)
