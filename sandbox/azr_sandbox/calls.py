"""System calls by number: what our processes may call on x86-64 and on arm64. Data, no behaviour.

The arm64 table was compared with the kernel's headers and was never run.
"""

from azr_sandbox.words import words

# Nothing here changes a file, starts a process, opens a socket or reaches another process.
PLAIN = words(
    """
read write close fstat lseek mmap mprotect munmap brk rt_sigprocmask rt_sigreturn
pread64 readv writev sched_yield mremap msync madvise dup nanosleep getitimer setitimer exit
uname getcwd gettimeofday getrlimit getrusage times getuid getgid geteuid getegid
getgroups getresuid getresgid rt_sigpending rt_sigsuspend sigaltstack
restart_syscall exit_group getdents64 newfstatat readlinkat faccessat pselect6 ppoll
set_robust_list dup3 pipe2 preadv getcpu getrandom membarrier statx rseq faccessat2
close_range
"""
)

# Further calls that our own processes use, and programs in part (seccomp.py). Programs never use
# sysinfo, which tells load and free memory: others change those.
OURS = words(
    """
futex rt_sigaction sched_getaffinity clock_gettime clock_getres clock_nanosleep sysinfo
"""
)

# A program that makes an unlisted call is refused and continues. A call of this list kills it: no
# library makes them, but attacks do.
FATAL = words(
    """
ptrace process_vm_readv process_vm_writev process_madvise pidfd_getfd kcmp bpf perf_event_open
io_uring_setup io_uring_enter io_uring_register userfaultfd add_key request_key keyctl
init_module finit_module delete_module kexec_load kexec_file_load mount umount2 pivot_root
open_tree move_mount fsopen fsconfig fsmount fspick mount_setattr setns
name_to_handle_at open_by_handle_at iopl ioperm modify_ldt seccomp
vmsplice move_pages migrate_pages set_mempolicy remap_file_pages
"""
)

# Older forms, which arm64 never had.
OLD = words(
    """
stat lstat poll access pipe select dup2 pause alarm readlink getpgrp time arch_prctl
"""
)


def _numbers(text):
    parts = text.split()
    return dict(zip(parts[::2], map(int, parts[1::2]), strict=True))


X86_64 = _numbers(
    """
read 0  write 1  close 3  stat 4  fstat 5  lstat 6  poll 7  lseek 8  mmap 9  mprotect 10
munmap 11  brk 12  rt_sigaction 13  rt_sigprocmask 14  rt_sigreturn 15  ioctl 16  pread64 17
readv 19  writev 20  access 21  pipe 22  select 23  sched_yield 24  mremap 25  msync 26
madvise 28  dup 32  dup2 33  pause 34  nanosleep 35  getitimer 36  alarm 37  setitimer 38
getpid 39  socketpair 53  clone 56  exit 60  wait4 61  kill 62  uname 63  fcntl 72  getcwd 79
readlink 89  gettimeofday 96  getrlimit 97  getrusage 98  sysinfo 99  times 100  ptrace 101
getuid 102
getgid 104  geteuid 107  getegid 108  getppid 110  getpgrp 111  getgroups 115  getresuid 118
getresgid 120  getpgid 121  getsid 124  capset 126  rt_sigpending 127  rt_sigsuspend 130
sigaltstack 131  getpriority 140  modify_ldt 154  pivot_root 155  prctl 157  arch_prctl 158
mount 165  umount2 166  iopl 172  ioperm 173  init_module 175  delete_module 176  gettid 186
time 201  futex 202  sched_getaffinity 204  remap_file_pages 216  getdents64 217
set_tid_address 218  restart_syscall 219  clock_gettime 228  clock_getres 229
clock_nanosleep 230  exit_group 231  mbind 237  set_mempolicy 238  kexec_load 246  add_key 248
request_key 249  keyctl 250  migrate_pages 256  openat 257  newfstatat 262  readlinkat 267
faccessat 269  pselect6 270  ppoll 271  unshare 272  set_robust_list 273  vmsplice 278
move_pages 279  dup3 292  pipe2 293  preadv 295  perf_event_open 298  prlimit64 302
name_to_handle_at 303  open_by_handle_at 304  setns 308  getcpu 309  process_vm_readv 310
process_vm_writev 311  kcmp 312  finit_module 313  seccomp 317  getrandom 318
kexec_file_load 320  bpf 321  userfaultfd 323  membarrier 324  statx 332  rseq 334  clone3 435
close_range 436  faccessat2 439
"""
)

ARM64 = _numbers(
    """
getcwd 17  dup 23  dup3 24  fcntl 25  ioctl 29  umount2 39  mount 40  pivot_root 41  faccessat 48
openat 56  close 57  pipe2 59  getdents64 61  lseek 62  read 63  write 64  readv 65  writev 66
pread64 67  preadv 69  pselect6 72  ppoll 73  vmsplice 75  readlinkat 78  newfstatat 79  fstat 80
capset 91  exit 93  exit_group 94  set_tid_address 96  unshare 97  futex 98  set_robust_list 99
nanosleep 101  getitimer 102  setitimer 103  kexec_load 104  init_module 105  delete_module 106
clock_gettime 113  clock_getres 114  clock_nanosleep 115  ptrace 117  sched_getaffinity 123
sched_yield 124  restart_syscall 128  kill 129  sigaltstack 132  rt_sigsuspend 133
rt_sigaction 134  rt_sigprocmask 135  rt_sigpending 136  rt_sigreturn 139  getpriority 141
getresuid 148  getresgid 150  times 153  getpgid 155  getsid 156  getgroups 158  uname 160
getrlimit 163  getrusage 165  prctl 167  getcpu 168  gettimeofday 169  getpid 172  getppid 173
getuid 174  geteuid 175  getgid 176  getegid 177  gettid 178  sysinfo 179  socketpair 199  brk 214
munmap 215
mremap 216  add_key 217  request_key 218  keyctl 219  clone 220  mmap 222  mprotect 226
msync 227  madvise 233  remap_file_pages 234  mbind 235  set_mempolicy 237  migrate_pages 238
move_pages 239  perf_event_open 241  wait4 260  prlimit64 261  name_to_handle_at 264
open_by_handle_at 265  setns 268  process_vm_readv 270  process_vm_writev 271  kcmp 272
finit_module 273  seccomp 277  getrandom 278  bpf 280  userfaultfd 282  membarrier 283  statx 291
rseq 293  kexec_file_load 294  clone3 435  close_range 436  faccessat2 439
"""
)

# These calls have the same number on every machine.
LATER = _numbers(
    """
io_uring_setup 425  io_uring_enter 426  io_uring_register 427  open_tree 428  move_mount 429
fsopen 430  fsconfig 431  fsmount 432  fspick 433  pidfd_getfd 438  process_madvise 440
mount_setattr 442
"""
)

# For each machine: the audit architecture that seccomp sees, and the table of calls.
TABLES = {"x86_64": (0xC000003E, X86_64 | LATER), "aarch64": (0xC00000B7, ARM64 | LATER)}

LANDLOCK_CREATE_RULESET, LANDLOCK_ADD_RULE, LANDLOCK_RESTRICT_SELF = 444, 445, 446
