/*
 * recorded_events.h - recorded documents of one payment's life at a provider, and that provider.
 *
 * Each document is read by the real adapter; when it is asked, the provider answers with what those
 * documents tell that were told (recorded_tell), so that its answers and its events agree.
 */
#ifndef PAYAPI_TESTS_RECORDED_EVENTS_H
#define PAYAPI_TESTS_RECORDED_EVENTS_H

#include "infrastructure/providers/paystack_fixture.h"

#define RECORDED_S INT64_C(1767225800)          /* when the life begins, Unix time */

/* JSON is written with ' for ", to be read. What is left out is NULL. */
struct recorded {
    const char *name;           /* for the reader of a failure */
    int         at_s;           /* Stripe: when it was made, after RECORDED_S */
    const char *file;           /* Stripe: documents/event-<file>.json */
    const char *type;           /* Stripe: another one than the file's */
    const char *object;         /* Stripe: what differs in it; Paystack: what lists have of it */
    const char *body;           /* Paystack: all of it */
    bool        paid;           /* it cannot be unless the payment is paid */
    const char *refund;         /* the reference of what it is about, and how that stands then */
    const char *dispute;
    const char *status;
    const char *room_for;       /* once there is a refund of this name, this is true as well */
};

struct document {
    const struct recorded *recorded;
    struct bytes           body;
    const char            *listed;      /* the refund or dispute as lists have it */
};

/* The documents of one provider, in the order in which it would happen. In the fixture's arena. */
void given_stripes_documents(void);
void given_paystacks_documents(void);

size_t                 recorded_count(void);
const struct document *recorded_document(size_t at);

/* The set of documents, a bit for each, that tells what the provider has. */
void                   recorded_tell(uint32_t set);
/* The real adapter, but nothing goes out and every signature is believed. */
const struct provider *recorded_provider(void);
int64_t                recorded_call_count(void);
bool                   recorded_is_paid(void);
/* It tells how its refund or dispute stands. */
bool                   recorded_is_newest(size_t at);

#endif
