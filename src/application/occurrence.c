#include "occurrence.h"

int64_t occurrence_ms(const struct ctx *ctx, const struct payment *payment, int64_t told_at_s)
{
    if (told_at_s <= 0 || told_at_s > ctx->now_ms / 1000)
        return ctx->now_ms;
    if (told_at_s * 1000 < payment->created_at_ms)
        return payment->created_at_ms;
    return told_at_s * 1000;
}
