/* given_refund.h - a paid order of alice's, and refunds of it by an admin. */
#ifndef PAYAPI_TESTS_GIVEN_REFUND_H
#define PAYAPI_TESTS_GIVEN_REFUND_H

#include "given.h"

/* 99.99 USD, order abc-123; the world starts afresh. */
void given_an_unpaid_payment(void);
void given_a_paid_payment(void);
int  set_up_a_paid_payment(void **state);
/* The invariants hold, and the schema had nothing to refuse. */
int  tear_down_checked(void **state);

/* Each call is another request (another holder). */
const struct idempotency_key *a_refund_key(const char *key, const char *fingerprint);
/* Of the last payment; its body is the terms themselves. */
struct refund_payment refund_command(int64_t amount_minor, const struct idempotency_key *key);
/* Runs it as an admin and expects an answer; the fingerprint follows from the amount. */
struct answer refund_answer(int64_t amount_minor, const char *key);
/* Delivers it, whether or not it changes anything. */
void given_the_webhook_if_news(struct provider_event event);

struct refund      *last_refund(void);
struct fake_tables *rows(void);

#endif
