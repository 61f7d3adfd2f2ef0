/* What a worker's work takes goes on inside its sandbox. PostgreSQL: every suite of tests/e2e. */
#include <config.h>                         /* _GNU_SOURCE */

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <resolv.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "application/entropy.h"
#include "base/arena.h"
#include "base/log.h"
#include "confined.h"
#include "infrastructure/clock.h"
#include "infrastructure/hardening/harden.h"
#include "infrastructure/http_client/http_client.h"

/* --- Servers, in processes of their own ---------------------------------------------------- */

struct server {
    pid_t pid;
    int   port;
};

static int bind_loopback(int type, int *port_out)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof(address);
    int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

    assert_int_equal(bind(fd, (struct sockaddr *) &address, size), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *) &address, &size), 0);
    *port_out = ntohs(address.sin_port);
    return fd;
}

static struct server start(int type, void (*serve)(int fd))
{
    struct server server;
    int fd = bind_loopback(type, &server.port);

    if (type == SOCK_STREAM)
        assert_int_equal(listen(fd, 8), 0);
    server.pid = fork();
    if (server.pid == 0) {
        alarm(60);
        serve(fd);
        _exit(0);
    }
    assert_true(server.pid > 0);
    close(fd);
    return server;
}

static void stop(const struct server *server)
{
    kill(server->pid, SIGKILL);
    waitpid(server->pid, NULL, 0);
}

/* Every name has the address 192.0.2.7, and none of version 6. RFC 1035, 4.1. */
static void serve_names(int fd)
{
    static const unsigned char answer[] = { 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 7 };
    unsigned char message[1024];
    struct sockaddr_in asker;
    socklen_t asker_size = sizeof(asker);
    ssize_t size;

    while ((size = recvfrom(fd, message, 512, 0, (struct sockaddr *) &asker, &asker_size)) > 12) {
        size_t end = 12 + strlen((char *) message + 12) + 5;    /* the question; no EDNS comes back */
        bool version_4 = message[end - 3] == 1;

        message[2] = 0x81, message[3] = 0x80;
        message[7] = version_4, message[11] = 0;
        memcpy(message + end, answer, sizeof(answer));
        sendto(fd, message, end + (version_4 ? sizeof(answer) : 0), 0, (struct sockaddr *) &asker,
               asker_size);
    }
}

static X509 *self_signed(EVP_PKEY *key)
{
    X509 *certificate = X509_new();

    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                               (const unsigned char *) "localhost", -1, -1, 0);
    X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
    assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
    return certificate;
}

static void serve_tls(int fd)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
    SSL *session = SSL_new(tls);

    SSL_use_certificate(session, self_signed(key));
    SSL_use_PrivateKey(session, key);
    SSL_set_fd(session, accept(fd, NULL, NULL));
    SSL_accept(session);
}

/* --- Tests --------------------------------------------------------------------------------- */

static bool resolves(const char *name, const char *address)
{
    const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_family = AF_INET };
    struct addrinfo *found = NULL;
    char text[INET_ADDRSTRLEN] = "";

    if (getaddrinfo(name, "https", &hints, &found) != 0)
        return false;
    inet_ntop(AF_INET, &((struct sockaddr_in *) (void *) found->ai_addr)->sin_addr, text, sizeof(text));
    freeaddrinfo(found);
    return strcmp(text, address) == 0;
}

static bool resolve_by_server(const void *server)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                   .sin_port = htons((uint16_t) ((const struct server *) server)->port) };

    res_init();
    _res.nscount = 1;
    _res.nsaddr_list[0] = address;
    return resolves("api.stripe.example", "192.0.2.7");
}

static bool resolve_by_file(const void *nothing)
{
    (void) nothing;
    return resolves("localhost", "127.0.0.1");
}

static void names_are_resolved_by_file_and_by_server(void **state)
{
    struct server server = start(SOCK_DGRAM, serve_names);

    (void) state;
    assert_true(confined(resolve_by_file, NULL, NULL));
    assert_true(confined(resolve_by_server, &server, NULL));
    stop(&server);
}

/* A certificate that nobody vouches for: to say so, the store of those who may was read. */
static bool call_by_tls(const void *server)
{
    char *url = NULL;
    struct http_client_settings settings = { .timeout_ms = 5000 };
    const struct http_request request = { .method = "GET", .path = "/" };
    struct arena *arena = arena_new();
    struct http_reply reply;

    url = arena_printf(arena, "https://localhost:%d", ((const struct server *) server)->port);
    settings.base_url = url;
    http_client_call(http_client_new(&settings), arena, &request, &reply);
    if (strstr(reply.error, "curl 60") == NULL)
        print_error("the call ended with \"%s\"\n", reply.error);
    return strstr(reply.error, "curl 60") != NULL;
}

static void a_provider_is_called_over_tls(void **state)
{
    struct server server = start(SOCK_STREAM, serve_tls);

    (void) state;
    assert_true(confined(call_by_tls, &server, NULL));
    stop(&server);
}

static bool accept_and_answer(const void *listener)
{
    struct sockaddr_un address;
    socklen_t size = sizeof(address);
    int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), server;
    char byte = 'x';

    getsockname(*(const int *) listener, (struct sockaddr *) &address, &size);
    if (connect(client, (struct sockaddr *) &address, size) != 0)
        return false;
    server = accept(*(const int *) listener, NULL, NULL);
    return write(client, "y", 1) == 1 && read(server, &byte, 1) == 1 && byte == 'y'
        && shutdown(server, SHUT_RDWR) == 0;
}

static void unix_sockets_are_connected_and_served(void **state)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    (void) state;
    snprintf(address.sun_path, sizeof(address.sun_path), "/tmp/payapi-allowed-%d", (int) getpid());
    assert_int_equal(bind(listener, (struct sockaddr *) &address, sizeof(address)), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_true(confined(accept_and_answer, &listener, NULL));
    close(listener);
    unlink(address.sun_path);
}

static void *touch(void *memory)
{
    memset(memory, 1, 1 << 20);
    return memory;
}

static bool grow(const void *nothing)
{
    struct arena *arena = arena_new();
    pthread_t thread;
    void *touched = NULL;

    (void) nothing;
    for (int i = 0; i < 10000; i++)
        memset(arena_alloc(arena, 10000), 1, 10000);
    arena_reset(arena);
    return pthread_create(&thread, NULL, touch, arena_alloc(arena, 1 << 20)) == 0
        && pthread_join(thread, &touched) == 0 && touched != NULL;
}

static void memory_grows_and_threads_run(void **state)
{
    (void) state;
    assert_true(confined(grow, NULL, NULL));
}

static bool read_clock_and_random(const void *nothing)
{
    const struct timespec pause = { 0, 1000000 };
    unsigned char random[32] = { 0 }, zero[32] = { 0 };
    int64_t began_ms = clock_monotonic_ms();
    time_t now = (time_t) (clock_now_ms() / 1000);
    struct tm local;

    (void) nothing;
    nanosleep(&pause, NULL);
    entropy_fill(random, sizeof(random));
    return localtime_r(&now, &local) != NULL && clock_monotonic_ms() > began_ms
        && memcmp(random, zero, sizeof(random)) != 0;
}

static void clock_and_chance_go_on(void **state)
{
    (void) state;
    assert_true(confined(read_clock_and_random, NULL, NULL));
}

static bool log_a_line(const void *nothing)
{
    (void) nothing;
    log_event(LOG_LEVEL_ERROR, "from_inside");
    return true;
}

static void the_log_is_written(void **state)
{
    char text[8192] = "";
    int ends[2], kept = dup(STDERR_FILENO);

    (void) state;
    assert_int_equal(pipe(ends), 0);
    dup2(ends[1], STDERR_FILENO);
    assert_true(confined(log_a_line, NULL, NULL));
    dup2(kept, STDERR_FILENO);
    close(ends[1]);
    assert_true(read(ends[0], text, sizeof(text) - 1) > 0);
    assert_non_null(strstr(text, "\"event\":\"from_inside\""));
    close(ends[0]);
    close(kept);
}

static bool give_up(const void *nothing)
{
    (void) nothing;
    abort();
}

static void a_broken_promise_still_ends_the_process(void **state)
{
    int signal;

    (void) state;
    assert_false(confined(give_up, NULL, &signal));
    assert_int_equal(signal, SIGABRT);
}

/* --- Limits -------------------------------------------------------------------------------- */

static bool limits_are_low(const void *logs_into_file)
{
    struct rlimit core, files, size;

    getrlimit(RLIMIT_CORE, &core);
    getrlimit(RLIMIT_NOFILE, &files);
    getrlimit(RLIMIT_FSIZE, &size);
    return core.rlim_max == 0 && files.rlim_max <= 256
        && (size.rlim_max == 0) == !*(const bool *) logs_into_file;
}

static void limits_are_lowered_but_a_log_file_may_grow(void **state)
{
    int ends[2], kept = dup(STDERR_FILENO);
    FILE *file = tmpfile();
    bool into_pipe, into_file;

    (void) state;
    assert_int_equal(pipe(ends), 0);
    dup2(ends[1], STDERR_FILENO);
    into_pipe = confined(limits_are_low, &(const bool) { false }, NULL);
    dup2(fileno(file), STDERR_FILENO);
    into_file = confined(limits_are_low, &(const bool) { true }, NULL);
    dup2(kept, STDERR_FILENO);
    assert_true(into_pipe);
    assert_true(into_file);
    fclose(file);
    close(ends[0]);
    close(ends[1]);
    close(kept);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_resolved_by_file_and_by_server),
        cmocka_unit_test(a_provider_is_called_over_tls),
        cmocka_unit_test(unix_sockets_are_connected_and_served),
        cmocka_unit_test(memory_grows_and_threads_run),
        cmocka_unit_test(clock_and_chance_go_on),
        cmocka_unit_test(the_log_is_written),
        cmocka_unit_test(a_broken_promise_still_ends_the_process),
        cmocka_unit_test(limits_are_lowered_but_a_log_file_may_grow),
    };

    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests_name("allowed", tests, NULL, NULL);
}
