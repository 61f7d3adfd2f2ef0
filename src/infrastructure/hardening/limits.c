#include <config.h>

#include "infrastructure/hardening/parts.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define DESCRIPTORS_MAX   256           /* a worker has about ten */
/* bytes; each thread reserves 64 MiB and uses little */
#define ADDRESS_SPACE_MAX ((rlim_t) 4 << 30)

static void lower(__rlimit_resource_t resource, rlim_t most)
{
    struct rlimit limit;

    if (getrlimit(resource, &limit) != 0 || limit.rlim_max < most)
        return;
    limit = (struct rlimit) { most, most };
    (void) setrlimit(resource, &limit);
}

/* ./dev logs into a file, which must then be able to grow. */
static bool logs_into_file(void)
{
    struct stat status;

    return fstat(STDERR_FILENO, &status) == 0 && S_ISREG(status.st_mode);
}

/* No limit on processes: it would count the user's threads, and name resolution starts one. */
void limits_set(const struct harden_plan *plan)
{
    lower(RLIMIT_CORE, 0);
    lower(RLIMIT_NOFILE, plan->descriptors > 0 ? (rlim_t) plan->descriptors : DESCRIPTORS_MAX);
    lower(RLIMIT_MEMLOCK, 0);
#ifndef SANITIZERS                      /* whose shadow memory takes terabytes of addresses */
    lower(RLIMIT_AS, ADDRESS_SPACE_MAX);
#endif
    if (plan->writable == NULL && plan->replaceable == NULL && !logs_into_file())
        lower(RLIMIT_FSIZE, 0);
}
