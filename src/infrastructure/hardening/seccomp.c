#include <config.h>                         /* _GNU_SOURCE: CLONE_THREAD */

#include "infrastructure/hardening/parts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * A call that is not listed fails with EPERM, so that a library which tries something new can fall
 * back. Only calls that nobody but an intruder would make end the process (SIGSYS; the master logs
 * "signal":31 and replaces it). libseccomp knows the numbers of each architecture.
 */

/* --- With any arguments -------------------------------------------------------------------- */

static const int allowed[] = {
    /* descriptors that are open, and files for reading */
    SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(pread64), SCMP_SYS(write), SCMP_SYS(writev),
    SCMP_SYS(close), SCMP_SYS(fcntl), SCMP_SYS(lseek), SCMP_SYS(ftruncate), SCMP_SYS(dup),
    SCMP_SYS(pipe2),
    SCMP_SYS(stat), SCMP_SYS(lstat), SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(statx),
    SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(readlink), SCMP_SYS(readlinkat),
    SCMP_SYS(getdents64), SCMP_SYS(getcwd), SCMP_SYS(fadvise64), SCMP_SYS(eventfd2),
    /* waiting */
    SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(select), SCMP_SYS(pselect6), SCMP_SYS(epoll_create1),
    SCMP_SYS(epoll_ctl), SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait), SCMP_SYS(nanosleep),
    SCMP_SYS(clock_nanosleep), SCMP_SYS(restart_syscall),
    /* memory; mmap and mprotect below */
    SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(membarrier),
    /* sockets; socket below, and no listen */
    SCMP_SYS(socketpair), SCMP_SYS(connect), SCMP_SYS(bind), SCMP_SYS(accept), SCMP_SYS(accept4),
    SCMP_SYS(sendto), SCMP_SYS(sendmsg), SCMP_SYS(sendmmsg), SCMP_SYS(recvfrom), SCMP_SYS(recvmsg),
    SCMP_SYS(recvmmsg), SCMP_SYS(shutdown), SCMP_SYS(getsockname), SCMP_SYS(getpeername),
    SCMP_SYS(setsockopt), SCMP_SYS(getsockopt),
    /* threads; clone below */
    SCMP_SYS(futex), SCMP_SYS(set_robust_list), SCMP_SYS(rseq), SCMP_SYS(sched_yield),
    SCMP_SYS(sched_getaffinity), SCMP_SYS(gettid), SCMP_SYS(exit), SCMP_SYS(exit_group),
    /* signals */
    SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack),
    /* questions */
    SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres), SCMP_SYS(gettimeofday), SCMP_SYS(time),
    SCMP_SYS(getrandom), SCMP_SYS(getpid), SCMP_SYS(getppid), SCMP_SYS(getuid), SCMP_SYS(geteuid),
    SCMP_SYS(getgid), SCMP_SYS(getegid), SCMP_SYS(getrlimit), SCMP_SYS(getrusage), SCMP_SYS(uname),
    SCMP_SYS(sysinfo),
};

/*
 * For processes that write files: payapi-jobs replaces its record of the last checkpoint; in test
 * builds fault points take a lock, and gcov creates and truncates its counters. Landlock limits the
 * folders.
 */
static const int allowed_to_writers[] = {
    SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(flock), SCMP_SYS(pwrite64), SCMP_SYS(fsync),
    SCMP_SYS(rename), SCMP_SYS(renameat), SCMP_SYS(renameat2),
};

/* New calls that glibc tries before old ones whose arguments we can check: they give ENOSYS. */
static const int absent[] = {
    SCMP_SYS(clone3), SCMP_SYS(openat2), SCMP_SYS(faccessat2), SCMP_SYS(epoll_pwait2),
};

static const int deadly[] = {
    SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(ptrace), SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev), SCMP_SYS(mount), SCMP_SYS(umount2), SCMP_SYS(pivot_root),
    SCMP_SYS(chroot), SCMP_SYS(unshare), SCMP_SYS(setns), SCMP_SYS(bpf), SCMP_SYS(init_module),
    SCMP_SYS(finit_module), SCMP_SYS(kexec_load), SCMP_SYS(perf_event_open),
    SCMP_SYS(open_by_handle_at), SCMP_SYS(userfaultfd),
};

/* --- Depending on arguments ---------------------------------------------------------------- */

#define COUNT(array)        (sizeof(array) / sizeof((array)[0]))
#define EQUALS(n, value)    { (n), SCMP_CMP_EQ, (value), 0 }
#define BITS(n, mask, bits) { (n), SCMP_CMP_MASKED_EQ, (mask), (bits) }

#define NOT_READING (O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND)
#define CONDITIONS_MAX 2
#define TYPE_OF_SOCKET 0xf              /* SOCK_TYPE_MASK of the kernel; flags are above it */

struct rule {
    int                 call;
    struct scmp_arg_cmp conditions[CONDITIONS_MAX];     /* all must hold; at least one */
};

#define RULE(call, ...) { SCMP_SYS(call), { __VA_ARGS__ } }

static const struct rule rules[] = {
    RULE(open, BITS(1, NOT_READING, O_RDONLY)),
    RULE(openat, BITS(2, NOT_READING, O_RDONLY)),
    RULE(mmap, BITS(2, PROT_EXEC, 0)),                                  /* either data ... */
    RULE(mmap, BITS(2, PROT_EXEC | PROT_WRITE, PROT_EXEC)),  /* ... or code from a file */
    RULE(mprotect, BITS(2, PROT_EXEC, 0)),
    RULE(clone, BITS(0, CLONE_THREAD | CLONE_VM, CLONE_THREAD | CLONE_VM)),
    RULE(socket, EQUALS(0, AF_UNIX), BITS(1, TYPE_OF_SOCKET, SOCK_STREAM)),
    RULE(socket, EQUALS(0, AF_UNIX), BITS(1, TYPE_OF_SOCKET, SOCK_DGRAM)),
    RULE(socket, EQUALS(0, AF_INET), BITS(1, TYPE_OF_SOCKET, SOCK_STREAM)),
    RULE(socket, EQUALS(0, AF_INET), BITS(1, TYPE_OF_SOCKET, SOCK_DGRAM)),
    RULE(socket, EQUALS(0, AF_INET6), BITS(1, TYPE_OF_SOCKET, SOCK_STREAM)),
    RULE(socket, EQUALS(0, AF_INET6), BITS(1, TYPE_OF_SOCKET, SOCK_DGRAM)),
    /* getaddrinfo asks for our own addresses */
    RULE(socket, EQUALS(0, AF_NETLINK), EQUALS(2, NETLINK_ROUTE)),
    RULE(ioctl, EQUALS(1, FIONREAD)),
    RULE(ioctl, EQUALS(1, FIONBIO)),
    RULE(prlimit64, EQUALS(2, 0)),                                      /* reading, not setting */
};

/* --- Loading the filter -------------------------------------------------------------------- */

static bool add_all(scmp_filter_ctx filter, uint32_t action, const int *calls, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (seccomp_rule_add(filter, action, calls[i], 0) != 0)
            return false;
    return true;
}

/* Unused ones are all zero, and SCMP_CMP_EQ is not. */
static unsigned count_conditions(const struct rule *rule)
{
    unsigned count = 0;

    while (count < CONDITIONS_MAX && rule->conditions[count].op != _SCMP_CMP_MIN)
        count++;
    return count;
}

static bool add_rules(scmp_filter_ctx filter, bool writes)
{
    for (size_t i = 0; i < COUNT(rules); i++) {
        const struct rule *rule = &rules[i];
        bool opens = rule->call == SCMP_SYS(open) || rule->call == SCMP_SYS(openat);

        if (!(opens && writes)
            && seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, rule->call, count_conditions(rule),
                                      rule->conditions)
                   != 0)
            return false;
    }
    return true;
}

/* abort() and raise() signal our own process. */
static bool add_self(scmp_filter_ctx filter)
{
    const struct scmp_arg_cmp ourselves = EQUALS(0, (scmp_datum_t) getpid());

    return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, &ourselves) == 0;
}

static bool fill(scmp_filter_ctx filter, bool writes)
{
    return seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2) == 0 /* a tree, not a list */
           && add_all(filter, SCMP_ACT_ALLOW, allowed, COUNT(allowed))
           && (!writes
               || add_all(filter, SCMP_ACT_ALLOW, allowed_to_writers, COUNT(allowed_to_writers)))
           && add_all(filter, SCMP_ACT_ERRNO(ENOSYS), absent, COUNT(absent))
           && add_all(filter, SCMP_ACT_KILL_PROCESS, deadly, COUNT(deadly))
           && add_rules(filter, writes) && add_self(filter);
}

bool seccomp_enter(const struct harden_plan *plan)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    bool filled =
        filter != NULL && fill(filter, plan->writable != NULL || plan->replaceable != NULL);
    int refusal = filled ? seccomp_load(filter) : -EINVAL;

    seccomp_release(filter);
    errno = -refusal;
    return refusal == 0;
}
