/*
 * provider.h - a payment provider, in our words. The one interface made of function pointers: all
 * providers of providers.def live in one process behind it.
 *
 * A call has two separate parts: the exact request, written by a pure function and frozen in the
 * database before anything is sent; and the sending, which reports what is known afterwards.
 */
#ifndef PAYAPI_APPLICATION_PROVIDER_H
#define PAYAPI_APPLICATION_PROVIDER_H

#include "application/audit/authorship.h"
#include "application/ctx.h"
#include "domain/books.h"
#include "domain/dispute.h"
#include "domain/order.h"
#include "domain/payment.h"
#include "domain/refund.h"

#define PROVIDER_EVENT_ID_MAX   256
#define PROVIDER_EVENT_TYPE_MAX 128
/*
 * The longest Retry-After that counts, equal to the longest step of our own timetable: a provider
 * with a wrong date may ask for years, and nobody would look at its payments meanwhile.
 */
#define PROVIDER_RETRY_AFTER_MAX_S 3600
#define PROVIDER_KEY_RETRY_MAX_S (23 * 3600)    /* keys live 24 h at Stripe; an hour of margin */

/* The rows of providers.def. No list of providers is longer than PROVIDERS_MAX. */
enum provider_id {
#define PROVIDER(id, ...) PROVIDER_##id,
#include "application/providers.def"
    PROVIDERS_MAX
};
/* The name in providers.def: "stripe". */
const char *provider_name(enum provider_id id);
/* False, with *id_out untouched: no provider has that name. */
bool provider_find(const char *name, enum provider_id *id_out);
/* All names with a blank between them, in the order of providers.def. */
const char *provider_names(void);
/* What a call asks for. */
enum provider_operation {
    OP_ANY,                             /* no operation; in a table of answers: every one */
    OP_CHECKOUT,                        /* open a hosted page */
    OP_RETRIEVE,                        /* look at the payment */
    OP_EXPIRE,                          /* close the page */
    OP_FIND,                            /* find a payment whose reference was lost */
    OP_REFUND,                          /* return money */
    OP_LIST_REFUNDS,                    /* all refunds of a payment */
    OP_LIST_DISPUTES,                   /* all disputes of a payment */
    OP_PROBE,                           /* ask whether the provider answers at all */
    OP_ADOPT,                           /* look at a payment that we do not have */
    OP_LIST_EVENTS,                     /* the account's events */
    OP_LIST_BOOK                        /* the account's charges, refunds or disputes of a day */
};
#define PROVIDER_OPERATIONS (OP_LIST_BOOK + 1)
/* The stored, logged and displayed name: "checkout", "list_refunds"; "" for OP_ANY. Static. */
const char *provider_operation_name(enum provider_operation operation);
/* The operation of that name. False, *operation_out untouched, when there is none. */
MUST_CHECK bool provider_operation_parse(const char *name, enum provider_operation *operation_out);

/* The bytes of one call. All members are in the arena or static. Never holds a secret. */
struct provider_request {
    enum provider_operation operation;
    const char  *method;                /* "POST" */
    const char  *path;                  /* "/v1/checkout/sessions", with the query */
    struct bytes body;
    const char  *idempotency_key;       /* "" for GET */
};

/* The reply, or the lack of one. */
struct provider_reply {
    int          http_status;           /* 0: no complete answer */
    struct bytes body;
    bool         sent;                  /* at least one byte of the request may have left us */
    bool         timed_out;
    bool         complete;              /* the answer arrived whole and below the size limit */
    int          retry_after_s;         /* PROVIDER_RETRY_AFTER_MAX_S at most; 0 absent */
    int          should_retry;          /* header Stripe-Should-Retry: 1, 0, or -1 absent */
    bool         replayed;              /* the stored answer to an earlier request with this key */
    const char  *request_id;            /* provider's own id of the request, or "" */
    const char  *error;                 /* transport error for our log, or "" */
    int64_t      duration_ms;
};

/* What a reply means; docs/reliability.md section 2.2. */
enum provider_verdict {
    VERDICT_DONE,                       /* known: it happened, and payment says what */
    VERDICT_REFUSED,  /* known: no money was taken and none will be by this call */
    VERDICT_NOT_EXECUTED,  /* provably nothing happened: the same call may be sent again */
    VERDICT_MISCONFIGURED,  /* not executed, and repeating does not help: our key is wrong */
    VERDICT_UNKNOWN                     /* it may have happened */
};
const char *provider_verdict_name(enum provider_verdict verdict);

/* Whether a webhook is the provider's. */
enum signature_verdict {
    SIGNATURE_FITS,
    SIGNATURE_ABSENT,
    SIGNATURE_MALFORMED,
    SIGNATURE_STALE,  /* its time is too far from ours: it is old, or a clock is wrong */
    SIGNATURE_WRONG,                    /* forged, or the secret is another one */
    SIGNATURE_UNREAD                    /* its sender is held back (rejections.h) */
};
#define SIGNATURE_VERDICTS (SIGNATURE_UNREAD + 1)
/* For the log and the audit: "the signature matches none of our secrets". */
const char *signature_verdict_name(enum signature_verdict verdict);

/* A provider's view of one payment. */
struct provider_payment {
    struct payment_id    payment_id;            /* ours, from the metadata; "" when absent */
    struct order_id      order_id;              /* likewise */
    char                 proof[AUTHORSHIP_PROOF_MAX];   /* likewise: authorship.h */
    bool                 named_by_us;           /* its reference is derived from payment_id */
    char                 ref[PROVIDER_REF_MAX];     /* hosted page: cs_..., "" when not named */
    char                 intent[PROVIDER_REF_MAX];  /* pi_..., "" when not named */
    char                 checkout_url[URL_MAX];     /* "" when not payable */
    struct payment_facts facts;
    int64_t              captured_at_s;         /* when the money came, Unix; 0: not told */
    int64_t              amount_minor;  /* ISO minor units; 0 when the document names none */
    char                 currency[4];           /* upper case; "" when the document names none */
    bool                 livemode;
    bool                 went_back;             /* captured money, but all of it has gone back */
};

/* A provider's view of one refund. */
struct provider_refund {
    struct refund_id   refund_id;  /* ours, from the metadata; "" when made elsewhere */
    char               ref[PROVIDER_REF_MAX];       /* re_... */
    char               intent[PROVIDER_REF_MAX];    /* whose money: pi_... */
    int64_t            amount_minor;            /* ISO minor units */
    char               currency[4];             /* upper case */
    enum refund_status status;
    int64_t            created_s;  /* when it was made, by the provider's clock; 0 not told */
    char               failure_reason[FAILURE_REASON_MAX];
    int64_t            at_s;                    /* when it got this status, Unix; 0: not told */
    bool               livemode;
    bool               made_elsewhere;          /* by other means: only our own books know it */
};

/* A provider's view of one dispute. */
struct provider_dispute {
    char                 ref[PROVIDER_REF_MAX];     /* dp_... */
    char                 intent[PROVIDER_REF_MAX];  /* whose money: pi_...; "" when not named */
    char                 currency[4];           /* upper case; all amounts in its ISO minor units */
    struct dispute_facts facts;                 /* amount_minor > 0; at_ms: when it was said */
    bool                 livemode;
};

struct provider_outcome {
    enum provider_verdict   verdict;
    struct provider_payment payment;            /* with VERDICT_DONE of a call about a payment */
    struct provider_refund  refund;             /* with VERDICT_DONE of a call about a refund */
    bool                    absent;  /* with VERDICT_DONE of "find": not on this page of the list */
    /* ... and where the next page begins; "": this was the last */
    const char             *find_after;
    const struct problem   *problem;            /* with other verdicts: for the client */
    char                    failure_code[FAILURE_CODE_MAX];     /* with VERDICT_REFUSED */
    char                    failure_reason[FAILURE_REASON_MAX];
};

enum provider_event_kind {
    PROVIDER_EVENT_PAYMENT,             /* payment says what is known now */
    PROVIDER_EVENT_REFUND,              /* refund says what is known now */
    PROVIDER_EVENT_LATER,               /* says too little: the inbox job asks for the object */
    PROVIDER_EVENT_DISPUTE,             /* dispute says what is known now */
    PROVIDER_EVENT_UNUSED               /* a type that tells us nothing */
};

struct provider_event {
    char                     id[PROVIDER_EVENT_ID_MAX];         /* evt_... */
    char                     type[PROVIDER_EVENT_TYPE_MAX];
    enum provider_event_kind kind;
    bool                     livemode;
    bool                     says_paid; /* it says that the payer has paid */
    int64_t                  created_s;
    /* with PROVIDER_EVENT_PAYMENT; otherwise its references at most */
    struct provider_payment  payment;
    struct provider_refund   refund;    /* with PROVIDER_EVENT_REFUND */
    const struct provider_refund *more_refunds;     /* further ones of the event; in the arena */
    int                      more_refund_count;
    struct provider_dispute  dispute;   /* with PROVIDER_EVENT_DISPUTE */
    const char              *unused_because;    /* with PROVIDER_EVENT_UNUSED; NULL: its type */
};

/* What the object behind an event turns out to be when the event names no payment that we have. */
enum provider_adoption {
    ADOPTION_UNTOLD,                    /* the answer does not say: ask later */
    ADOPTION_NOT_OURS,                  /* it carries no payment id and order id in our form */
    ADOPTION_CLAIMED  /* it does; its proof says whether we made it (authorship.h) */
};

/* A payment that only the provider knows and that claims to be ours. */
struct provider_adopted {
    /* with payment id, order id, proof, amount, currency and facts */
    struct provider_payment payment;
    int64_t                 created_s;  /* the provider's clock */
    int64_t                 expires_s;  /* when its page expires */
};

#define PROVIDER_EVENTS_PAGE_MAX 100

/* One page of the provider's list of events, newest first (of each kind). */
struct provider_event_page {
    /* Each is for read_webhook, which may refuse it. In the arena or the reply. */
    struct bytes bodies[PROVIDER_EVENTS_PAGE_MAX];
    int          count;
    int64_t      newest_s;              /* creation of the newest one; 0: the page is empty */
    const char  *after;                 /* where the next page begins; "": this was the last */
};

/* An object of the account's lists, whoever made it. */
struct provider_book_entry {
    struct book_entry       entry;      /* named as in our ledger */
    /* the object itself: ch_..., re_..., dp_... */
    char                    told_ref[PROVIDER_REF_MAX];
    struct provider_payment payment;  /* whose money: the references it names, and its proof */
    struct refund_id        refund_id;  /* of a refund: the id of ours that it claims */
    bool                    other_mode; /* live where we test, or the other way round */
    bool                    fee_told, net_told;
    /* in settled_currency; net is positive towards the shop */
    int64_t                 fee_minor, net_minor;
    char                    settled_currency[4];        /* "" unless one of them is told */
};

/* One page of such a list. */
struct provider_book_page {
    struct provider_book_entry *entries;
    int         count;                  /* PROVIDER_EVENTS_PAGE_MAX at most */
    int         unreadable;             /* objects left out: it is unclear what they are */
    const char *after;                  /* where the next page begins; "": this was the last */
};

/* The data of a hosted page. */
struct provider_checkout {
    const struct payment *payment;      /* id, amount, expires_at_ms */
    const struct order   *order;        /* description */
    const char           *customer_email;       /* "" none */
    const char           *return_url;
    const char           *cancel_url;
    const char           *proof;  /* proves that we made it; sent along (authorship.h) */
};

/*
 * A provider may accept writes while its reads fail, or the reverse: each direction has a circuit.
 */
enum provider_direction {
    PROVIDER_WRITES,                    /* POST: pages, refunds */
    PROVIDER_READS                      /* GET: look-ups, lists */
};
#define PROVIDER_DIRECTIONS 2

/* Whether the provider answers in one direction, as all processes of this machine found. */
struct provider_health {
    bool    circuit_open;               /* it did not answer lately */
    bool    failing;                    /* the last call failed */
    int     failed_status;              /* ... with this HTTP status; 0: without an answer */
    int     retry_after_s;  /* calls are refused unsent for so long; 0: the next one is sent */
    int64_t answered;                   /* calls of the last minute */
    int64_t failed;  /* ... without an answer, with a 5xx, or with our key refused */
    int64_t answered_at_ms;             /* the last answer; 0 never */
    int64_t called_at_ms;               /* the last call that ended, either way; 0 never */
    int64_t back_at_ms;  /* the last answer after it had failed for a while; 0 never */
};

struct breaker;

struct provider {
    const char     *name;               /* "stripe" */
    bool            livemode;           /* from the kind of our key */
    /*
     * Each POST carries a key that makes it take effect only once, so a frozen request may be sent
     * again. False: once it may have left us, a look-up comes first (recovery.h).
     */
    bool            repeats_safely;
    /*
     * Its objects are named by our payment id, so they can be asked for before anything is known
     * about them.
     */
    bool            names_by_our_id;
    /* how long a payer's attempt is under way at most; then a human is asked */
    int             processing_max_s;
    /* "NGN GHS": preferred for them when the choice is by currency */
    const char     *home_currencies;
    bool            needs_email;        /* takes no checkout without the payer's address */
    void           *account;            /* keys and connection: the implementation's own */
    struct breaker *breaker;            /* stands before call, and feeds read_health */

    /* Pure: can it take money in this currency at all? */
    bool (*takes_currency)(const char *currency);

    /*
     * Pure: the request to freeze. Returns a problem (422) when the provider cannot take this
     * amount.
     */
    const struct problem *(*write_checkout)(struct ctx *ctx, const struct provider *provider,
                                            const struct provider_checkout *wanted,
                                            struct provider_request *request_out);
    const struct problem *(*write_retrieve)(struct ctx *ctx, const struct payment *payment,
                                            struct provider_request *request_out);
    const struct problem *(*write_expire)(struct ctx *ctx, const struct payment *payment,
                                          struct provider_request *request_out);
    /*
     * Searches for the object of a checkout whose answer was lost, among those made around that
     * time; for intents that cannot be repeated with their key. One page at a time: after is "",
     * then find_after of the previous outcome.
     */
    const struct problem *(*write_find)(struct ctx *ctx, const struct payment *payment,
                                        const char *after, struct provider_request *request_out);
    const struct problem *(*write_refund)(struct ctx *ctx, const struct payment *payment,
                                          const struct refund *refund,
                                          struct provider_request *request_out);
    /* One page at a time: after is "", then read_refund_list's *after_out of the previous page. */
    const struct problem *(*write_list_refunds)(struct ctx *ctx, const struct payment *payment,
                                                const char *after,
                                                struct provider_request *request_out);
    /* All disputes of a payment. NULL: this provider has none to ask for. */
    const struct problem *(*write_list_disputes)(struct ctx *ctx, const struct payment *payment,
                                                 struct provider_request *request_out);
    /* Sends the request, waits, and reports what is known. Never inside a transaction. */
    void (*call)(struct ctx *ctx, const struct provider *provider,
                 const struct provider_request *request, struct provider_reply *reply_out);
    /* Makes no call, so it costs nothing. */
    struct provider_health (*read_health)(const struct provider *provider,
                                          enum provider_direction direction);
    /*
     * Pure: a request that changes nothing and that any key of ours may make. For PROVIDER_WRITES
     * the provider refuses it, because everything that is required is missing: a refusal is an
     * answer too.
     */
    void (*write_probe)(struct ctx *ctx, enum provider_direction direction,
                        struct provider_request *request_out);
    /* Pure: what this reply to that request means for the payment. */
    void (*read_reply)(struct ctx *ctx, const struct provider *provider,
                       const struct payment *payment, const struct provider_request *request,
                       const struct provider_reply *reply, struct provider_outcome *outcome_out);
    void (*read_refund_reply)(struct ctx *ctx, const struct provider *provider,
                              const struct payment *payment, const struct refund *refund,
                              const struct provider_request *request,
                              const struct provider_reply *reply,
                              struct provider_outcome *outcome_out);
    /*
     * A page of the provider's refunds of a payment, and where the next one begins ("": it was the
     * last). False: the reply says nothing.
     */
    bool (*read_refund_list)(struct ctx *ctx, const struct payment *payment,
                             const struct provider_reply *reply,
                             struct provider_refund **refunds_out, int *count_out,
                             const char **after_out);
    /* The same for its disputes, as they were at ctx->now_ms. */
    bool (*read_dispute_list)(struct ctx *ctx, const struct payment *payment,
                              const struct provider_reply *reply,
                              struct provider_dispute **disputes_out, int *count_out);
    /* Checks the raw bytes, before anything is parsed. */
    enum signature_verdict (*verify_webhook)(struct ctx *ctx, const struct provider *provider,
                                             const char *signature_header, struct bytes raw_body);
    /* Pure: their event in our words. Returns a problem (400) only when it is no event at all. */
    const struct problem *(*read_webhook)(struct ctx *ctx, struct bytes raw_body,
                                          struct provider_event *event_out);

    /*
     * Asks for the object whose payment we do not have. Returns a problem when the event names
     * none. NULL, like read_adopted: this provider's payments cannot be adopted.
     */
    const struct problem *(*write_adopt)(struct ctx *ctx, const struct provider_event *event,
                                         struct provider_request *request_out);
    enum provider_adoption (*read_adopted)(struct ctx *ctx, const struct provider *provider,
                                           const struct provider_event *event,
                                           const struct provider_reply *reply,
                                           struct provider_adopted *adopted_out);
    /*
     * The events created since since_s (the provider's clock), of the types that read_webhook
     * knows. One page at a time: after is "", then that of the previous page. NULL: the provider
     * has no such list. lists_what_was_made: the list is of objects made since then, as they are
     * now. It does not show what happens to an older one, so it is read far back from time to time
     * (PULL_DEEP_DAYS).
     */
    bool lists_what_was_made;
    const struct problem *(*write_list_events)(struct ctx *ctx, int64_t since_s, const char *after,
                                               struct provider_request *request_out);
    /* after: as in the request. False: the reply is no such page, and proves nothing. */
    bool (*read_event_list)(struct ctx *ctx, const char *after, const struct provider_reply *reply,
                            struct provider_event_page *page_out);
    /*
     * Everything that was made on the account from from_s up to, not including, to_s (the
     * provider's clock), except money that did not come. One page at a time, as above. NULL: it has
     * no such lists.
     */
    const struct problem *(*write_list_book)(struct ctx *ctx, enum book_kind kind, int64_t from_s,
                                             int64_t to_s, const char *after,
                                             struct provider_request *request_out);
    /* False: the reply is no such page. An unreadable object is counted and stops nothing. */
    bool (*read_book)(struct ctx *ctx, const struct provider *provider, enum book_kind kind,
                      const struct provider_reply *reply, struct provider_book_page *page_out);
};

/* The configured provider of that name, or NULL. */
const struct provider *ctx_find_provider(const struct ctx *ctx, const char *name);

#endif
