/*
 * change_source.h - what caused a change of a payment, refund or dispute.
 *
 * Decisions use the kind. The text is only for the audit and the log, which keep it for ever.
 */
#ifndef PAYAPI_APPLICATION_CHANGE_SOURCE_H
#define PAYAPI_APPLICATION_CHANGE_SOURCE_H

enum change_source_kind {
    SOURCE_CHECKOUT,                    /* the provider's answer to our checkout */
    SOURCE_REFUND,                      /* ... to our refund: its caller gets the outcome */
    SOURCE_RECOVERY,                    /* recovery asked for the outcome of a call */
    SOURCE_EXPIRY,                      /* recovery closed a page whose time was over */
    SOURCE_CANCEL,                      /* recovery closed a page before its time */
    SOURCE_SYNC,                        /* a look at the object without an open call */
    SOURCE_REFUNDS_LIST,                /* the provider's list of the payment's refunds */
    SOURCE_DISPUTES_LIST,               /* the provider's list of the payment's disputes */
    SOURCE_ADOPTION,                    /* an object that we had no payment for */
    SOURCE_REVIEW,                      /* a human's verdict */
    SOURCE_GIVEN_UP,                    /* a human gave the call up */
    SOURCE_EVENT                        /* a provider's event, delivered or pulled */
};

struct call_answer;

struct change_source {
    enum change_source_kind kind;
    /* of SOURCE_EVENT: the provider's name of the type; else NULL. Borrowed */
    const char             *event_type;
    /* the answer to our call that brought the change; NULL: none. Borrowed (settling/history.h) */
    struct call_answer     *answer;
};

/* For any kind but SOURCE_EVENT. */
static inline struct change_source change_source_of(enum change_source_kind kind)
{
    return (struct change_source) { .kind = kind };
}

static inline struct change_source change_source_answer(enum change_source_kind kind,
                                                        struct call_answer *answer)
{
    return (struct change_source) { .kind = kind, .answer = answer };
}

static inline struct change_source change_source_event(const char *type)
{
    return (struct change_source) { .kind = SOURCE_EVENT, .event_type = type };
}

/*
 * The text for audit and log: "checkout", "refunds.list", an event's type. Static or the event's.
 */
const char *change_source_text(struct change_source source);

#endif
