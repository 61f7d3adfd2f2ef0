/*
 * Kernels that know less of Landlock than this one, or nothing. They are played by what syscall(), which
 * landlock.c asks by, says here; what goes to the kernel is looked at on its way.
 */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "confined.h"
#include "infrastructure/hardening/harden.h"
#include "infrastructure/hardening/parts.h"

#define VERSION_MAX 9                       /* of a kernel of tomorrow */

static struct {
    int      version;                       /* 0: no Landlock */
    uint64_t fs, net;                       /* what we asked to handle */
    uint64_t rights;                        /* every right that a rule gave */
    int      rules;
    bool     enforced;
} kernel;

long __wrap_syscall(long call, ...);

static long make_ruleset(const uint64_t *attributes, size_t size)
{
    if (kernel.version == 0) {
        errno = EOPNOTSUPP;
        return -1;
    }
    if (attributes == NULL)
        return kernel.version;
    assert_int_equal(size, 2 * sizeof(uint64_t));
    kernel.fs = attributes[0];
    kernel.net = attributes[1];
    return dup(STDIN_FILENO);
}

static long add_rule(const void *rule)
{
    uint64_t access;

    memcpy(&access, rule, sizeof(access));
    kernel.rights |= access;
    kernel.rules++;
    return 0;
}

long __wrap_syscall(long call, ...)
{
    intptr_t arguments[4];
    va_list list;

    va_start(list, call);
    for (int i = 0; i < 3; i++)
        arguments[i] = va_arg(list, intptr_t);
    va_end(list);
    if (call == SYS_landlock_create_ruleset)
        return make_ruleset((const uint64_t *) arguments[0], (size_t) arguments[1]);
    if (call == SYS_landlock_add_rule)
        return add_rule((const void *) arguments[2]);
    assert_int_equal(call, SYS_landlock_restrict_self);
    kernel.enforced = true;
    return 0;
}

static void each_version_is_asked_for_what_it_knows(void **state)
{
    /* How many rights for files each version has, and whether it has any for the network. */
    static const struct { int bits; bool net; } known[VERSION_MAX + 1] = {
        { 0, false },  { 13, false }, { 14, false }, { 15, false }, { 15, true },
        { 16, true },  { 16, true },  { 16, true },  { 16, true },  { 16, true },
    };
    const struct harden_plan plan = { .writable = "/tmp" };

    (void) state;
    for (int version = 1; version <= VERSION_MAX; version++) {
        memset(&kernel, 0, sizeof(kernel));
        kernel.version = version;
        assert_int_equal(landlock_enter(&plan), version);
        assert_true(kernel.enforced);
        assert_true(kernel.fs == (UINT64_C(1) << known[version].bits) - 1);
        assert_int_equal(kernel.net != 0, known[version].net);
        assert_true((kernel.rights & ~kernel.fs) == 0);         /* the kernel refuses such a rule */
        assert_true(kernel.rules > 5);
    }
}

static bool is_filtered(const void *nothing)
{
    (void) nothing;
    return open("/dev/null", O_WRONLY | O_CLOEXEC) < 0 && errno == EPERM;
}

static void without_landlock_the_rest_is_in_force_and_the_log_says_what_is_missing(void **state)
{
    int ends[2], kept = dup(STDERR_FILENO);
    char text[4096] = "";
    bool filtered;

    (void) state;
    memset(&kernel, 0, sizeof(kernel));
    assert_int_equal(pipe(ends), 0);
    dup2(ends[1], STDERR_FILENO);
    filtered = confined(is_filtered, NULL, NULL);
    dup2(kept, STDERR_FILENO);
    close(ends[1]);
    assert_true(filtered);
    assert_true(read(ends[0], text, sizeof(text) - 1) > 0);
    assert_non_null(strstr(text, "\"event\":\"sandbox_incomplete\",\"missing\":\"landlock\""));
    assert_non_null(strstr(text, strerror(EOPNOTSUPP)));
    assert_ptr_equal(strchr(text, '\n') + 1, text + strlen(text));       /* one line, no more */
    close(ends[0]);
    close(kept);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_version_is_asked_for_what_it_knows),
        cmocka_unit_test(without_landlock_the_rest_is_in_force_and_the_log_says_what_is_missing),
    };

    return cmocka_run_group_tests_name("old_kernels", tests, NULL, NULL);
}
