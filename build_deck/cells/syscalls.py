"""System calls that no cell needs, refused by the kernel: what would reach past the namespaces, or widen the kernel.

Keyrings outlive a job, and the next one would find what this one left; tracing, foreign memory, BPF, io_uring and the
like are where sandboxes have been left before. Files in memory and segments of System V take memory that no process
need have mapped, so nobody could count it; /dev/shm does the same within bounds. All else is bounded by namespaces, ids
and capabilities (`confine`).
Numbers are known for two processors; on others nothing is refused here.
"""

import ctypes
import errno
import platform
import struct
from typing import List

PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2
SECCOMP_RET_ERRNO, SECCOMP_RET_ALLOW = 0x00050000, 0x7FFF0000
LOAD, JUMP_IF_EQUAL, JUMP_IF_AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
NUMBER, ARCHITECTURE = 0, 4
"""Where in what the filter sees these two are."""
X32 = 0x40000000
"""On x86-64 the same calls exist once more from here on."""

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
REFUSED = {
    "x86_64": {
        "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311, "add_key": 248, "request_key": 249,
        "keyctl": 250, "perf_event_open": 298, "bpf": 321, "userfaultfd": 323, "io_uring_setup": 425,
        "memfd_create": 319, "memfd_secret": 447, "shmget": 29,
    },
    "aarch64": {
        "ptrace": 117, "process_vm_readv": 270, "process_vm_writev": 271, "add_key": 217, "request_key": 218,
        "keyctl": 219, "perf_event_open": 241, "bpf": 280, "userfaultfd": 282, "io_uring_setup": 425,
        "memfd_create": 279, "memfd_secret": 447, "shmget": 194,
    },
}  # fmt: skip


def known() -> bool:
    """Whether `refuse` does anything on this processor."""
    return platform.machine() in REFUSED


def refuse(libc: ctypes.CDLL) -> None:
    """Make REFUSED fail with EPERM in this process and all below it. Raises OSError; needs “no new privileges”."""
    if not known():
        return
    program = b"".join(_program(platform.machine()))
    buffer = ctypes.create_string_buffer(program, len(program))
    # struct sock_fprog: a count, and after some padding an address
    header = struct.pack("@HP", len(program) // 8, ctypes.addressof(buffer))
    if libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, header, 0, 0):
        raise OSError(ctypes.get_errno(), "refuse system calls")


def _program(machine: str) -> List[bytes]:
    """One classic BPF instruction an element; every jump that is taken leads to the refusal at the end."""
    numbers = sorted(REFUSED[machine].values())
    left = len(numbers) + 3  # instructions up to the refusal, from the first jump on
    lines = [_line(LOAD, 0, 0, ARCHITECTURE), _line(JUMP_IF_EQUAL, 0, left, ARCHITECTURES[machine])]
    lines += [_line(LOAD, 0, 0, NUMBER), _line(JUMP_IF_AT_LEAST, left - 2, 0, X32)]
    lines += [_line(JUMP_IF_EQUAL, left - 3 - at, 0, number) for at, number in enumerate(numbers)]
    return [*lines, _line(RETURN, 0, 0, SECCOMP_RET_ALLOW), _line(RETURN, 0, 0, SECCOMP_RET_ERRNO | errno.EPERM)]


def _line(code: int, if_true: int, if_false: int, operand: int) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, operand)
