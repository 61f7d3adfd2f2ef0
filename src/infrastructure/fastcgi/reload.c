/* Checks the new program, and replaces the running one with it. */
#include "infrastructure/fastcgi/reload.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#define ARGUMENTS_MAX   32
#define CHECK_LIMIT_S   10
#define EXEC_FAILED     127

static void allow_all_signals(void)
{
    sigset_t none;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* The check must not touch the listening socket. */
static void close_input(void)
{
    int null = open("/dev/null", O_RDONLY);

    if (null >= 0) {
        dup2(null, STDIN_FILENO);
        close(null);
    }
}

static void become_check(const char *program, char *const *argv)
{
    char *arguments[ARGUMENTS_MAX + 2] = { NULL };
    int count = 0;

    for (; argv[count] != NULL && count < ARGUMENTS_MAX; count++)
        arguments[count] = argv[count];
    arguments[count] = "--check";
    close_input();
    allow_all_signals();
    alarm(CHECK_LIMIT_S);
    execv(program, arguments);
    _exit(EXEC_FAILED);
}

pid_t reload_start_check(const char *program, char *const *argv)
{
    pid_t pid = fork();

    if (pid == 0)
        become_check(program, argv);
    return pid;
}

void reload_become(const char *program, char *const *argv)
{
    execv(program, argv);
}
