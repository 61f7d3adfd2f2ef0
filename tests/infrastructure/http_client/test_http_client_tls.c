#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "infrastructure/http_client/http_client.h"

/* A server with a certificate for 127.0.0.1 that it signed itself. It hears who trusts it. */
struct tls_server {
    pthread_t thread;
    SSL_CTX  *tls;
    int       listener;
    int       port;
    int       request_bytes;            /* what a careless client sent */
};

static X509 *self_signed(EVP_PKEY *key)
{
    X509 *certificate = X509_new();

    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                               (const unsigned char *) "127.0.0.1", -1, -1, 0);
    X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
    assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
    return certificate;
}

static void make_identity(struct tls_server *server)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = self_signed(key);

    server->tls = SSL_CTX_new(TLS_server_method());
    assert_int_equal(SSL_CTX_use_certificate(server->tls, certificate), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(server->tls, key), 1);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

static void *serve_one(void *argument)
{
    struct tls_server *server = argument;
    int connection = accept(server->listener, NULL, NULL);
    SSL *session = SSL_new(server->tls);
    char request[1024];

    SSL_set_fd(session, connection);
    if (SSL_accept(session) == 1)
        server->request_bytes = SSL_read(session, request, sizeof(request));
    SSL_free(session);
    close(connection);
    return NULL;
}

static void start(struct tls_server *server)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof(address);

    make_identity(server);
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(server->listener, (struct sockaddr *) &address, size), 0);
    assert_int_equal(listen(server->listener, 1), 0);
    assert_int_equal(getsockname(server->listener, (struct sockaddr *) &address, &size), 0);
    server->port = ntohs(address.sin_port);
    assert_int_equal(pthread_create(&server->thread, NULL, serve_one, server), 0);
}

static void stop(struct tls_server *server)
{
    pthread_join(server->thread, NULL);
    close(server->listener);
    SSL_CTX_free(server->tls);
}

static void post(const char *base_url, struct arena *arena, struct http_reply *reply_out)
{
    const struct http_client_settings settings = { .base_url = base_url };
    const struct http_request request = { .method = "POST",
                                          .path = "/v1/things",
                                          .headers = { { "Authorization", "Bearer sk_test_1" } },
                                          .header_count = 1,
                                          .body = bytes_of("a=1") };
    struct http_client *client = http_client_new(&settings);

    assert_non_null(client);
    http_client_call(client, arena, &request, reply_out);
    http_client_free(client);
}

static void a_server_that_nobody_vouches_for_is_sent_nothing(void **state)
{
    struct tls_server server = { .request_bytes = 0 };
    struct arena *arena = arena_new();
    struct http_reply reply;
    char url[64];
    (void) state;

    start(&server);
    snprintf(url, sizeof(url), "https://127.0.0.1:%d", server.port);
    post(url, arena, &reply);
    stop(&server);

    assert_false(reply.sent);
    assert_false(reply.complete);
    assert_int_equal(reply.status, 0);
    assert_true(server.request_bytes <= 0);
    arena_free(arena);
}

static void a_client_ignores_sigpipe(void **state)
{
    const struct http_client_settings settings = { .base_url = "https://api.stripe.com" };
    struct sigaction action;
    (void) state;

    signal(SIGPIPE, SIG_DFL);
    http_client_free(http_client_new(&settings));

    assert_int_equal(sigaction(SIGPIPE, NULL, &action), 0);
    assert_true(action.sa_handler == SIG_IGN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_that_nobody_vouches_for_is_sent_nothing),
        cmocka_unit_test(a_client_ignores_sigpipe),
    };

    return cmocka_run_group_tests_name("http_client_tls", tests, NULL, NULL);
}
