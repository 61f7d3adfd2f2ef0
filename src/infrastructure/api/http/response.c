/* Writes the status line, the headers and the body. */
#include "response.h"

#include <stdio.h>

#include "base/text.h"

/* RFC 9110 section 15; FastCGI servers expect a phrase after the number. */
static const char *phrase_of(int http_status)
{
    static const struct { int http_status; const char *phrase; } phrases[] = {
        { 200, "OK" }, { 201, "Created" }, { 202, "Accepted" },
        { 400, "Bad Request" }, { 401, "Unauthorized" }, { 402, "Payment Required" },
        { 403, "Forbidden" }, { 404, "Not Found" }, { 405, "Method Not Allowed" },
        { 406, "Not Acceptable" },
        { 408, "Request Timeout" }, { 409, "Conflict" }, { 411, "Length Required" },
        { 413, "Content Too Large" }, { 414, "URI Too Long" }, { 415, "Unsupported Media Type" },
        { 421, "Misdirected Request" },
        { 422, "Unprocessable Content" }, { 429, "Too Many Requests" },
        { 431, "Request Header Fields Too Large" },
        { 500, "Internal Server Error" }, { 502, "Bad Gateway" }, { 503, "Service Unavailable" },
        { 504, "Gateway Timeout" },
    };

    for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++)
        if (phrases[i].http_status == http_status)
            return phrases[i].phrase;
    return "Other";
}

static bool is_header_value(const char *value)
{
    for (; *value != '\0'; value++)
        if ((unsigned char) *value < ' ' || *value == 0x7f)
            return false;
    return true;
}

static void write_header(struct text *text, const char *name, const char *value)
{
    if (value != NULL && is_header_value(value))
        text_printf(text, "%s: %s\r\n", name, value);
}

static void write_number(struct text *text, const char *name, size_t number)
{
    text_printf(text, "%s: %zu\r\n", name, number);
}

struct bytes response_bytes(struct arena *arena, const struct response *response)
{
    const struct answer *answer = &response->answer;
    struct text text = text_new(arena);

    text_printf(&text, "Status: %d %s\r\n", answer->http_status, phrase_of(answer->http_status));
    write_header(&text, "Content-Type", response->content_type);
    if (answer->stream == NULL)
        write_number(&text, "Content-Length", answer->body.size);
    else
        write_header(&text, "Content-Disposition",
                     arena_printf(arena, "attachment; filename=\"%s\"", answer->stream->file_name));
    write_header(&text, "Location", response->location);
    write_header(&text, "WWW-Authenticate", response->challenge);
    write_header(&text, "Allow", answer->allow);
    if (answer->retry_after_s > 0)
        write_number(&text, "Retry-After", (size_t) answer->retry_after_s);
    write_header(&text, "X-Accel-Redirect", answer->handed_to);
    write_header(&text, "Idempotent-Replayed", answer->replayed ? "true" : NULL);
    text_append(&text, "\r\n");
    if (!response->head_only)
        text_append_bytes(&text, answer->body);
    return text_bytes(&text);
}
