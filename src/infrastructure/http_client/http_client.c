/* Sends requests with libcurl, within limits of time and size, and reads the replies. */
#include "infrastructure/http_client/http_client.h"

#include <arpa/inet.h>
#include <assert.h>
#include <curl/curl.h>
#include <limits.h>
#include <netinet/in.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/fault.h"
#include "base/text.h"

#define IDLE_CONNECTION_S_MAX 60        /* below the keep-alive of any server we talk to */

struct http_client {
    CURLM *multi;                       /* has the connection; NULL until the first call */
    CURL *curl;                         /* NULL until the first call */
    char *base_url;                     /* normalised, without '/' at the end */
    long  connect_timeout_ms;
    long  timeout_ms;
};

/* One call while it runs: what the callbacks read and write. */
struct exchange {
    struct arena              *arena;
    const struct http_request *request;
    struct http_reply         *reply;
    bool                       begun;           /* the server may have seen something of it */
    struct text                body;            /* of the answer */
    size_t                     header_bytes;
    bool                       headers_ended;   /* the empty line after the headers arrived */
    bool                       too_large;       /* we stopped it */
    char                       error[CURL_ERROR_SIZE];
};

/* --- The call ------------------------------------------------------------------------------ */

static void prepare_connection(struct http_client *client);
static void prepare_exchange(struct http_client *client, struct exchange *exchange);
static struct curl_slist *prepare_headers(const struct http_request *request, struct arena *arena);
static void wipe_headers(struct curl_slist *headers);
static CURLcode perform(struct http_client *client);
static void report(CURL *curl, CURLcode result, struct exchange *exchange);

void http_client_call(struct http_client *client, struct arena *arena,
                      const struct http_request *request, struct http_reply *reply_out)
{
    struct exchange exchange = { .arena = arena,
                                 .request = request,
                                 .reply = reply_out,
                                 .body = text_new(arena) };
    struct curl_slist *headers = prepare_headers(request, arena);
    CURLcode result;

    *reply_out = (struct http_reply) { .error = "", .asked = { "", "", "", "" } };
    prepare_connection(client);
    prepare_exchange(client, &exchange);
    (void) curl_easy_setopt(client->curl, CURLOPT_HTTPHEADER, headers);
    result = FAULT_HERE("provider.before_send") == FAULT_ERROR ? CURLE_COULDNT_CONNECT
                                                               : perform(client);
    if (FAULT_HERE("provider.answered") == FAULT_ERROR)
        result = CURLE_RECV_ERROR;
    report(client->curl, result, &exchange);
    curl_easy_reset(client->curl);              /* forgets the request, keeps the connection */
    wipe_headers(headers);
}

/* --- The transfer -------------------------------------------------------------------------- */

#define LOOK_EVERY_MS 1000              /* libcurl's own timers wake it sooner */

/* Every result counts as "perhaps sent" that report() does not know for one before sending. */
static CURLcode result_of(CURLM *multi)
{
    CURLcode result = CURLE_RECV_ERROR;
    const CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(multi, &left)) != NULL)
        if (message->msg == CURLMSG_DONE)
            result = message->data.result;
    return result;
}

/* Like curl_easy_perform, which polls once before it has sent anything. */
static CURLcode perform(struct http_client *client)
{
    CURLMcode code = curl_multi_add_handle(client->multi, client->curl);
    CURLcode result;
    int running = 1;

    assert(code == CURLM_OK);
    while (code == CURLM_OK && running > 0) {
        code = curl_multi_perform(client->multi, &running);
        if (code == CURLM_OK && running > 0)
            code = curl_multi_poll(client->multi, NULL, 0, LOOK_EVERY_MS, NULL);
    }
    result = result_of(client->multi);
    (void) curl_multi_remove_handle(client->multi, client->curl);
    return result;
}

/* --- Options for libcurl ------------------------------------------------------------------- */

/* Ends the process when libcurl refuses an option: a missing rule would be a security hole. */
#define SET(option, value) \
    do { \
        CURLcode code_of_set = curl_easy_setopt(client->curl, (option), (value)); \
        assert(code_of_set == CURLE_OK); \
    } while (0)

static void prepare_connection(struct http_client *client)
{
    if (client->curl == NULL) {
        client->multi = curl_multi_init();
        client->curl = curl_easy_init();
    }
    assert(client->multi != NULL && client->curl != NULL);
    SET(CURLOPT_PROTOCOLS_STR, strncmp(client->base_url, "http:", 5) == 0 ? "http" : "https");
    SET(CURLOPT_HTTP_VERSION, (long) CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_PROXY, "");                     /* none, not even the environment's */
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_CONNECTTIMEOUT_MS, client->connect_timeout_ms);
    SET(CURLOPT_TIMEOUT_MS, client->timeout_ms);        /* also ends a server's trickle */
    SET(CURLOPT_MAXAGE_CONN, (long) IDLE_CONNECTION_S_MAX);
    SET(CURLOPT_CAPATH, NULL);                  /* lets libcurl keep the parsed CA bundle */
}

static bool   is_post(const struct http_request *request);
static int    before_sending(void *context, char *server_ip, char *own_ip, int server_port,
                             int own_port);
static size_t take_header(char *line, size_t size, size_t count, void *context);
static size_t take_body(char *bytes, size_t size, size_t count, void *context);
static char  *url_of(const struct http_client *client, const struct exchange *exchange);

/*
 * Headers and body go out together: with a READFUNCTION libcurl would send one after the other.
 */
static void prepare_post(struct http_client *client, struct exchange *exchange)
{
    struct bytes body = exchange->request->body;

    SET(CURLOPT_POST, 1L);
    SET(CURLOPT_POSTFIELDS, body.size > 0 ? body.data : "");
    SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t) body.size);
}

static void prepare_exchange(struct http_client *client, struct exchange *exchange)
{
    SET(CURLOPT_URL, url_of(client, exchange));
    SET(CURLOPT_ERRORBUFFER, exchange->error);
    SET(CURLOPT_PREREQFUNCTION, before_sending);
    SET(CURLOPT_PREREQDATA, (void *) exchange);
    SET(CURLOPT_HEADERFUNCTION, take_header);
    SET(CURLOPT_HEADERDATA, (void *) exchange);
    SET(CURLOPT_WRITEFUNCTION, take_body);
    SET(CURLOPT_WRITEDATA, (void *) exchange);
    if (is_post(exchange->request))
        prepare_post(client, exchange);
    else
        assert(strcmp(exchange->request->method, "GET") == 0);
}

static char *url_of(const struct http_client *client, const struct exchange *exchange)
{
    return arena_printf(exchange->arena, "%s%s", client->base_url, exchange->request->path);
}

static struct curl_slist *append_header(struct curl_slist *headers, const char *line)
{
    struct curl_slist *longer = curl_slist_append(headers, line);

    assert(longer != NULL);
    return longer;
}

static struct curl_slist *prepare_headers(const struct http_request *request, struct arena *arena)
{
    struct curl_slist *headers = append_header(NULL, "Expect:");        /* no 100-continue */

    assert(request->header_count <= HTTP_REQUEST_HEADERS_MAX);
    for (int i = 0; i < request->header_count; i++) {
        const struct http_header *header = &request->headers[i];

        assert(strpbrk(header->value, "\r\n") == NULL);
        headers = append_header(headers,
                                arena_printf(arena, "%s: %s", header->name, header->value));
    }
    return headers;
}

static void wipe_headers(struct curl_slist *headers)
{
    for (struct curl_slist *header = headers; header != NULL; header = header->next)
        OPENSSL_cleanse(header->data, strlen(header->data));
    curl_slist_free_all(headers);
}

/* --- Callbacks of libcurl ------------------------------------------------------------------ */

static bool is_post(const struct http_request *request)
{
    return strcmp(request->method, "POST") == 0;
}

/*
 * libcurl repeats a request by itself when a kept-alive connection closes without an answer, and
 * calls this before each attempt, once connected. A POST gets one attempt: the second ends with
 * CURLE_ABORTED_BY_CALLBACK.
 */
static int before_sending(void *context, char *server_ip, char *own_ip, int server_port,
                          int own_port)
{
    struct exchange *exchange = context;

    (void) server_ip, (void) own_ip, (void) server_port, (void) own_port;
    if (exchange->begun && is_post(exchange->request))
        return CURL_PREREQFUNC_ABORT;
    exchange->begun = true;
    if (FAULT_HERE("provider.sending") == FAULT_ERROR)
        return CURL_PREREQFUNC_ABORT;
    return CURL_PREREQFUNC_OK;
}

static bool header_is(struct bytes line, const char *name)
{
    size_t length = strlen(name);

    return line.size > length && line.data[length] == ':' &&
           strncasecmp(line.data, name, length) == 0;
}

static struct bytes trimmed(struct bytes text)
{
    static const char blanks[] = " \t\r\n";

    while (text.size > 0 && memchr(blanks, text.data[0], sizeof(blanks) - 1) != NULL)
        text = (struct bytes) { text.data + 1, text.size - 1 };
    while (text.size > 0 && memchr(blanks, text.data[text.size - 1], sizeof(blanks) - 1) != NULL)
        text.size--;
    return text;
}

/* Plain ASCII. Other values are left out, because kept values are stored and logged. */
static bool is_text(struct bytes value)
{
    for (size_t i = 0; i < value.size; i++)
        if (value.data[i] < ' ' || value.data[i] > '~')
            return false;
    return true;
}

static void keep_asked_header(struct exchange *exchange, struct bytes line)
{
    for (int i = 0; i < HTTP_ASKED_HEADERS_MAX && exchange->request->asked[i] != NULL; i++) {
        size_t name_size = strlen(exchange->request->asked[i]) + 1;
        struct bytes value;

        if (!header_is(line, exchange->request->asked[i]) || line.size >= HTTP_HEADER_TEXT_MAX)
            continue;
        value = trimmed((struct bytes) { line.data + name_size, line.size - name_size });
        if (is_text(value))
            exchange->reply->asked[i] = arena_bytes_dup(exchange->arena, value);
    }
}

static size_t take_header(char *line, size_t size, size_t count, void *context)
{
    struct exchange *exchange = context;
    struct bytes header = { line, size * count };

    if (exchange->header_bytes == 0 && FAULT_HERE("provider.answer_began") == FAULT_ERROR)
        return 0;
    exchange->header_bytes += header.size;
    exchange->too_large = exchange->header_bytes > HTTP_HEADER_BYTES_MAX;
    if (exchange->too_large)
        return 0;                               /* CURLE_WRITE_ERROR ends the call */
    if (header.size >= 5 && memcmp(header.data, "HTTP/", 5) == 0)
        exchange->headers_ended = false;        /* a 100 came before */
    else if (trimmed(header).size == 0)
        exchange->headers_ended = true;
    else
        keep_asked_header(exchange, header);
    return header.size;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *context)
{
    struct exchange *exchange = context;
    struct bytes part = { bytes, size * count };

    exchange->too_large = part.size > HTTP_BODY_BYTES_MAX - exchange->body.size;
    if (exchange->too_large)
        return 0;                               /* CURLE_WRITE_ERROR ends the call */
    text_append_bytes(&exchange->body, part);
    return part.size;
}

/* --- What we know afterwards --------------------------------------------------------------- */

/* Failures that come before the first byte of a request is sent. Any other may come after it. */
static bool fails_before_sending(CURLcode result)
{
    static const CURLcode early[] = {
        CURLE_URL_MALFORMAT,       CURLE_COULDNT_RESOLVE_HOST,    CURLE_COULDNT_CONNECT,
        CURLE_OPERATION_TIMEDOUT,  CURLE_SSL_CONNECT_ERROR,       CURLE_SSL_CERTPROBLEM,
        CURLE_SSL_CACERT_BADFILE,  CURLE_PEER_FAILED_VERIFICATION, CURLE_UNSUPPORTED_PROTOCOL,
    };

    for (size_t i = 0; i < sizeof(early) / sizeof(early[0]); i++)
        if (early[i] == result)
            return true;
    return false;
}

static bool was_sent(const struct exchange *exchange, CURLcode result)
{
    return exchange->begun || !fails_before_sending(result);
}

static int retry_after_s(CURL *curl)
{
    curl_off_t seconds = 0;

    (void) curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &seconds);
    if (seconds < 0)
        return 0;
    return seconds > INT_MAX ? INT_MAX : (int) seconds;
}

static int64_t duration_ms(CURL *curl)
{
    curl_off_t microseconds = 0;

    (void) curl_easy_getinfo(curl, CURLINFO_TOTAL_TIME_T, &microseconds);
    return microseconds / 1000;
}

static int status_of(CURL *curl)
{
    long status = 0;

    (void) curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    return (int) status;
}

static const char *error_text(CURLcode result, const struct exchange *exchange)
{
    if (result == CURLE_OK)
        return exchange->headers_ended ? "" : "the answer ended inside its headers";
    if (exchange->too_large)
        return "the answer is larger than we take";
    return arena_printf(exchange->arena, "curl %d: %s", (int) result,
                        exchange->error[0] != '\0' ? exchange->error : curl_easy_strerror(result));
}

/* libcurl reports a connection cut inside the headers as CURLE_OK, status 200 and no body. */
static void report(CURL *curl, CURLcode result, struct exchange *exchange)
{
    struct http_reply *reply = exchange->reply;

    reply->status = exchange->headers_ended ? status_of(curl) : 0;
    reply->body = text_bytes(&exchange->body);
    reply->sent = was_sent(exchange, result);
    reply->complete = result == CURLE_OK && exchange->headers_ended;
    reply->timed_out = result == CURLE_OPERATION_TIMEDOUT;
    reply->retry_after_s = retry_after_s(curl);
    reply->error = error_text(result, exchange);
    reply->duration_ms = duration_ms(curl);
}

/* --- Making one ---------------------------------------------------------------------------- */

static bool is_loopback(const char *host)
{
    struct in_addr v4;

    if (inet_pton(AF_INET, host, &v4) == 1)
        return ntohl(v4.s_addr) >> 24 == 127;
    return strcmp(host, "[::1]") == 0;
}

static const char *part_of(CURLU *url, CURLUPart part, struct arena *arena)
{
    char *text = NULL;
    char *copy;

    if (curl_url_get(url, part, &text, 0) != CURLUE_OK)
        return "";
    copy = arena_strdup(arena, text);
    curl_free(text);
    return copy;
}

/* Looks at the parts after parsing: libcurl has turned 2130706433 and 0x7f.1 into 127.0.0.1. */
static bool is_allowed(CURLU *url, struct arena *arena)
{
    const char *scheme = part_of(url, CURLUPART_SCHEME, arena);

    if (part_of(url, CURLUPART_QUERY, arena)[0] != '\0' ||
        part_of(url, CURLUPART_FRAGMENT, arena)[0] != '\0')
        return false;
    if (strcmp(scheme, "https") == 0)
        return true;
    return strcmp(scheme, "http") == 0 && is_loopback(part_of(url, CURLUPART_HOST, arena));
}

static char *without_slash(const char *url)
{
    size_t length = strlen(url);

    while (length > 0 && url[length - 1] == '/')
        length--;
    return strndup(url, length);
}

static void release_url(void *url)
{
    curl_url_cleanup(url);
}

static char *normalised_url(const char *base_url, struct arena *arena)
{
    CURLU *url = arena_adopt(arena, curl_url(), release_url);

    assert(url != NULL);
    if (curl_url_set(url, CURLUPART_URL, base_url, CURLU_DISALLOW_USER) != CURLUE_OK)
        return NULL;
    return is_allowed(url, arena) ? without_slash(part_of(url, CURLUPART_URL, arena)) : NULL;
}

static char *checked_url(const char *base_url)
{
    struct arena *arena = arena_new();
    char *url = normalised_url(base_url, arena);

    arena_free(arena);
    return url;
}

struct http_client *http_client_new(const struct http_client_settings *settings)
{
    char *base_url = checked_url(settings->base_url);
    struct http_client *client;
    CURLcode started;

    if (base_url == NULL)
        return NULL;
    /*
     * OpenSSL writes without MSG_NOSIGNAL; without this, a closed connection would kill the
     * process.
     */
    (void) signal(SIGPIPE, SIG_IGN);
    client = calloc(1, sizeof(*client));
    started = curl_global_init(CURL_GLOBAL_DEFAULT);
    assert(client != NULL && started == CURLE_OK);
    client->base_url = base_url;
    client->connect_timeout_ms =
        settings->connect_timeout_ms > 0 ? settings->connect_timeout_ms : HTTP_CONNECT_TIMEOUT_MS;
    client->timeout_ms = settings->timeout_ms > 0 ? settings->timeout_ms : HTTP_TIMEOUT_MS;
    return client;
}

void http_client_free(struct http_client *client)
{
    if (client == NULL)
        return;
    curl_easy_cleanup(client->curl);
    (void) curl_multi_cleanup(client->multi);
    curl_global_cleanup();
    free(client->base_url);
    free(client);
}
