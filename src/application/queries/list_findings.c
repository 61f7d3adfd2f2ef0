#include "application/queries.h"

const struct problem *list_findings(struct ctx *ctx, const char *id, int64_t after,
                                    struct finding **findings_out, int *count_out)
{
    return store_findings_list(ctx, id, after, findings_out, count_out);
}
