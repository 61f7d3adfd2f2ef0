/* actor_text.h - how rows name who did something: "admin:ann", "key:key_01...". */
#ifndef PAYAPI_INFRASTRUCTURE_POSTGRES_ACTOR_TEXT_H
#define PAYAPI_INFRASTRUCTURE_POSTGRES_ACTOR_TEXT_H

#include "application/ctx.h"

/* Of ctx->actor; in the arena. Defined in store_history.c. */
const char *actor_text(const struct ctx *ctx);

#endif
