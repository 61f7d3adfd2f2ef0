/* json_out.h - the pieces that our JSON answers are made of. */
#ifndef PAYAPI_INFRASTRUCTURE_API_JSON_OUT_H
#define PAYAPI_INFRASTRUCTURE_API_JSON_OUT_H

#include "application/answer.h"
#include "base/text.h"

/* "name":value with a comma in front unless an object has just begun. "" and 0 ms give null. */
void json_out_text(struct text *text, const char *name, const char *value);     /* never null */
void json_out_optional(struct text *text, const char *name, const char *value);
void json_out_time(struct text *text, const char *name, int64_t at_ms);
void json_out_bool(struct text *text, const char *name, bool value);
void json_out_i64(struct text *text, const char *name, int64_t value);
void json_out_raw(struct text *text, const char *name, const char *json);
/* Two members: name with the exact decimal, name + "Minor" with the integer. */
void json_out_money(struct text *text, const char *name, struct money amount);

/* "2026-11-23T00:31:00.123Z" (RFC 3339, UTC). */
const char *rfc3339(struct arena *arena, int64_t at_ms);

/* {"success":true,"statusCode":201,"data":...,"meta":...}; meta NULL: no such member. */
struct answer envelope(struct ctx *ctx, int http_status, struct bytes data, const char *meta);
/* The meta of a 202: where to ask for the outcome, and not to repeat. NULL for any other status. */
const char *meta_of_accepted(struct ctx *ctx, int http_status, const char *status_url);

#endif
