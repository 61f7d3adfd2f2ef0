/* Threads that take due messages, send them with libcurl and report the outcome. */
#include "webhook_sender.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/kit/alloc.h"
#include "sandbox/kit/sandbox_clock.h"

#define SENDER_THREADS    8
#define SENDER_TIMEOUT_MS 30000L        /* as long as stripe-cli waits (docs/facts.md, 4) */

struct webhook_sender {
    struct webhooks *webhooks;
    pthread_t        threads[SENDER_THREADS];
    atomic_bool      is_stopping;
};

static size_t discard(char *bytes, size_t size, size_t count, void *with)
{
    (void) bytes;
    (void) with;
    return size * count;
}

/* Non-zero ends the transfer. */
static int is_stopping(void *with, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    struct webhook_sender *sender = with;

    (void) a, (void) b, (void) c, (void) d;
    return atomic_load(&sender->is_stopping);
}

static struct curl_slist *headers_of(struct webhook_sender *sender, const struct webhook_job *job)
{
    struct curl_slist *headers = NULL;
    struct strbuf        signature = { 0 };

    webhooks_sign(sender->webhooks, job, &signature);
    headers = curl_slist_append(headers, "Content-Type: application/json; charset=utf-8");
    headers = curl_slist_append(headers, "Expect:");
    headers = curl_slist_append(headers, signature.bytes);
    strbuf_free(&signature);
    return headers;
}

/* The HTTP status; 0 without one. */
static int post(struct webhook_sender *sender, CURL *curl, const struct webhook_job *job)
{
    struct curl_slist *headers = headers_of(sender, job);
    long               status = 0;

    curl_easy_reset(curl);
    curl_easy_setopt(curl, CURLOPT_URL, job->url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, SENDER_TIMEOUT_MS);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "payapi-sandbox");
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, job->payload);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long) strlen(job->payload));
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, discard);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, is_stopping);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, sender);
    if (curl_easy_perform(curl) == CURLE_OK)
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_slist_free_all(headers);
    return (int) status;
}

static void *send_all(void *with)
{
    struct webhook_sender *sender = with;
    CURL                  *curl = curl_easy_init();
    struct webhook_job     job;

    while (curl != NULL && webhooks_take(sender->webhooks, &job)) {
        int64_t begun_ms = sandbox_clock_monotonic_ms();
        int     status = post(sender, curl, &job);

        fprintf(stderr, "{\"event\":\"webhook_attempt\",\"id\":\"%s\",\"type\":\"%s\","
                "\"attempt\":%d,\"status\":%d,\"duration_ms\":%" PRId64 "}\n", job.id, job.type,
                job.attempt, status, sandbox_clock_monotonic_ms() - begun_ms);
        webhooks_report(sender->webhooks, &job, status);
    }
    curl_easy_cleanup(curl);
    return NULL;
}

struct webhook_sender *webhook_sender_start(struct webhooks *webhooks)
{
    struct webhook_sender *sender = alloc_new(1, sizeof *sender);

    sender->webhooks = webhooks;
    for (size_t i = 0; i < SENDER_THREADS; i++) {
        if (pthread_create(&sender->threads[i], NULL, send_all, sender) != 0) {
            fputs("payapi-sandbox: cannot start a thread\n", stderr);
            abort();
        }
    }
    return sender;
}

void webhook_sender_stop(struct webhook_sender *sender)
{
    atomic_store(&sender->is_stopping, true);
    webhooks_stop(sender->webhooks);
    for (size_t i = 0; i < SENDER_THREADS; i++)
        pthread_join(sender->threads[i], NULL);
    free(sender);
}
