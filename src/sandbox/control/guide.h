/*
 * guide.h - GET /: a page that says what this is, and how to direct it. It holds no secret.
 */
#ifndef SANDBOX_GUIDE_H
#define SANDBOX_GUIDE_H

#include "sandbox/http/http.h"

/* url: where this sandbox is reached. */
void guide_answer(struct exchange *exchange, const char *url);

/* The page's style sheet, at GUIDE_STYLE_PATH. */
#define GUIDE_STYLE_PATH "/guide.css"
void guide_answer_style(struct exchange *exchange);

#endif
