/* A problem as application/problem+json (RFC 9457), and the answer that carries it. */
#include "application/answer.h"
#include "base/json_out.h"

#define RETRY_AFTER_DEFAULT_S 2

/* The path as a URI reference (RFC 3986): whatever a path segment may not hold is escaped. */
static const char *instance_of(struct arena *arena, const char *path)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                "-._~!$&'()*+,;=:@/";
    struct text text = text_new(arena);

    text_append(&text, *path == '/' ? "" : "/");
    for (; *path != '\0'; path++)
        if (strchr(plain, *path) != NULL)
            text_append_char(&text, *path);
        else
            text_printf(&text, "%%%02X", (unsigned char) *path);
    return text_bytes(&text).data;
}

static void write_errors(struct text *text, const struct problem *problem)
{
    if (problem->field_count == 0)
        return;
    json_out_array(text, "errors");
    for (int i = 0; i < problem->field_count; i++) {
        json_out_object(text, NULL);
        if (problem->fields[i].pointer != NULL)
            json_out_text(text, "pointer", problem->fields[i].pointer);
        else
            json_out_text(text, "parameter", problem->fields[i].parameter);
        json_out_text(text, "detail", problem->fields[i].detail);
        json_out_object_end(text);
    }
    json_out_array_end(text);
}

/* What only some types have. */
static void write_own_members(struct text *text, const struct problem *problem)
{
    if (problem->failure_code != NULL)
        json_out_text(text, "code", problem->failure_code);
    for (int i = 0; i < problem->number_count; i++)
        json_out_i64(text, problem->numbers[i].name, problem->numbers[i].value);
    write_errors(text, problem);
}

static struct bytes problem_json(struct ctx *ctx, const struct problem *problem)
{
    const struct problem_kind *kind = problem_kind(problem->type);
    struct text text = json_out_begin(ctx->arena);

    json_out_text(&text, "type", arena_printf(ctx->arena, "%s%s", ctx->settings->problem_base_url,
                                              kind->slug));
    json_out_text(&text, "slug", kind->slug);
    json_out_text(&text, "title", kind->title);
    json_out_i64(&text, "status", kind->http_status);
    json_out_text(&text, "detail", problem->detail);
    json_out_text(&text, "instance", instance_of(ctx->arena, ctx->path));
    json_out_text(&text, "method", ctx->method);
    json_out_time(&text, "timestamp", ctx->now_ms);
    json_out_text(&text, "traceId", ctx->trace_id);
    json_out_bool(&text, "retryable", problem_is_retryable(problem->type));
    write_own_members(&text, problem);
    return json_out_end(&text);
}

static int retry_after_s(const struct problem *problem, int http_status)
{
    bool always = http_status == 429 || http_status == 503;

    return problem->retry_after_s > 0 ? problem->retry_after_s : always ? RETRY_AFTER_DEFAULT_S : 0;
}

struct answer answer_problem(struct ctx *ctx, const struct problem *problem)
{
    int http_status = problem_kind(problem->type)->http_status;

    return (struct answer) { .http_status = http_status,
                             .body = problem_json(ctx, problem),
                             .retry_after_s = retry_after_s(problem, http_status) };
}
