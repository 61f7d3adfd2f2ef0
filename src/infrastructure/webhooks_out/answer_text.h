/*
 * answer_text.h - the beginning of a stranger's answer, as text that can be stored and shown.
 */
#ifndef PAYAPI_INFRASTRUCTURE_WEBHOOKS_OUT_ANSWER_TEXT_H
#define PAYAPI_INFRASTRUCTURE_WEBHOOKS_OUT_ANSWER_TEXT_H

#include "base/arena.h"

#define ANSWER_BYTES_KEPT 4096

/*
 * At most ANSWER_BYTES_KEPT bytes of it. Control characters but tab and line feed, and bytes that
 * are not UTF-8, become \xHH, so that the text is at most four times as long. In the arena.
 */
const char *answer_text(struct arena *arena, struct bytes answer);

#endif
