#include <config.h>                         /* _GNU_SOURCE: O_PATH */

#include "infrastructure/hardening/parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * Our own names for the kernel's interface, because Debian 12's <linux/landlock.h> ends at version
 * 2. Same numbers on every architecture. Source: include/uapi/linux/landlock.h of Linux 6.12.
 */
#define CREATE_RULESET 444
#define ADD_RULE       445
#define RESTRICT_SELF  446

#define CREATE_RULESET_VERSION 1
#define RULE_PATH_BENEATH      1

#define FS_WRITE_FILE  (UINT64_C(1) << 1)
#define FS_READ_FILE   (UINT64_C(1) << 2)
#define FS_READ_DIR    (UINT64_C(1) << 3)
#define FS_REMOVE_FILE (UINT64_C(1) << 5)
#define FS_MAKE_REG    (UINT64_C(1) << 8)
#define FS_TRUNCATE    (UINT64_C(1) << 14)

#define FS_READING     (FS_READ_FILE | FS_READ_DIR)
#define FS_WRITING     (FS_READING | FS_WRITE_FILE | FS_MAKE_REG | FS_TRUNCATE)
#define FS_REPLACING   (FS_WRITING | FS_REMOVE_FILE)    /* a rename removes what it replaces */
#define FS_OF_FILES    (UINT64_C(1) | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE)

#define NET_BIND_TCP   UINT64_C(1)

struct ruleset {
    uint64_t fs, net;
};

struct path_beneath {
    uint64_t access;
    int32_t  parent_fd;
} __attribute__((packed));

/* What each version can forbid; we use no rights that came after the fifth. */
static const struct ruleset handled_by[] = {
    [1] = { (UINT64_C(1) << 13) - 1, 0 },               /* execute, write, read, make, remove */
    [2] = { (UINT64_C(1) << 14) - 1, 0 },               /* and link or rename across folders */
    [3] = { (UINT64_C(1) << 15) - 1, 0 },               /* and truncate */
    [4] = { (UINT64_C(1) << 15) - 1, NET_BIND_TCP },    /* and serve a TCP port */
    [5] = { (UINT64_C(1) << 16) - 1, NET_BIND_TCP },    /* and talk to devices */
};

#define VERSION_KNOWN ((int) (sizeof(handled_by) / sizeof(handled_by[0])) - 1)

/*
 * What name resolution, TLS and the time zone read, even after the start: a certificate store is
 * renewed, and glibc loads a plug-in at the first look-up. Not /etc as a whole, which may hold our
 * own secrets. Unix sockets need no right: connecting is not reading.
 */
static const char *const usual[] = {
    "/usr", "/lib", "/lib64",                   /* libraries, zones, Debian's certificates */
    "/etc/ssl/certs", "/etc/ssl/openssl.cnf", "/etc/pki/tls/certs", "/etc/ca-certificates",
    "/etc/resolv.conf", "/etc/hosts", "/etc/host.conf", "/etc/nsswitch.conf", "/etc/gai.conf",
    "/etc/services", "/etc/protocols", "/etc/hostname", "/etc/passwd",
    "/run/systemd/resolve", "/run/resolvconf", "/run/NetworkManager",
    "/etc/localtime", "/etc/ld.so.cache", "/etc/krb5.conf", "/etc/postgresql-common/root.crt",
    "/dev/urandom", "/dev/null", "/proc/sys", "/sys/devices/system/cpu",
    NULL
};

static bool is_folder(int fd)
{
    struct stat status;

    return fstat(fd, &status) == 0 && S_ISDIR(status.st_mode);
}

/* A path that does not exist needs no right. */
static void allow(int ruleset, const char *path, uint64_t access)
{
    int fd = open(path, O_PATH | O_CLOEXEC);
    struct path_beneath rule = { access, fd };

    if (fd < 0)
        return;
    if (!is_folder(fd))
        rule.access &= FS_OF_FILES;
    (void) syscall(ADD_RULE, ruleset, RULE_PATH_BENEATH, &rule, 0);
    (void) close(fd);
}

static void allow_all(int ruleset, const char *const *paths)
{
    for (; paths != NULL && *paths != NULL; paths++)
        allow(ruleset, *paths, FS_READING);
}

static bool restrict_by(const struct ruleset *handled, const struct harden_plan *plan)
{
    int ruleset = (int) syscall(CREATE_RULESET, handled, sizeof(*handled), 0);
    bool done;

    if (ruleset < 0)
        return false;
    allow_all(ruleset, usual);
    allow_all(ruleset, plan->readable);
    if (plan->writable != NULL)
        allow(ruleset, plan->writable, FS_WRITING & handled->fs);
    if (plan->replaceable != NULL)
        allow(ruleset, plan->replaceable, FS_REPLACING & handled->fs);
    done = syscall(RESTRICT_SELF, ruleset, 0) == 0;
    (void) close(ruleset);
    return done;
}

int landlock_enter(const struct harden_plan *plan)
{
    int version = (int) syscall(CREATE_RULESET, NULL, (size_t) 0, CREATE_RULESET_VERSION);

    if (version < 1)
        return 0;
    if (!restrict_by(&handled_by[version < VERSION_KNOWN ? version : VERSION_KNOWN], plan))
        return 0;
    return version;
}
