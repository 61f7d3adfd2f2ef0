/*
 * answer_json.h - what every JSON answer has: the envelope, the meta of a 202, amounts of money.
 */
#ifndef PAYAPI_INFRASTRUCTURE_API_OUTPUT_ANSWER_JSON_H
#define PAYAPI_INFRASTRUCTURE_API_OUTPUT_ANSWER_JSON_H

#include "application/answer.h"
#include "base/json_out.h"

/* Two members: name with the exact decimal, name + "Minor" with the integer. */
void json_out_money(struct text *text, const char *name, struct money amount);

/* {"success":true,"statusCode":201,"data":...,"meta":...}; meta NULL: no such member. */
struct answer envelope(struct ctx *ctx, int http_status, struct bytes data, const char *meta);
/*
 * The meta of a 202: says where to ask for the outcome, and not to repeat. NULL for other statuses.
 */
const char *meta_of_accepted(struct ctx *ctx, int http_status, const char *status_url);

#endif
