/* Sends webhooks to strangers with libcurl's multi interface. */
#include <config.h>

#include "sender.h"

#include <assert.h>
#include <curl/curl.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "answer_text.h"
#include "base/json_out.h"

#define HEADER_BYTES_MAX 65536

enum stage { FREE, UNDER_WAY, ENDED };

struct slot {
    enum stage             stage;
    struct arena          *arena;       /* of one delivery */
    CURL                  *curl;
    struct curl_slist     *headers;
    const struct inner_networks *networks;
    bool                   is_plain;    /* http */
    bool                   was_forbidden;       /* an address was */
    bool                   is_enough;   /* more of the answer than we keep */
    bool                   headers_ended;
    size_t                 header_bytes;
    struct text            answer;
    struct sent            sent;
};

struct sender {
    const struct inner_networks  *networks;
    const struct webhook_secrets *secrets;
    CURLM                        *multi;
    struct slot                   slots[SENDER_IN_FLIGHT_MAX];
    const struct sent            *ended[SENDER_IN_FLIGHT_MAX];
    int                           ended_count, under_way;
};

struct sender *sender_new(const struct inner_networks *networks,
                          const struct webhook_secrets *secrets)
{
    struct sender *sender = calloc(1, sizeof(*sender));

    if (sender == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        abort();
    sender->networks = networks;
    sender->secrets = secrets;
    sender->multi = curl_multi_init();
    assert(sender->multi != NULL);
    for (int i = 0; i < SENDER_IN_FLIGHT_MAX; i++)
        sender->slots[i].arena = arena_new();
    return sender;
}

int sender_room(const struct sender *sender)
{
    return SENDER_IN_FLIGHT_MAX - sender->under_way - sender->ended_count;
}

int sender_under_way(const struct sender *sender)
{
    return sender->under_way;
}

/* --- What is sent --------------------------------------------------------------------------- */

/* The same bytes at each attempt. */
static struct bytes body_of(struct arena *arena, const struct due_delivery *due)
{
    struct text body = json_out_begin(arena);

    json_out_text(&body, "id", due->event_id);
    json_out_text(&body, "type", due->event_type);
    json_out_time(&body, "createdAt", due->event_at_ms);
    json_out_i64(&body, "sequence", due->seq);
    json_out_raw(&body, "data", due->payload);
    return json_out_end(&body);
}

static void add_header(struct slot *slot, const char *line)
{
    struct curl_slist *longer = curl_slist_append(slot->headers, line);

    assert(longer != NULL);
    slot->headers = longer;
}

static void add_headers(const struct sender *sender, struct slot *slot,
                        const struct due_delivery *due, struct bytes body, int64_t now_ms)
{
    bool former_sign = due->former_until_ms > now_ms;
    const char *signatures =
        webhook_signatures(sender->secrets, slot->arena, due->endpoint_id, due->generation,
                           former_sign ? due->signs_from : due->generation, due->event_id,
                           now_ms / 1000, body);

    add_header(slot, "Expect:");                        /* no 100-continue */
    add_header(slot, "Accept: */*");
    add_header(slot, "Content-Type: application/json");
    add_header(slot, "User-Agent: payapi/" PACKAGE_VERSION);
    add_header(slot, arena_printf(slot->arena, "webhook-id: %s", due->event_id));
    add_header(slot, arena_printf(slot->arena, "webhook-timestamp: %" PRId64, now_ms / 1000));
    add_header(slot, arena_printf(slot->arena, "webhook-signature: %s", signatures));
}

/* --- Callbacks of libcurl ------------------------------------------------------------------- */

/* The only place where a connection begins: what is refused here was not even asked. */
static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct slot *slot = context;
    bool allowed = slot->is_plain ? inner_networks_allow_plain(slot->networks, &address->addr)
                                  : inner_networks_allow(slot->networks, &address->addr);

    if (purpose != CURLSOCKTYPE_IPCXN || !allowed) {
        slot->was_forbidden = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t take_header(char *line, size_t size, size_t count, void *context)
{
    struct slot *slot = context;
    size_t bytes = size * count;

    slot->header_bytes += bytes;
    if (bytes >= 5 && memcmp(line, "HTTP/", 5) == 0)
        slot->headers_ended = false;                    /* a 100 came before */
    else if (bytes <= 2)
        slot->headers_ended = true;
    return slot->header_bytes > HEADER_BYTES_MAX ? 0 : bytes;
}

/* What is more than we keep ends the transfer: its status counts. */
static size_t take_body(char *bytes, size_t size, size_t count, void *context)
{
    struct slot *slot = context;
    struct bytes part = { bytes, size * count };

    slot->is_enough = part.size > ANSWER_BYTES_KEPT - slot->answer.size;
    if (slot->is_enough)
        part.size = ANSWER_BYTES_KEPT - slot->answer.size;
    text_append_bytes(&slot->answer, part);
    return slot->is_enough ? 0 : part.size;
}

/* --- Beginning ------------------------------------------------------------------------------ */

/* Ends the process when libcurl refuses an option: a missing rule would be a security hole. */
#define SET(option, value) \
    do { \
        CURLcode code_of_set = curl_easy_setopt(slot->curl, (option), (value)); \
        assert(code_of_set == CURLE_OK); \
    } while (0)

/* No connection is used twice: open_socket would not be asked about the second time. */
static void set_limits(struct slot *slot)
{
    SET(CURLOPT_PROTOCOLS_STR, slot->is_plain ? "http" : "https");
    SET(CURLOPT_HTTP_VERSION, (long) CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_PROXY, "");                     /* none, not even the environment's */
    SET(CURLOPT_NETRC, (long) CURL_NETRC_IGNORED);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_QUICK_EXIT, 1L);                /* never waits for a slow look-up's thread */
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long) SENDER_CONNECT_MS);
    SET(CURLOPT_TIMEOUT_MS, (long) SENDER_TOTAL_MS);
    SET(CURLOPT_FRESH_CONNECT, 1L);
    SET(CURLOPT_FORBID_REUSE, 1L);
    SET(CURLOPT_CAPATH, NULL);                  /* lets libcurl keep the parsed CA bundle */
    SET(CURLOPT_OPENSOCKETFUNCTION, open_socket);
    SET(CURLOPT_OPENSOCKETDATA, (void *) slot);
}

static void set_exchange(struct slot *slot, const char *url, struct bytes body)
{
    SET(CURLOPT_URL, url);
    SET(CURLOPT_PRIVATE, (void *) slot);
    SET(CURLOPT_POST, 1L);
    SET(CURLOPT_POSTFIELDS, body.data);
    SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t) body.size);
    SET(CURLOPT_HTTPHEADER, slot->headers);
    SET(CURLOPT_HEADERFUNCTION, take_header);
    SET(CURLOPT_HEADERDATA, (void *) slot);
    SET(CURLOPT_WRITEFUNCTION, take_body);
    SET(CURLOPT_WRITEDATA, (void *) slot);
}

static struct slot *free_slot(struct sender *sender)
{
    int at = 0;

    while (sender->slots[at].stage != FREE)
        at++;
    assert(at < SENDER_IN_FLIGHT_MAX);
    return &sender->slots[at];
}

static void fill_slot(struct sender *sender, struct slot *slot, const struct due_delivery *due,
                      int64_t now_ms)
{
    *slot = (struct slot) {
        .stage = UNDER_WAY, .arena = slot->arena, .curl = curl_easy_init(),
        .networks = sender->networks, .is_plain = strncmp(due->url, "http://", 7) == 0,
        .answer = text_new(slot->arena),
        .sent = {
            .result = { .id = due->id, .attempt = due->attempt, .began_ms = now_ms },
            .endpoint_id = due->endpoint_id,
            .place = due->attempt - due->tries_before,
        },
    };
    assert(slot->curl != NULL);
}

void sender_send(struct sender *sender, const struct due_delivery *due, int64_t now_ms)
{
    struct slot *slot = free_slot(sender);
    struct bytes body;
    CURLMcode code;

    fill_slot(sender, slot, due, now_ms);
    body = body_of(slot->arena, due);
    add_headers(sender, slot, due, body, now_ms);
    set_limits(slot);
    set_exchange(slot, arena_strdup(slot->arena, due->url), body);
    code = curl_multi_add_handle(sender->multi, slot->curl);
    assert(code == CURLM_OK);
    sender->under_way++;
}

/* --- Ending --------------------------------------------------------------------------------- */

static const char *error_of_status(int status)
{
    if (status >= 200 && status < 300)
        return "";
    return status >= 300 && status < 400 ? "redirect" : "http_status";
}

static const char *error_of_code(const struct slot *slot, CURLcode code)
{
    switch ((int) code) {
    case CURLE_OPERATION_TIMEDOUT:        return "timeout";
    case CURLE_COULDNT_CONNECT:           return slot->was_forbidden ? "forbidden_address"
                                                                     : "connection";
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:               return "connection";
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_PEER_FAILED_VERIFICATION:  return "tls";
    default:                              return "answer";
    }
}

/* libcurl reports a connection cut inside the headers as CURLE_OK with a status. */
static const char *error_of(const struct slot *slot, CURLcode code, int status)
{
    bool answered = slot->headers_ended && (code == CURLE_OK || slot->is_enough);

    if (answered)
        return error_of_status(status);
    return code == CURLE_OK ? "answer" : error_of_code(slot, code);
}

static int status_of(const struct slot *slot)
{
    long status = 0;

    (void) curl_easy_getinfo(slot->curl, CURLINFO_RESPONSE_CODE, &status);
    return slot->headers_ended ? (int) status : 0;
}

static int64_t retry_after_of(const struct slot *slot)
{
    curl_off_t seconds = 0;

    (void) curl_easy_getinfo(slot->curl, CURLINFO_RETRY_AFTER, &seconds);
    return seconds > 0 ? (int64_t) seconds : -1;
}

static int duration_of(const struct slot *slot)
{
    curl_off_t us = 0;

    (void) curl_easy_getinfo(slot->curl, CURLINFO_TOTAL_TIME_T, &us);
    return (int) (us / 1000);
}

static void end(struct sender *sender, struct slot *slot, CURLcode code)
{
    struct delivery_result *result = &slot->sent.result;

    result->duration_ms = duration_of(slot);
    result->http_status = status_of(slot);
    result->error = error_of(slot, code, result->http_status);
    result->answer = answer_text(slot->arena, text_bytes(&slot->answer));
    slot->sent.retry_after_s = retry_after_of(slot);
    slot->stage = ENDED;
    sender->under_way--;
    sender->ended[sender->ended_count++] = &slot->sent;
}

static void take_down(struct sender *sender, struct slot *slot)
{
    (void) curl_multi_remove_handle(sender->multi, slot->curl);
    curl_easy_cleanup(slot->curl);
    curl_slist_free_all(slot->headers);
    slot->curl = NULL;
    slot->headers = NULL;
}

static void note_ends(struct sender *sender)
{
    const CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(sender->multi, &left)) != NULL) {
        struct slot *slot = NULL;
        CURLcode code = message->data.result;

        (void) curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **) &slot);
        end(sender, slot, code);
        take_down(sender, slot);
    }
}

void sender_run(struct sender *sender, int timeout_ms)
{
    int running, ended_before = sender->ended_count;
    CURLMcode code = curl_multi_perform(sender->multi, &running);

    note_ends(sender);
    if (code == CURLM_OK && sender->ended_count == ended_before)
        code = curl_multi_poll(sender->multi, NULL, 0, timeout_ms, NULL);
    if (code == CURLM_OK)
        code = curl_multi_perform(sender->multi, &running);
    assert(code == CURLM_OK);
    note_ends(sender);
}

int sender_ended(const struct sender *sender, const struct sent *ended_out[SENDER_IN_FLIGHT_MAX])
{
    memcpy(ended_out, sender->ended, (size_t) sender->ended_count * sizeof(*ended_out));
    return sender->ended_count;
}

void sender_release(struct sender *sender)
{
    for (int i = 0; i < SENDER_IN_FLIGHT_MAX; i++)
        if (sender->slots[i].stage == ENDED) {
            sender->slots[i].stage = FREE;
            arena_reset(sender->slots[i].arena);
        }
    sender->ended_count = 0;
}

void sender_free(struct sender *sender)
{
    for (int i = 0; i < SENDER_IN_FLIGHT_MAX; i++) {
        if (sender->slots[i].stage == UNDER_WAY)
            take_down(sender, &sender->slots[i]);
        arena_free(sender->slots[i].arena);
    }
    (void) curl_multi_cleanup(sender->multi);
    free(sender);
}
