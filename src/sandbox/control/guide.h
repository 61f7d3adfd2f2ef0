/*
 * guide.h - GET /: a page that says what this is, and how to direct it. It holds no secret.
 */
#ifndef PAYAPI_SANDBOX_CONTROL_GUIDE_H
#define PAYAPI_SANDBOX_CONTROL_GUIDE_H

#include "sandbox/http/http.h"
#include "world.h"

/* Lists the routes of the world, under the address at which this sandbox is reached. */
void guide_answer(const struct world *world, struct exchange *exchange);

/* The page's style sheet, at GUIDE_STYLE_PATH. */
#define GUIDE_STYLE_PATH "/guide.css"
void guide_answer_style(struct exchange *exchange);

#endif
