/*
 * empty_worker.c - the transport ceiling: FastCGI workers that read a request whole and answer it
 * with a fixed small JSON at once. What they reach is what nginx, libfcgi and the kernel leave to us.
 *
 *     spawn-fcgi -n -s SOCKET -- empty_worker PROCESSES
 *
 * Compiled by the benchmark, never installed.
 */
#include <fcgiapp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static const char answer[] =
    "Status: 200 OK\r\nContent-Type: application/json\r\n\r\n"
    "{\"data\":{\"status\":\"completed\",\"amountMinor\":9999,\"currency\":\"USD\"}}";

static void serve(void)
{
    FCGX_Request request;
    char body[4096];

    FCGX_Init();
    FCGX_InitRequest(&request, 0, 0);
    while (FCGX_Accept_r(&request) == 0) {
        while (FCGX_GetStr(body, sizeof(body), request.in) > 0)
            continue;
        FCGX_PutStr(answer, (int) strlen(answer), request.out);
        FCGX_Finish_r(&request);
    }
}

int main(int argc, char **argv)
{
    int processes = argc > 1 ? atoi(argv[1]) : 1;

    for (int i = 0; i < processes; i++)
        if (fork() == 0) {
            prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
            serve();
            return 0;
        }
    while (wait(NULL) > 0)
        continue;
    return 0;
}
