/*
 * http.h - one HTTP exchange, independent of the server library and of the provider played.
 */
#ifndef PAYAPI_SANDBOX_HTTP_HTTP_H
#define PAYAPI_SANDBOX_HTTP_HTTP_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "fault_plan.h"

#define HTTP_HEADERS_MAX    12
#define HTTP_BODY_BYTES_MAX (1024 * 1024)

/* Borrowed from the server for the time of the exchange. Absent headers are NULL. */
struct http_request {
    const char *method;
    const char *path;           /* as sent, without the query */
    const char *query;          /* as sent, without '?'; "" when there is none */
    const char *body;
    size_t      body_bytes;
    const char *authorization;
    const char *idempotency_key;
    const char *api_version;    /* Stripe-Version */
    const char *provider;       /* the provider that owns the path, "stripe"; NULL: none */
};

struct http_header {
    char *name;
    char *value;
};

/* How the answer reaches the client. */
enum http_delivery {
    HTTP_DELIVER,
    HTTP_LOSE,                  /* the connection closes without a byte */
    HTTP_RESET,                 /* TCP reset */
    HTTP_CUT_HEADERS,           /* half of the head, then closed */
    HTTP_CUT_BODY,              /* the head and half of the body, then closed */
};

/* Owned by the exchange; the server frees it after delivery. */
struct http_response {
    int                status;  /* 0 until something has answered */
    char              *body;
    size_t             body_bytes;
    const char        *content_type;
    struct http_header headers[HTTP_HEADERS_MAX];
    size_t             header_count;
    enum http_delivery delivery;
};

struct exchange {
    struct http_request  request;
    struct http_response response;
    struct fault_plan    plan;
};

/* Sets status, type and body, which is adopted. An earlier body is freed. */
void http_answer(struct http_response *response, int status, const char *content_type, char *body);
void http_answer_json(struct http_response *response, int status, json_t *adopted);

/* Replaces the marks of odd texts: see distort.h. */
void http_expand_marks(struct http_response *response);

void http_add_header(struct http_response *response, const char *name, const char *value);

/* 303 to location. */
void http_answer_see_other(struct http_response *response, const char *location);

void http_response_free(struct http_response *response);

/* The usual reason phrase. */
const char *http_reason(int status);

/*
 * The part of an Authorization header after the scheme ("Bearer", in any case): "" when there is
 * none. NULL when the header is absent or names another scheme.
 */
const char *http_credentials(const char *authorization, const char *scheme);

/* Matches "/a/:id/b" against path; the segment at :id goes to id_out (empty without one). */
bool http_path_matches(const char *pattern, const char *path, char *id_out, size_t size_bytes);

#endif
