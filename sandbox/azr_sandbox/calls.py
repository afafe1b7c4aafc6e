"""System calls by number: what our processes may call on x86-64 and on arm64. Data, no behaviour.

The arm64 table was checked against the kernel's headers and was never run.
"""

from azr_sandbox.words import words

# Nothing here changes a file, starts a process, opens a socket or reaches another process.
PLAIN = words(
    """
read write close fstat lseek mmap mprotect munmap brk rt_sigaction rt_sigprocmask rt_sigreturn
pread64 readv writev sched_yield mremap msync madvise dup nanosleep getitimer setitimer exit
uname getcwd gettimeofday getrlimit getrusage sysinfo times getuid getgid geteuid getegid
getgroups getresuid getresgid getpgid getsid rt_sigpending rt_sigtimedwait rt_sigsuspend sigaltstack
getpriority futex sched_getaffinity set_tid_address restart_syscall clock_gettime
clock_getres clock_nanosleep exit_group getdents64 newfstatat readlinkat faccessat pselect6 ppoll
set_robust_list dup3 pipe2 preadv getcpu getrandom membarrier statx rseq faccessat2
close_range
"""
)

# Older forms, which arm64 never had.
OLD = words(
    """
stat lstat poll access pipe select dup2 pause alarm readlink getpgrp time arch_prctl
"""
)

X86_64 = {
    **{"read": 0, "write": 1, "close": 3, "stat": 4, "fstat": 5, "lstat": 6, "poll": 7},
    **{"lseek": 8, "mmap": 9, "mprotect": 10, "munmap": 11, "brk": 12, "rt_sigaction": 13},
    **{"rt_sigprocmask": 14, "rt_sigreturn": 15, "ioctl": 16, "pread64": 17, "readv": 19},
    **{"writev": 20, "access": 21, "pipe": 22, "select": 23, "sched_yield": 24, "mremap": 25},
    **{"msync": 26, "madvise": 28, "dup": 32, "dup2": 33, "pause": 34, "nanosleep": 35},
    **{"getitimer": 36, "alarm": 37, "setitimer": 38, "getpid": 39, "clone": 56, "fork": 57},
    **{"exit": 60, "wait4": 61, "kill": 62, "uname": 63, "fcntl": 72, "getcwd": 79},
    **{"readlink": 89, "gettimeofday": 96, "getrlimit": 97, "getrusage": 98, "sysinfo": 99},
    **{"times": 100, "getuid": 102, "getgid": 104, "geteuid": 107, "getegid": 108, "getppid": 110},
    **{"getpgrp": 111, "getgroups": 115, "getresuid": 118, "getresgid": 120, "getpgid": 121},
    **{"getsid": 124, "capset": 126, "rt_sigpending": 127, "rt_sigtimedwait": 128},
    **{"rt_sigsuspend": 130, "sigaltstack": 131, "getpriority": 140, "pivot_root": 155},
    **{"prctl": 157, "arch_prctl": 158, "mount": 165, "umount2": 166, "gettid": 186, "time": 201},
    **{"futex": 202, "sched_getaffinity": 204, "getdents64": 217, "set_tid_address": 218},
    **{"restart_syscall": 219, "clock_gettime": 228, "clock_getres": 229, "clock_nanosleep": 230},
    **{"exit_group": 231, "openat": 257, "newfstatat": 262, "readlinkat": 267, "faccessat": 269},
    **{"pselect6": 270, "ppoll": 271, "unshare": 272, "set_robust_list": 273, "dup3": 292},
    **{"pipe2": 293, "preadv": 295, "prlimit64": 302, "getcpu": 309, "getrandom": 318},
    "mbind": 237,
    **{"membarrier": 324, "statx": 332, "rseq": 334, "clone3": 435, "close_range": 436},
    "faccessat2": 439,
}

ARM64 = {
    **{"getcwd": 17, "dup": 23, "dup3": 24, "fcntl": 25, "ioctl": 29, "umount2": 39, "mount": 40},
    **{"pivot_root": 41, "faccessat": 48, "openat": 56, "close": 57, "pipe2": 59, "getdents64": 61},
    **{"lseek": 62, "read": 63, "write": 64, "readv": 65, "writev": 66, "pread64": 67},
    **{"preadv": 69, "pselect6": 72, "ppoll": 73, "readlinkat": 78, "newfstatat": 79, "fstat": 80},
    **{"capset": 91, "exit": 93, "exit_group": 94, "set_tid_address": 96, "unshare": 97},
    **{"futex": 98, "set_robust_list": 99, "nanosleep": 101, "getitimer": 102, "setitimer": 103},
    **{"clock_gettime": 113, "clock_getres": 114, "clock_nanosleep": 115, "sched_getaffinity": 123},
    **{"sched_yield": 124, "restart_syscall": 128, "kill": 129, "sigaltstack": 132},
    **{"rt_sigsuspend": 133, "rt_sigaction": 134, "rt_sigprocmask": 135, "rt_sigpending": 136},
    **{"rt_sigtimedwait": 137, "rt_sigreturn": 139, "getpriority": 141, "getresuid": 148},
    **{"getresgid": 150, "times": 153, "getpgid": 155, "getsid": 156, "getgroups": 158},
    **{"uname": 160, "getrlimit": 163, "getrusage": 165, "prctl": 167, "getcpu": 168},
    **{"gettimeofday": 169, "getpid": 172, "getppid": 173, "getuid": 174, "geteuid": 175},
    **{"getgid": 176, "getegid": 177, "gettid": 178, "sysinfo": 179, "brk": 214, "munmap": 215},
    **{"mremap": 216, "clone": 220, "mmap": 222, "mprotect": 226, "msync": 227, "madvise": 233},
    "mbind": 235,
    **{"wait4": 260, "prlimit64": 261, "getrandom": 278, "membarrier": 283, "statx": 291},
    **{"rseq": 293, "clone3": 435, "close_range": 436, "faccessat2": 439},
}

# By machine: the audit architecture that seccomp sees, and the table.
TABLES = {"x86_64": (0xC000003E, X86_64), "aarch64": (0xC00000B7, ARM64)}

# The same number everywhere.
LANDLOCK_CREATE_RULESET, LANDLOCK_ADD_RULE, LANDLOCK_RESTRICT_SELF = 444, 445, 446
