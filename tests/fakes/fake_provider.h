/*
 * fake_provider.h - a provider whose next answers are scripted, with the ledger that a real one
 * keeps.
 *
 * It answers checkout, retrieve, expire, find and probe. Like a real one it makes one object per
 * idempotency key, however often the request comes; the same key with other bytes, or a call
 * inside a database transaction, fails the test at once. Both fake_stripe and fake_paystack are
 * this one provider under two names; but fake_paystack knows no keys: it refuses a second checkout
 * of the same payment, and a refund that it has made must not be asked for again.
 */
#ifndef PAYAPI_TESTS_FAKE_PROVIDER_H
#define PAYAPI_TESTS_FAKE_PROVIDER_H

#include "application/provider.h"

enum fake_reaction {
    FAKE_ANSWERS,                       /* makes the object, or finds it again */
    FAKE_REFUSES,                       /* 402 */
    FAKE_REFUSES_THE_ADDRESS,           /* 422: the caller's fault, who can correct it */
    FAKE_REJECTS,                       /* 400: our request was wrong; a 502 for the client */
    FAKE_IS_DOWN,                       /* no connection: not executed */
    FAKE_IS_BUSY,                       /* 429: not executed */
    FAKE_REFUSES_OUR_KEY,               /* 401 */
    FAKE_LOSES_ITS_ANSWER,              /* makes the object; we get a time-out */
    FAKE_HANGS,                         /* makes nothing; we get a time-out */
    FAKE_NAMES_ANOTHER_AMOUNT,          /* makes the object, and reports one cent less */
    FAKE_SAYS_PAID,                     /* makes the object; it is paid already */
    FAKE_FAILS,                         /* 500, kept for the key; nothing was done */
    FAKE_FAILS_AFTER_WORK,              /* 500, kept for the key; it was done */
    FAKE_REPLAYS_A_500,                 /* ... and what the key brings then */
    FAKE_IS_OVERLOADED,                 /* 503, kept for nobody; nothing was done */
    FAKE_SAYS_NOTHING_IS_LEFT,          /* 400 to a refund: others were made elsewhere */
    FAKE_SAYS_PENDING,                  /* makes the refund; it is pending */
    FAKE_SAYS_FAILED,                   /* makes the refund; it has failed */
    FAKE_SAYS_DUPLICATE                 /* the reference was used before: tells nothing */
};

enum fake_state { FAKE_OPEN, FAKE_PAID, FAKE_UNDER_WAY, FAKE_OVER, FAKE_EXPIRED,
                  FAKE_REVERSED };      /* paid, and all of it has gone back */

struct fake_object {
    char              key[64];
    char              body[1024];       /* the first request's */
    int               requests;         /* with this key */
    bool              made;
    bool              replays_500;
    enum fake_state   state;
    char              expire_key[96];   /* of the request that ended it */
    bool              is_refund;
    struct refund_id  refund_id;        /* of a refund */
    struct payment_id payment_id;
    struct money      amount;
    char              ref[64], url[128];
};

#define FAKE_PROCESSING_MAX_S (21 * 24 * 3600)

extern const struct provider fake_stripe, fake_paystack;

void fake_provider_reset(void);
/*
 * Their circuits; an answered probe closes its own. fake_paystack takes its home currencies only.
 */
void fake_provider_set_health(const struct provider *provider, struct provider_health health);
void fake_provider_set_health_of(const struct provider *provider, enum provider_direction direction,
                                 struct provider_health health);
/* The next calls react like these, in order; after them everything is answered. */
void fake_provider_will(enum fake_reaction reaction);
/* Runs once during the next call, after the provider's effect and before its answer. */
void fake_provider_during_call(void (*callback)(void *), void *argument);

int fake_provider_call_count(void);
int fake_provider_key_count(void);              /* distinct keys seen */
int fake_provider_object_count(void);           /* objects made */
/* By key, in order of arrival; to be changed. */
struct fake_object *fake_provider_object(int at);
int fake_provider_paid_count(void);
int fake_provider_open_count(void);             /* pages that a payer could pay on */
/* Others' objects come first in every list; a page of it has 2. */
void fake_provider_has_others(int count);

/* Refunds it has made of all payments, in minor units. */
int64_t fake_provider_refunded_minor(void);
/*
 * What the next list of refunds holds, 2 on a page; fake_paystack's begins with what it made.
 * Borrowed.
 */
void fake_provider_lists_nothing_now(bool fails);      /* 503 to every list of refunds */
int  fake_provider_list_count(void);                   /* pages of refunds that were asked for */
void fake_provider_lists(const struct provider_refund *refunds, int count);

/* What every list of disputes holds, as it is then. Borrowed. */
void fake_provider_lists_disputes(const struct provider_dispute *disputes, int count);
void fake_provider_lists_no_disputes_now(bool fails);   /* 503 to every list of disputes */
int  fake_provider_dispute_lists(void);                 /* lists asked for */

/* The event that the next verified webhook carries. */
void fake_provider_sends(const struct provider_event *event);
extern const char fake_good_signature[];

#endif
