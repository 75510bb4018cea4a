"""The walls around a process that opens a hostile file. Raise them before the file is touched.

Limits of memory, time and file size always stand. The others are raised where the kernel has them,
and each alone is enough for its purpose: a network namespace without a network, Landlock (no file
but the folder it works in and what programs consist of), seccomp (no socket, no other process).
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import signal
import struct
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from portal.fenced.values import LARGEST_FILE_BYTES

MOST_BYTES: Final = 512 * 1024 * 1024
LONGEST_SECONDS: Final = 20

_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP = 1, 38, 22
_CLONE_NEWUSER, _CLONE_NEWNET, _CLONE_NEWIPC = 0x10000000, 0x40000000, 0x08000000
_OFFICE: Final = ("/var/lib", "/var/spool/libreoffice", "/var/cache/fontconfig")
_FONTS: Final = ("/usr/share/fonts", "/usr/local/share/fonts", "/usr/share/fontconfig")

# Numbers of system calls: x86-64, then arm64; None where there is no such call.
_PROCESSES: Final = {
    "fork": (57, None),
    "vfork": (58, None),
    "clone": (56, 220),
    "clone3": (435, 435),
    "execve": (59, 221),
    "execveat": (322, 281),
    "kill": (62, 129),
    "tkill": (200, 130),
    "tgkill": (234, 131),
    "pidfd_open": (434, 434),
    "pidfd_send_signal": (424, 424),
    "prlimit64": (302, 261),
}
_NETWORK: Final = {
    "socket": (41, 198),
    "socketpair": (53, 199),
    "bind": (49, 200),
    "listen": (50, 201),
    "connect": (42, 203),
    "sendto": (44, 206),
    "sendmsg": (46, 211),
}
_NEVER: Final = {
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "chroot": (161, 51),
    "pivot_root": (155, 41),
    "mount": (165, 40),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "setns": (308, 268),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "open_by_handle_at": (304, 265),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "kexec_load": (246, 104),
    "reboot": (169, 142),
}
_MACHINES: Final = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}

_libc = ctypes.CDLL(None, use_errno=True)


def raise_walls() -> None:
    """All of them, around a process that needs nothing more than its open file and its folder."""
    _tie_to_parent()
    _limit(MOST_BYTES, LONGEST_SECONDS, LARGEST_FILE_BYTES)
    _leave_the_network()
    readable = [sys.prefix, sys.base_prefix, "/lib", "/lib64", str(Path(__file__).parent), *_FONTS]
    _see_only(readable, writable=[str(Path.cwd())])
    _forbid({**_PROCESSES, **_NETWORK, **_NEVER})


def raise_walls_for_office() -> None:
    """Around LibreOffice, which starts processes and threads of its own."""
    _tie_to_parent()
    _limit(4 * 1024**3, 60, 4 * LARGEST_FILE_BYTES, lonely=False)
    _leave_the_network()
    readable = ["/usr", "/lib", "/lib64", "/opt", "/etc", "/proc", "/dev", "/bin", *_OFFICE]
    _see_only(readable, writable=[str(Path.cwd()), "/dev/null"], sockets=["/tmp"])  # noqa: S108
    _forbid(_NEVER, families_but_unix=True)


def _tie_to_parent() -> None:
    if sys.platform == "linux":
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _limit(memory: int, seconds: int, file_bytes: int, *, lonely: bool = True) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if lonely:
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
        resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))


def _leave_the_network() -> None:
    """A new namespace holds no interface that is up. As an ordinary user it takes a user's one too."""
    if sys.platform == "linux":
        _libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET | _CLONE_NEWIPC)


def _see_only(
    readable: Iterable[str], *, writable: Iterable[str], sockets: Iterable[str] = ()
) -> None:
    """Landlock: no other file can be opened, made or changed, by whatever name."""
    if sys.platform != "linux" or (version := _libc.syscall(444, None, 0, 1)) < 1:
        return
    every = (1 << {1: 13, 2: 14, 3: 15, 4: 15}.get(version, 16)) - 1
    network = 0b11 if version >= 4 else 0  # TCP: bind, connect
    attributes = struct.pack("=QQ", every, network)[: 16 if version >= 4 else 8]
    ruleset = _libc.syscall(444, attributes, len(attributes), 0)
    if ruleset < 0:
        return
    read = 0b1101  # run, read a file, list a folder
    meeting = 1 << 9 | 1 << 5 | 1 << 1 | 1 << 3  # make a socket, delete it, write to it, list
    for paths, rights in ((readable, read), (writable, every), (sockets, meeting)):
        for path in paths:
            _allow(ruleset, path, rights)
    _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    _libc.syscall(446, ruleset, 0)
    os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    with suppress(OSError):  # a folder that this machine does not have
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
        if not Path(path).is_dir():
            rights &= 0b110 | 1 << 14 | 1
        _libc.syscall(445, ruleset, 1, struct.pack("=Qi", rights, handle), 0)
        os.close(handle)


def _forbid(
    calls: Mapping[str, tuple[int | None, int | None]], *, families_but_unix: bool = False
) -> None:
    """Seccomp: these calls answer that they are not permitted."""
    if sys.platform != "linux" or platform.machine() not in _MACHINES:
        return
    column, machine = _MACHINES[platform.machine()]
    numbers = [pair[column] for pair in calls.values()]
    program = _filter(machine, [number for number in numbers if number is not None])
    if families_but_unix:
        program = _filter(
            machine,
            [number for number in numbers if number is not None],
            socket=_NETWORK["socket"][column],
        )
    buffer = ctypes.create_string_buffer(b"".join(program))
    described = struct.pack("HP", len(program), ctypes.addressof(buffer))
    _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    _libc.prctl(_PR_SET_SECCOMP, 2, ctypes.c_char_p(described), 0, 0)


def _filter(machine: int, numbers: list[int], socket: int | None = None) -> list[bytes]:
    """The program the kernel runs at each call: load, compare, answer."""
    load, equal, at_least, answer = 0x20, 0x15, 0x35, 0x06
    allowed, refused, killed = 0x7FFF0000, 0x00050001, 0x80000000
    lines = [
        (load, 0, 0, 4),
        (equal, 1, 0, machine),
        (answer, 0, 0, killed),
        (load, 0, 0, 0),
        # The other numbering of x86-64 would go round the list.
        (at_least, 0, 1, 0x40000000),
        (answer, 0, 0, refused),
    ]
    for number in numbers:
        lines += [(equal, 0, 1, number), (answer, 0, 0, refused)]
    if socket is not None:
        lines += [
            (equal, 0, 3, socket),
            (load, 0, 0, 16),
            (equal, 1, 0, 1),  # AF_UNIX
            (answer, 0, 0, refused),
        ]
    lines.append((answer, 0, 0, allowed))
    return [struct.pack("HBBI", *line) for line in lines]
