#include "occurrence.h"

int64_t occurrence_ms(const struct ctx *ctx, const struct payment *payment, int64_t told_at_s)
{
    const int64_t end_ms = told_at_s * 1000 + 999;

    if (told_at_s <= 0 || told_at_s >= ctx->now_ms / 1000)
        return ctx->now_ms;
    return end_ms < payment->created_at_ms ? payment->created_at_ms : end_ms;
}
