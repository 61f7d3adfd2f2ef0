/*
 * commands.h - the use cases that change something. One file each under application/commands/.
 *
 * A command's answer is ready to be sent: rendered in its last transaction, or the stored first
 * answer of its idempotency key. A returned problem was not stored with the key.
 */
#ifndef PAYAPI_APPLICATION_COMMANDS_H
#define PAYAPI_APPLICATION_COMMANDS_H

#include "application/answer.h"
#include "application/idempotency.h"
#include "application/store/store_api_keys.h"
#include "application/store/store_delivery_list.h"
#include "application/store/store_inbox_events.h"
#include "application/store/store_webhook_endpoints.h"

struct create_order {
    /* id "": we choose; owner "": the caller, or the name of its API key; times are filled in */
    struct order                  order;
    const struct idempotency_key *key;      /* NULL: none */
};
const struct problem *create_order(struct ctx *ctx, const struct create_order *command,
                                   struct answer *answer_out);

struct checkout_order {
    struct order_id               order_id;
    const char                   *currency;         /* "" : the order's */
    const char                   *provider;         /* "" : the configured one */
    const char                   *return_url;       /* "" : a page of ours */
    const char                   *cancel_url;
    const char                   *customer_email;   /* "" : the order's */
    const struct idempotency_key *key;              /* NULL: none */
};
const struct problem *checkout_order(struct ctx *ctx, const struct checkout_order *command,
                                     struct answer *answer_out);

struct refund_terms {
    int64_t     amount_minor;           /* 0: all that is left */
    const char *currency;               /* "": the payment's */
    const char *reason;                 /* duplicate, fraudulent, requested_by_customer, "" */
    const char *amount_pointer;         /* of the member that names an amount: "#/amountMinor" */
};
struct refund_payment {
    struct payment_id             payment_id;
    /*
     * Reads what body asks for, once the payment is found: the payment's currency says what an
     * amount's digits mean. refund_payment returns its problem and leaves the key unused.
     */
    const struct problem *(*read_terms)(struct ctx *ctx, const void *body, const char *currency,
                                        struct refund_terms *terms_out);
    const void                   *body;
    const struct idempotency_key *key;              /* required; bound to the payment for ever */
};
const struct problem *refund_payment(struct ctx *ctx, const struct refund_payment *command,
                                     struct answer *answer_out);

/*
 * Closes an unpaid payment at the provider; the order can be paid anew. Answers 200 with the
 * payment, or 202 while the outcome is still unknown.
 */
const struct problem *cancel_payment(struct ctx *ctx, const char *payment_id,
                                     struct answer *answer_out);
/*
 * Asks the provider now and corrects the payment (recover_payment.h). Answers 200, or 202 while the
 * outcome is still unknown.
 */
const struct problem *sync_payment(struct ctx *ctx, const char *payment_id,
                                   struct answer *answer_out);
enum review_verdict {
    REVIEW_VERDICT_DISMISS,             /* nothing needs to be done */
    REVIEW_VERDICT_ACCEPT,              /* what came is accepted as the whole amount */
    REVIEW_VERDICT_REFUND,              /* an amount, or all that can go back */
    REVIEW_VERDICT_WRITE_OFF,           /* what came is kept, and the order can be paid anew */
    REVIEW_VERDICT_REFUND_ELSEWHERE,    /* an amount was given back by other means: book it */
    REVIEW_VERDICT_GIVE_OWNER,          /* of an order that was restored without one */
    REVIEW_VERDICT_GIVE_UP_CALL,        /* the outcome of its open calls will never be known */
    REVIEW_VERDICT_ATTACH               /* money that pays for nothing pays another order */
};
MUST_CHECK bool review_verdict_parse(const char *name, enum review_verdict *verdict_out);

struct review_terms {
    int64_t     amount_minor;           /* 0: none was given */
    const char *amount_pointer;         /* of the member that names one: "#/amountMinor" */
};
struct review_payment {
    const char                   *payment_id;
    enum review_verdict           verdict;
    const char                   *reason;
    const char                   *owner_id;     /* "" unless with REVIEW_VERDICT_GIVE_OWNER */
    const char                   *reference;    /* "" unless with REVIEW_VERDICT_REFUND_ELSEWHERE */
    const char                   *order_id;     /* "" unless with REVIEW_VERDICT_ATTACH */
    /* Reads what body asks for, in the payment's currency, as with refund_payment. */
    const struct problem *(*read_terms)(struct ctx *ctx, const void *body, const char *currency,
                                        struct review_terms *terms_out);
    const void                   *body;
};
/*
 * Carries out a human's verdict: clears needsReview, does what the verdict says, and records the
 * reason in the audit.
 */
const struct problem *review_payment(struct ctx *ctx, const struct review_payment *command,
                                     struct answer *answer_out);

#define FINDING_REASON_MAX 255
struct explain_finding {
    const char *reconciliation_id;      /* the finding's; NULL: any */
    int64_t     number;
    const char *reason;                 /* FINDING_REASON_MAX bytes at most, kept for ever */
};
/* Marks an open finding as explained, with the human's reason in the audit. */
const struct problem *explain_finding(struct ctx *ctx, const struct explain_finding *command);

/*
 * What a new API key may do. The command checks that the caller holds each scope itself and that
 * the expiry is ahead; the form of the rest is checked by whoever reads it.
 */
struct create_api_key {
    const char    *name;                /* 1 to API_KEY_NAME_MAX bytes */
    struct scopes  scopes;              /* at least one */
    struct network networks[API_KEY_NETWORKS_MAX];
    int            network_count;
    int64_t        expires_at_ms;       /* 0: never */
};
struct new_api_key {
    struct api_key_record record;
    char                  text[API_KEY_TEXT_MAX];   /* the key itself: to be shown once */
};
/* Makes a key for the mode of our provider keys. A repeat makes another one. */
const struct problem *create_api_key(struct ctx *ctx, const struct create_api_key *command,
                                     struct new_api_key *key_out);
/* Refuses the key from now on: every worker within API_KEY_MEMORY_MS. Again: nothing more. */
const struct problem *revoke_api_key(struct ctx *ctx, const char *id,
                                     struct api_key_record *record_out);

struct create_webhook_endpoint {
    const char           *url;          /* judged by endpoint_url_fault */
    const char           *description;  /* "": none */
    struct webhook_events events;       /* at least one */
};
/*
 * Told of events from now on. Of a URL that an endpoint has already:
 * PROBLEM_WEBHOOK_ENDPOINT_EXISTS, so a repeat makes no second one.
 */
const struct problem *create_webhook_endpoint(struct ctx *ctx,
                                              const struct create_webhook_endpoint *command,
                                              struct webhook_endpoint *endpoint_out);

struct change_webhook_endpoint {
    const char                  *url;           /* NULL: as it is; likewise below */
    const char                  *description;
    bool                         has_events, has_status;
    struct webhook_events        events;
    enum webhook_endpoint_status status;        /* enabled or disabled */
};
/* Enabled again it is tried with one delivery at first, and what waited is due. */
const struct problem *change_webhook_endpoint(struct ctx *ctx, const char *id,
                                              const struct change_webhook_endpoint *command,
                                              struct webhook_endpoint *endpoint_out);
const struct problem *delete_webhook_endpoint(struct ctx *ctx, const char *id,
                                              struct webhook_endpoint *endpoint_out);

#define OVERLAP_S_DEFAULT 86400
#define OVERLAP_S_MAX     604800
/* The next generation of its secret; for overlap_s the former ones sign too. */
const struct problem *rotate_webhook_secret(struct ctx *ctx, const char *id, int64_t overlap_s,
                                            struct webhook_endpoint *endpoint_out);

/* Sends it the event webhook_endpoint.test, whatever it asks for. */
const struct problem *test_webhook_endpoint(struct ctx *ctx, const char *id,
                                            struct delivery_details *details_out);
/* Sends an event once more; one that is on its way stays as it is. */
const struct problem *resend_delivery(struct ctx *ctx, const char *delivery_id,
                                      struct delivery_details *details_out);

#define RECOVERY_SPAN_MS INT64_C(1209600000)    /* 14 days */
/* Sends what it has not accepted of that span (until_ms 0: until now). */
const struct problem *recover_webhooks(struct ctx *ctx, const char *id, int64_t since_ms,
                                       int64_t until_ms, struct webhook_recovery *recovery_out);

/* What several of these find. */
const struct problem *no_webhook_endpoint(struct ctx *ctx);
const struct problem *webhook_endpoint_exists(struct ctx *ctx);

#define CHECKPOINTS_AT_ONCE 20
/*
 * Seals the rows that the audit log has gained, every 5 s and on demand: as many checkpoints as it
 * takes, CHECKPOINTS_AT_ONCE at most; then there may be more to seal. settings->audit_record is
 * kept up to date. Continues behind checkpoints that our key did not sign, and in a new epoch after
 * a restore or when the newest checkpoints are gone (audit_checkpoint.h). Two runners at once do no
 * harm. Returns a problem without a signing key.
 *
 * note "": the usual case. Otherwise opens an epoch whose first checkpoint has the note: whoever
 * has the key accepts that earlier checkpoints are lost. Makes no checkpoint when another runner
 * was first, or no row is there.
 */
const struct problem *checkpoint_audit(struct ctx *ctx, const char *note, int *made_out);

struct receive_webhook {
    const char  *provider;              /* "stripe" */
    const char  *signature_header;      /* "" when absent */
    struct bytes raw_body;
    uint64_t     sender;                /* rejections.h: a network; 0 unknown */
};
enum webhook_outcome {
    WEBHOOK_APPLIED,
    WEBHOOK_DUPLICATE,
    WEBHOOK_STORED,                     /* kept for a later try */
    WEBHOOK_NOT_FOR_US                  /* unused type, or another mode: kept as ignored */
};
/* OK means that it is stored for good and the provider may stop sending it. */
const struct problem *receive_webhook(struct ctx *ctx, const struct receive_webhook *command,
                                      enum webhook_outcome *outcome_out);
/*
 * Records what was rejected since the last report when a minute is over, or now when at_once: one
 * audit row and one log line for each provider and cause. Does nothing when nothing is due. What
 * cannot be written is reported later.
 */
void tell_rejections(struct ctx *ctx, bool at_once);

/* For the API, on an event that was kept; NOT_FOUND when there is none. */
struct webhook_trial {
    enum webhook_outcome  outcome;      /* STORED: it would keep waiting */
    const char           *reason;       /* why; "" */
    bool                  payment_found;
    struct payment        before;
    struct inbox_effect effect;         /* what it would write */
};
/*
 * Applies the event once more, whatever became of it, with fresh tries if it has to wait. Audited.
 */
const struct problem *replay_webhook(struct ctx *ctx, const char *inbox_id,
                                     enum webhook_outcome *outcome_out);
/* Shows what that would do without doing it. Asks no provider. */
const struct problem *try_webhook(struct ctx *ctx, const char *inbox_id,
                                  struct webhook_trial *trial_out);

#endif
