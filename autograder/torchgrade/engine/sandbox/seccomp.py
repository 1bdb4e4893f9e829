"""System calls that no lesson needs and an attacker does are refused: seccomp(2).

Written out here rather than taken from libseccomp, which is a C library that pip cannot
install. What is refused fails with EPERM, so that honest code gets an ordinary PermissionError.
"""

import ctypes
import errno

from torchgrade.engine.sandbox import kernel

# Instruction codes of classic BPF, linux/bpf_common.h.
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data
ALLOW, FAIL = 0x7FFF0000, 0x00050000
AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
X32 = 0x40000000

# Name: number on x86_64, number on aarch64; None where it does not exist.
REFUSED: dict[str, tuple[int | None, int | None]] = {
    # Talking to anything outside. socketpair(2) stays: asyncio and multiprocessing need it.
    "socket": (41, 198),
    # Other processes' memory, descriptors and priorities.
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "process_mrelease": (448, 448),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    "move_pages": (279, 239),
    "migrate_pages": (256, 238),
    "setpriority": (141, 140),
    "ioprio_set": (251, 30),
    "perf_event_open": (298, 241),
    # Memory that belongs to no process, and would be counted for none.
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    # Namespaces and mounts: the way out, and much of the kernel that is seldom looked at.
    "unshare": (272, 97),
    "setns": (308, 268),
    "chroot": (161, 51),
    "pivot_root": (155, 41),
    "mount": (165, 40),
    "umount2": (166, 39),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "fanotify_init": (300, 262),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    # The kernel itself. io_uring would make every other call behind the filter's back.
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "syslog": (103, 116),
    "acct": (163, 89),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "reboot": (169, 142),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "adjtimex": (159, 171),
    "clock_adjtime": (305, 266),
    "iopl": (172, None),
    "ioperm": (173, None),
    "modify_ldt": (154, None),
}
CLONE, CLONE3, PRCTL, PRLIMIT = (56, 220), (435, 435), (157, 167), (302, 261)
NEW_NAMESPACE = 0x7E020000  # every CLONE_NEW* that clone(2) takes
SCHEDULING = ((203, 122), (144, 119), (142, 118), (314, 274))  # sched_set*: another's turn
KILL, THREAD_KILL = (62, 129), (234, 131)  # kill, tgkill
# tkill, rt_sigqueueinfo, rt_tgsigqueueinfo, pidfd_send_signal
OTHER_SIGNALS = ((200, 130), (129, 138), (297, 240), (424, 424))
FCNTL, SIGNAL_OWNERS = (72, 25), (8, 10, 15)  # F_SETOWN, F_SETSIG, F_SETOWN_EX

Word = tuple[int, int, int, int]


class _Word(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_uint16),
        ("if_true", ctypes.c_uint8),
        ("if_false", ctypes.c_uint8),
        ("value", ctypes.c_uint32),
    )


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("words", ctypes.POINTER(_Word)))


def available() -> bool:
    """Whether this machine's table of system calls is known here."""
    return kernel.COLUMN is not None


def install(*, foreign: bool, signals_from: int | None) -> None:
    """Filter this process and all that come from it, for good. Needs no_new_privs.

    Args:
        foreign: processes of the same user are in sight; leave their scheduling alone.
        signals_from: refuse signals to any process but this one, where nothing else does.
    """
    program = _program(foreign, signals_from)
    words = (_Word * len(program))(*(_Word(*word) for word in program))
    whole = _Program(len(program), words)
    kernel.prctl(kernel.PR_SET_SECCOMP, 2, ctypes.byref(whole))  # 2: a filter


def _program(foreign: bool, signals_from: int | None) -> list[Word]:
    program = [
        (LOAD, 0, 0, ARCHITECTURE),
        *_unless(EQUAL, AUDIT[kernel.MACHINE], [_fail()]),
        (LOAD, 0, 0, NUMBER),
        # A second table of numbers for the same calls.
        *(_when(AT_LEAST, X32, [_fail()]) if kernel.MACHINE == "x86_64" else ()),
    ]
    for number in REFUSED.values():
        program += _call(number, [_fail()])
    # Its arguments lie in memory, where a filter cannot look: glibc then falls back to clone.
    program += _call(CLONE3, [_fail(errno.ENOSYS)])
    program += _call(CLONE, [_argument(0), *_when(ANY_BIT, NEW_NAMESPACE, [_fail()]), _allow()])
    # The learner's process ends with its warden, who must also be able to measure it.
    program += _call(PRCTL, _refuse(0, kernel.PR_SET_PDEATHSIG, kernel.PR_SET_DUMPABLE))
    program += _call(PRLIMIT, _only(0, 0))
    if foreign:
        for number in SCHEDULING:
            program += _call(number, _only(0, 0))
    if signals_from is not None:
        program += _call(KILL, _only(0, 0, signals_from))
        program += _call(THREAD_KILL, _only(0, signals_from))
        for number in OTHER_SIGNALS:
            program += _call(number, [_fail()])
        program += _call(FCNTL, _refuse(1, *SIGNAL_OWNERS))
    return [*program, _allow()]


def _fail(number: int = errno.EPERM) -> Word:
    return (RETURN, 0, 0, FAIL | number)


def _allow() -> Word:
    return (RETURN, 0, 0, ALLOW)


def _argument(index: int) -> Word:
    # The lower half: every argument looked at here is an int.
    return (LOAD, 0, 0, ARGUMENTS + 8 * index)


def _when(test: int, value: int, then: list[Word]) -> list[Word]:
    return [(test, 0, len(then), value), *then]


def _unless(test: int, value: int, then: list[Word]) -> list[Word]:
    return [(test, len(then), 0, value), *then]


def _refuse(index: int, *values: int) -> list[Word]:
    tests = [word for value in values for word in _when(EQUAL, value, [_fail()])]
    return [_argument(index), *tests, _allow()]


def _only(index: int, *values: int) -> list[Word]:
    tests = [word for value in values for word in _when(EQUAL, value, [_allow()])]
    return [_argument(index), *tests, _fail()]


def _call(numbers: tuple[int | None, int | None], then: list[Word]) -> list[Word]:
    number = numbers[kernel.COLUMN or 0]
    return [] if number is None else _when(EQUAL, number, then)
