/*
 * json_body.h - the body of a request as a JSON object, with its numbers as text.
 *
 * Strict: JSON in UTF-8 by its Content-Type (415); RFC 8259 with an object on top, no member given
 * twice and at most JSON_DEPTH_MAX levels (400).
 */
#ifndef PAYAPI_INFRASTRUCTURE_API_INPUT_JSON_BODY_H
#define PAYAPI_INFRASTRUCTURE_API_INPUT_JSON_BODY_H

#include "infrastructure/json_numbers.h"
#include "infrastructure/json_parse.h"
#include "request.h"

struct json_body {
    json_t             *members;        /* an object */
    struct json_numbers numbers;
};

enum json_body_rule { BODY_REQUIRED, BODY_OPTIONAL };   /* optional: no body means {} */

const struct problem *json_body_read(struct ctx *ctx, const struct request *request,
                                     enum json_body_rule rule, struct json_body *body_out);

/* The text of a number as the client wrote it: "99.99". json_real values do not occur. */
struct bytes json_body_number(const struct json_body *body, const json_t *number);

/*
 * The body with sorted members and without blanks: the same for requests that say the same. Numbers
 * keep their digits: 99.9 and 99.90 are different requests.
 */
struct bytes json_body_canonical(struct arena *arena, const struct json_body *body);

#endif
