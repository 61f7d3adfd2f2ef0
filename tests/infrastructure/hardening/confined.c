#include "confined.h"

#include <config.h>
#include <signal.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "infrastructure/hardening/harden.h"

#define PATIENCE_S 20

static void run(const struct harden_plan *plan, bool (*step)(const void *), const void *argument)
{
    log_open("confined", LOG_LEVEL_WARN);       /* standard error is the test's */
    alarm(PATIENCE_S);
    harden(plan);
    _exit(step(argument) ? 0 : 1);
}

bool confined_by(const struct harden_plan *plan, bool (*step)(const void *), const void *argument,
                 int *signal_out)
{
    pid_t child = fork();
    int status = -1;

    if (child == 0)
        run(plan, step, argument);
    if (child < 0 || waitpid(child, &status, 0) != child)
        return false;
    if (signal_out != NULL)
        *signal_out = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool confined(bool (*step)(const void *), const void *argument, int *signal_out)
{
    const struct harden_plan plan = { .readable = NULL };

    return confined_by(&plan, step, argument, signal_out);
}
