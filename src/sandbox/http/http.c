/* Builds answers, and reads paths and credentials. */
#include "http.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "distort.h"
#include "sandbox/kit/alloc.h"

void http_answer(struct http_response *response, int status, const char *content_type, char *body)
{
    free(response->body);
    response->status = status;
    response->content_type = content_type;
    response->body = body;
    response->body_bytes = strlen(body);
}

void http_answer_json(struct http_response *response, int status, json_t *adopted)
{
    char *body = json_dumps(adopted, JSON_INDENT(2));

    assert(body != NULL);
    json_decref(adopted);
    http_answer(response, status, "application/json", body);
}

void http_expand_marks(struct http_response *response)
{
    if (response->body == NULL)
        return;
    response->body = distort_expand(response->body);
    response->body_bytes = strlen(response->body);
}

void http_add_header(struct http_response *response, const char *name, const char *value)
{
    assert(response->header_count < HTTP_HEADERS_MAX);
    response->headers[response->header_count++] =
        (struct http_header) { alloc_dup(name), alloc_dup(value) };
}

void http_answer_see_other(struct http_response *response, const char *location)
{
    http_answer(response, 303, "text/plain; charset=utf-8", alloc_dup(""));
    http_add_header(response, "Location", location);
}

void http_response_free(struct http_response *response)
{
    for (size_t i = 0; i < response->header_count; i++) {
        free(response->headers[i].name);
        free(response->headers[i].value);
    }
    free(response->body);
    *response = (struct http_response) { 0 };
}

const char *http_reason(int status)
{
    static const struct { int status; const char *reason; } reasons[] = {
        { 200, "OK" },           { 400, "Bad Request" },       { 401, "Unauthorized" },
        { 402, "Payment Required" }, { 403, "Forbidden" },     { 404, "Not Found" },
        { 409, "Conflict" },     { 429, "Too Many Requests" }, { 500, "Internal Server Error" },
        { 502, "Bad Gateway" },  { 503, "Service Unavailable" }, { 504, "Gateway Timeout" },
    };

    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        if (reasons[i].status == status)
            return reasons[i].reason;
    return "Answer";
}

const char *http_credentials(const char *authorization, const char *scheme)
{
    size_t length = strlen(scheme);

    if (authorization == NULL || strncasecmp(authorization, scheme, length) != 0)
        return NULL;
    if (authorization[length] == '\0')
        return "";
    return authorization[length] == ' ' ? authorization + length + 1 : NULL;
}

bool http_path_matches(const char *pattern, const char *path, char *id_out, size_t size_bytes)
{
    id_out[0] = '\0';
    while (*pattern != '\0') {
        if (strncmp(pattern, ":id", 3) == 0) {
            size_t length = strcspn(path, "/");

            if (length == 0 || length >= size_bytes)
                return false;
            memcpy(id_out, path, length);
            id_out[length] = '\0';
            pattern += 3;
            path += length;
        } else if (*pattern++ != *path++) {
            return false;
        }
    }
    return *path == '\0';
}
