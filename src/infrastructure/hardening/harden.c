#include "infrastructure/hardening/harden.h"

#include <errno.h>
#include <sys/prctl.h>

#include "base/log.h"
#include "infrastructure/hardening/parts.h"

static void say_missing(const char *part)
{
    log_event(LOG_LEVEL_WARN, "sandbox_incomplete", LOG_TEXT("missing", part),
              LOG_TEXT("cause", strerror(errno)));
}

/* Landlock comes before seccomp, whose list has none of Landlock's calls. */
void harden(const struct harden_plan *plan)
{
    int landlock_version;
    bool filtered;

    limits_set(plan);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        say_missing("no_new_privs");
    landlock_version = landlock_enter(plan);
    if (landlock_version == 0)
        say_missing("landlock");
    filtered = seccomp_enter(plan);
    if (!filtered)
        say_missing("seccomp");
    log_event(LOG_LEVEL_INFO, "sandbox", LOG_NUMBER("landlock", landlock_version),
              LOG_NUMBER("seccomp", filtered));
}
