/* Every call that a worker does not need is tried in its sandbox. */
#include <config.h>                         /* _GNU_SOURCE */

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "confined.h"
#include "infrastructure/hardening/harden.h"
#include "infrastructure/hardening/parts.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define KILLED 0                            /* instead of an error */

struct attempt {
    const char *name;
    long        call;
    int         error;
    intptr_t    arguments[6];
};

#define TEXT(text) ((intptr_t) (text))
#define HERE       (-100)                   /* AT_FDCWD */

static const char *const no_arguments[] = { NULL };
static const struct rlimit more = { 1024, 1024 };
static char page[4096] __attribute__((aligned(4096)));

/* Harmless where they are allowed: they fail for want of arguments, or do what the child forgets. */
static const struct attempt attempts[] = {
    /* other programs, other processes, the kernel */
    { "execve", SYS_execve, KILLED, { TEXT("/bin/true"), TEXT(no_arguments), TEXT(no_arguments) } },
    { "execveat", SYS_execveat, KILLED, { HERE, TEXT("/bin/true"), TEXT(no_arguments), TEXT(no_arguments) } },
    { "ptrace", SYS_ptrace, KILLED, { 0 } },
    { "process_vm_readv", SYS_process_vm_readv, KILLED, { 1 } },
    { "process_vm_writev", SYS_process_vm_writev, KILLED, { 1 } },
    { "mount", SYS_mount, KILLED, { 0 } },
    { "umount2", SYS_umount2, KILLED, { 0 } },
    { "pivot_root", SYS_pivot_root, KILLED, { 0 } },
    { "chroot", SYS_chroot, KILLED, { TEXT("/") } },
    { "unshare", SYS_unshare, KILLED, { CLONE_NEWUSER } },
    { "setns", SYS_setns, KILLED, { -1 } },
    { "bpf", SYS_bpf, KILLED, { 0 } },
    { "init_module", SYS_init_module, KILLED, { 0 } },
    { "finit_module", SYS_finit_module, KILLED, { -1 } },
    { "kexec_load", SYS_kexec_load, KILLED, { 0 } },
    { "perf_event_open", SYS_perf_event_open, KILLED, { 0 } },
    { "open_by_handle_at", SYS_open_by_handle_at, KILLED, { -1 } },
    { "userfaultfd", SYS_userfaultfd, KILLED, { 0 } },
    /* children: only threads */
#ifdef SYS_fork
    { "fork", SYS_fork, EPERM, { 0 } },
    { "vfork", SYS_vfork, EPERM, { 0 } },
#endif
    { "clone", SYS_clone, EPERM, { SIGCHLD } },
    { "clone of the address space", SYS_clone, EPERM, { CLONE_VM | SIGCHLD, TEXT(page + 2048) } },
    { "clone3", SYS_clone3, ENOSYS, { 0 } },
    /* writing */
    { "open to write", SYS_openat, EPERM, { HERE, TEXT("/dev/null"), O_WRONLY } },
    { "open to read and write", SYS_openat, EPERM, { HERE, TEXT("/dev/null"), O_RDWR } },
    { "open to create", SYS_openat, EPERM, { HERE, TEXT("/tmp/payapi-never"), O_RDONLY | O_CREAT, 0600 } },
    { "open to cut", SYS_openat, EPERM, { HERE, TEXT("/dev/null"), O_RDONLY | O_TRUNC } },
#ifdef SYS_open
    { "old open to write", SYS_open, EPERM, { TEXT("/dev/null"), O_WRONLY } },
    { "creat", SYS_creat, EPERM, { TEXT("/tmp/payapi-never"), 0600 } },
#endif
    { "openat2", SYS_openat2, ENOSYS, { 0 } },
    { "truncate", SYS_truncate, EPERM, { TEXT("/tmp/payapi-never"), 0 } },
    { "unlinkat", SYS_unlinkat, EPERM, { HERE, TEXT("/tmp/payapi-never") } },
    { "renameat2", SYS_renameat2, EPERM, { HERE, TEXT("/tmp/a"), HERE, TEXT("/tmp/b") } },
    { "linkat", SYS_linkat, EPERM, { HERE, TEXT("/tmp/a"), HERE, TEXT("/tmp/b") } },
    { "symlinkat", SYS_symlinkat, EPERM, { TEXT("a"), HERE, TEXT("/tmp/payapi-never") } },
    { "mkdirat", SYS_mkdirat, EPERM, { HERE, TEXT("/tmp/payapi-never"), 0700 } },
    { "mknodat", SYS_mknodat, EPERM, { HERE, TEXT("/tmp/payapi-never"), 0600 } },
    { "fchmodat", SYS_fchmodat, EPERM, { HERE, TEXT("/tmp/payapi-never"), 0600 } },
    { "fchownat", SYS_fchownat, EPERM, { HERE, TEXT("/tmp/payapi-never"), -1, -1 } },
    { "memfd_create", SYS_memfd_create, EPERM, { TEXT("x") } },
    /* sockets */
    { "listen", SYS_listen, EPERM, { 0 } },
    { "raw socket", SYS_socket, EPERM, { AF_INET, SOCK_RAW, 1 } },
    { "packet socket", SYS_socket, EPERM, { AF_PACKET, SOCK_DGRAM } },
    { "vsock", SYS_socket, EPERM, { AF_VSOCK, SOCK_STREAM } },
    { "crypto socket", SYS_socket, EPERM, { AF_ALG, SOCK_SEQPACKET } },
    { "audit socket", SYS_socket, EPERM, { AF_NETLINK, SOCK_RAW, NETLINK_AUDIT } },
    { "sequenced unix socket", SYS_socket, EPERM, { AF_UNIX, SOCK_SEQPACKET } },
    /* memory that is written and run */
    { "mmap to write and run", SYS_mmap, EPERM, { 0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                                                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0 } },
    { "mprotect to run", SYS_mprotect, EPERM, { TEXT(page), 4096, PROT_READ | PROT_EXEC } },
    { "pkey_mprotect", SYS_pkey_mprotect, EPERM, { TEXT(page), 4096, PROT_READ, -1 } },
    { "personality", SYS_personality, EPERM, { 0x0400000 } },
    /* rights and limits */
    { "setuid", SYS_setuid, EPERM, { 0 } },
    { "setgid", SYS_setgid, EPERM, { 0 } },
    { "setresuid", SYS_setresuid, EPERM, { -1, -1, -1 } },
    { "setgroups", SYS_setgroups, EPERM, { 0 } },
    { "capset", SYS_capset, EPERM, { 0 } },
    { "prctl: dumpable", SYS_prctl, EPERM, { PR_SET_DUMPABLE, 1 } },
    { "prlimit64", SYS_prlimit64, EPERM, { 0, RLIMIT_NOFILE, TEXT(&more), 0 } },
    { "seccomp", SYS_seccomp, EPERM, { 0 } },
    { "landlock_create_ruleset", SYS_landlock_create_ruleset, EPERM, { 0 } },
    { "keyctl", SYS_keyctl, EPERM, { 0 } },
    { "add_key", SYS_add_key, EPERM, { 0 } },
    /* signals to others, other ways to talk */
    { "kill", SYS_kill, EPERM, { 1, 0 } },
    { "tgkill", SYS_tgkill, EPERM, { 1, 1, 0 } },
    { "pidfd_open", SYS_pidfd_open, EPERM, { 1, 0 } },
    { "pidfd_send_signal", SYS_pidfd_send_signal, EPERM, { -1 } },
    { "terminal input", SYS_ioctl, EPERM, { 0, TIOCSTI, TEXT("x") } },
    { "shmget", SYS_shmget, EPERM, { 0, 4096, 01600 } },
    { "msgget", SYS_msgget, EPERM, { 0, 01600 } },
    { "semget", SYS_semget, EPERM, { 0, 1, 01600 } },
    { "io_uring_setup", SYS_io_uring_setup, EPERM, { 1, TEXT(page) } },
    { "inotify_init1", SYS_inotify_init1, EPERM, { 0 } },
    { "fanotify_init", SYS_fanotify_init, EPERM, { 0 } },
    /* the machine */
    { "clock_settime", SYS_clock_settime, EPERM, { -1 } },
    { "sethostname", SYS_sethostname, EPERM, { -1 } },
    { "reboot", SYS_reboot, EPERM, { 0 } },
    { "swapon", SYS_swapon, EPERM, { 0 } },
    { "syslog", SYS_syslog, EPERM, { 3 } },
    { "acct", SYS_acct, EPERM, { -1 } },
};

static long try_it(const struct attempt *attempt)
{
    const intptr_t *a = attempt->arguments;

    return syscall(attempt->call, a[0], a[1], a[2], a[3], a[4], a[5]);
}

static bool is_refused(const void *argument)
{
    const struct attempt *attempt = argument;
    pid_t self = getpid();
    long result = try_it(attempt);

    if (getpid() != self)
        _exit(0);                               /* the child of a fork that should not be */
    return result == -1 && errno == attempt->error;
}

static void what_a_worker_does_not_need_is_refused(void **state)
{
    size_t survived = 0;

    (void) state;
    for (size_t i = 0; i < COUNT(attempts); i++) {
        int signal;
        bool refused = confined(is_refused, &attempts[i], &signal);

        if (attempts[i].error == KILLED ? signal == SIGSYS : refused)
            continue;
        print_error("%s got through (signal %d)\n", attempts[i].name, signal);
        survived++;
    }
    assert_int_equal(survived, 0);
    print_message("# %zu calls were tried\n", COUNT(attempts));
}

/* Without the sandbox these are a program's everyday rights, so it is the sandbox that refuses. */
static void the_same_calls_work_without_the_sandbox(void **state)
{
    int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    pid_t child = fork();

    (void) state;
    assert_true(fd >= 0);
    close(fd);
    if (child == 0)
        execl("/bin/true", "true", (char *) NULL);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(mprotect(page, sizeof(page), PROT_READ | PROT_WRITE), 0);
}

/* --- Files --------------------------------------------------------------------------------- */

static bool can_read(const void *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char byte;

    return fd >= 0 && read(fd, &byte, 1) >= 0;
}

static bool is_hidden(const void *path)
{
    return open(path, O_RDONLY | O_CLOEXEC) < 0 && errno == EACCES;
}

static char secret[] = "/tmp/payapi-secret-XXXXXX";

static int given_a_secret_file(void **state)
{
    int fd = mkstemp(secret);

    (void) state;
    return fd < 0 || write(fd, "secret", 6) != 6 || close(fd) != 0;
}

static int remove_the_file(void **state)
{
    (void) state;
    return unlink(secret);
}

static void files_that_a_connection_does_not_need_are_closed(void **state)
{
    (void) state;
    assert_true(can_read(secret));
    assert_true(confined(is_hidden, secret, NULL));
    assert_true(confined(is_hidden, "/proc/self/environ", NULL));
    assert_true(confined(is_hidden, "/proc/self/maps", NULL));
    assert_true(confined(is_hidden, "/etc", NULL));
    assert_true(confined(is_hidden, "/", NULL));
}

static void files_that_the_plan_names_are_open_for_reading(void **state)
{
    const char *const readable[] = { "/nowhere", secret, NULL };
    const struct harden_plan plan = { .readable = readable };

    (void) state;
    assert_true(confined_by(&plan, can_read, secret, NULL));
    assert_true(confined_by(&plan, is_hidden, "/proc/self/environ", NULL));
    assert_true(confined(can_read, "/etc/hosts", NULL));
    assert_true(confined(can_read, "/etc/ssl/certs/ca-certificates.crt", NULL));
}

static bool can_write(const void *path)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);

    return fd >= 0 && write(fd, "SECRET", 6) == 6;
}

static void only_a_build_that_must_write_may_and_only_there(void **state)
{
    const struct harden_plan there = { .writable = "/tmp" }, elsewhere = { .writable = "/var" };

    (void) state;
    assert_false(confined(can_write, secret, NULL));
    assert_true(confined_by(&there, can_write, secret, NULL));
    assert_false(confined_by(&elsewhere, can_write, secret, NULL));
}

/* As audit_record_file.c replaces its file: beside it, synced, renamed. */
static bool can_replace(const void *path)
{
    char beside[128];
    int fd;

    snprintf(beside, sizeof(beside), "%s.new", (const char *) path);
    fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    return fd >= 0 && write(fd, "SECRET", 6) == 6 && fsync(fd) == 0 && close(fd) == 0
        && renameat(AT_FDCWD, beside, AT_FDCWD, path) == 0;
}

static void who_keeps_a_record_replaces_it_in_its_folder_alone(void **state)
{
    const struct harden_plan there = { .replaceable = "/tmp" }, elsewhere = { .replaceable = "/var" };

    (void) state;
    assert_false(confined(can_replace, secret, NULL));
    assert_false(confined_by(&elsewhere, can_replace, secret, NULL));
    assert_true(confined_by(&there, can_replace, secret, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_worker_does_not_need_is_refused),
        cmocka_unit_test(the_same_calls_work_without_the_sandbox),
        cmocka_unit_test(files_that_a_connection_does_not_need_are_closed),
        cmocka_unit_test(files_that_the_plan_names_are_open_for_reading),
        cmocka_unit_test(only_a_build_that_must_write_may_and_only_there),
        cmocka_unit_test(who_keeps_a_record_replaces_it_in_its_folder_alone),
    };

    return cmocka_run_group_tests_name("forbidden", tests, given_a_secret_file, remove_the_file);
}
