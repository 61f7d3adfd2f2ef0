/*
 * paystack.h - the state of the played Paystack account: transactions, refunds, disputes.
 *
 * One mutex, paystack_lock, guards everything here; nobody sleeps or sends while holding it.
 * Objects live until paystack_reset. Amounts are always in hundredths of the currency unit.
 * Source: docs/facts.md, 6 to 9.
 */
#ifndef PAYAPI_SANDBOX_PAYSTACK_PAYSTACK_H
#define PAYAPI_SANDBOX_PAYSTACK_PAYSTACK_H

#include <jansson.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "paystack_currency.h"
#include "sandbox/faults/faults.h"
#include "sandbox/kit/collection.h"
#include "sandbox/kit/heap.h"
#include "sandbox/kit/sandbox_clock.h"
#include "sandbox/webhooks/webhooks.h"

/*
 * Ids are as large as Paystack's own and are never given twice, not even after a restart: they
 * count up from a number derived from the time. Large ones lie above 2^53, where a double can no
 * longer tell neighbours apart.
 */
#define PAYSTACK_ID_FIRST            INT64_C(5000000000)
#define PAYSTACK_LARGE_ID_FIRST      (INT64_C(1) << 60)
#define PAYSTACK_IDS_PER_SECOND      64
#define PAYSTACK_EPOCH_S             INT64_C(1750000000)
#define PAYSTACK_INTEGRATION         463433
#define PAYSTACK_REFERENCE_BYTES_MAX 100

enum paystack_status {
    PAYSTACK_ABANDONED,         /* also: just initialized */
    PAYSTACK_ONGOING,           /* the payer is asked for an OTP */
    PAYSTACK_PENDING,           /* these three: the bank is working on it */
    PAYSTACK_PROCESSING,
    PAYSTACK_QUEUED,
    PAYSTACK_SUCCESS,
    PAYSTACK_FAILED,            /* the payer may try again */
    PAYSTACK_REVERSED,          /* all of it went back */
};

enum paystack_refund_status {
    PAYSTACK_REFUND_PENDING,
    PAYSTACK_REFUND_PROCESSING,
    PAYSTACK_REFUND_PROCESSED,
    PAYSTACK_REFUND_FAILED,
    PAYSTACK_REFUND_NEEDS_ATTENTION,
};

enum paystack_dispute_status {
    PAYSTACK_DISPUTE_AWAITING_MERCHANT,
    PAYSTACK_DISPUTE_AWAITING_BANK,
    PAYSTACK_DISPUTE_PENDING,
    PAYSTACK_DISPUTE_RESOLVED,
    PAYSTACK_DISPUTE_ARCHIVED,  /* seen, not documented; can no longer be answered */
};

enum paystack_resolution {
    PAYSTACK_UNRESOLVED,
    PAYSTACK_MERCHANT_ACCEPTED,
    PAYSTACK_DECLINED,
    PAYSTACK_AUTO_ACCEPTED,     /* the merchant did not answer by the due time */
};

struct paystack_transaction {
    struct item           item;                 /* its id is number in decimal */
    int64_t               number;
    enum paystack_status  status;
    bool                  is_closed;            /* its page takes no more money */
    bool                  is_foreign;           /* made by another program */
    int64_t               requested_amount;
    int64_t               amount;               /* what the payer pays, perhaps with the fees */
    int64_t               fees;                 /* 0 before the success */
    char                  currency[PAYSTACK_CURRENCY_BYTES];
    char                 *reference, *access_code, *email;
    char                 *callback_url;         /* may be NULL */
    json_t               *metadata;             /* as it was sent; NULL */
    const char           *channel;              /* "card", "bank_transfer" */
    char                 *gateway_response;
    char                  authorization_code[24];
    int64_t               paid_at_s;            /* 0 before the success */
    int64_t               refunded;             /* by refunds that have not failed */
    int64_t               refunds_processed;
    int64_t               charged_back;         /* by disputes that were accepted */
    int64_t               reversed, reversed_at_s;      /* by the bank alone; 0: nothing */
};

struct paystack_refund {
    struct item                  item;
    int64_t                      number;
    enum paystack_refund_status  status;
    struct paystack_transaction *transaction;
    int64_t                      amount;
    char                        *merchant_note, *customer_note;
    char                         reference[16]; /* the bank's; "" until processed */
    int64_t                      updated_at_s;
    int64_t                      processed_at_s, failed_at_s;   /* 0: never */
    int64_t                      fails_at_s;    /* by itself; 0: not planned */
};

struct paystack_dispute {
    struct item                  item;
    int64_t                      number;
    enum paystack_dispute_status status;
    enum paystack_resolution     resolution;
    struct paystack_transaction *transaction;
    int64_t                      refund_amount; /* what the payer wants, or gets */
    char                        *category;      /* "chargeback", "fraud" */
    char                        *attachments;   /* a file's name; may be NULL */
    int64_t                      due_at_s, resolved_at_s, updated_at_s;
    json_t                      *evidence;      /* NULL until some was given */
    json_t                      *history, *messages;    /* arrays */
};

/* How metadata comes back: their samples show all of these. */
enum paystack_metadata_form {
    PAYSTACK_METADATA_AS_SENT,
    PAYSTACK_METADATA_TEXT,     /* stringified */
    PAYSTACK_METADATA_EMPTY,    /* "" */
    PAYSTACK_METADATA_ZERO,     /* 0 */
    PAYSTACK_METADATA_NULL,
};

/* Set by the control API. */
struct paystack_settings {
    enum paystack_refund_status refund_outcome;         /* of new refunds */
    enum paystack_metadata_form metadata_form;
    int  passes_fees_on;        /* a bool, as the next ones: the payer pays the fees on top */
    int  has_large_ids;         /* ids above 2^60 */
    int  says_status_as_text;   /* "status":"false" in errors */
    int  says_only_message;     /* errors without type, code and meta */
    int  says_ids_as_text;      /* in webhooks */
    int  sends_charge_failed;   /* an event that Paystack does not list */
    int64_t refund_fails_after_s;       /* of new refunds; 0: they do not */
    int  missing_status;        /* of an unknown reference: 404 or 400 */
    int  created_status;        /* of a POST that made something: 200 or 201 */
    char domain[8];             /* "test" or "live" */
    char currencies[40];        /* switched on: "NGN USD" */
};

struct paystack {
    pthread_mutex_t          lock;
    struct sandbox_clock            *clock;
    struct faults           *faults;
    struct webhooks         *webhooks;
    char                    *secret_key;        /* "": every request is refused */
    char                    *public_url;        /* without a slash at the end */
    struct paystack_settings settings;
    int64_t                  numbers;           /* the last id given, minus the first one */
    struct collection        transactions, refunds, disputes;
    struct table            *by_reference, *by_access_code;     /* of transactions */
    struct heap              due;               /* disputes by due_at_s */
    struct heap              failing;           /* refunds by fails_at_s */
    int64_t                  ago_s;             /* how long ago the present act happened */
    struct table            *words;             /* those of a state that was read */
};

struct paystack *paystack_new(const char *secret_key, const char *public_url,
                              struct sandbox_clock *clock, struct faults *faults,
                              struct webhooks *webhooks);
void paystack_free(struct paystack *paystack);

/* Forgets all objects and settings. */
void paystack_reset(struct paystack *paystack);

/* The time of the present act: the clock's, minus ago_s. */
int64_t paystack_now_s(const struct paystack *paystack);

void paystack_lock(struct paystack *paystack);
void paystack_unlock(struct paystack *paystack);

/* A new id. */
int64_t paystack_take_number(struct paystack *paystack);

/* Gives the thing its number and place; the number is returned. */
int64_t paystack_add(struct paystack *paystack, struct collection *collection, struct item *item);

/* By reference, else by the id in decimal; NULL. */
struct paystack_transaction *paystack_find(const struct paystack *paystack, const char *name);

/* The tables of names, shared with JSON. */
const char *paystack_status_name(enum paystack_status status);
const char *paystack_refund_status_name(enum paystack_refund_status status);
const char *paystack_dispute_status_name(enum paystack_dispute_status status);
const char *paystack_resolution_name(enum paystack_resolution resolution);  /* NULL: none yet */
const char *paystack_metadata_form_name(enum paystack_metadata_form form);

/* False for an unknown name. */
bool paystack_status_from_name(const char *name, enum paystack_status *status_out);
bool paystack_refund_status_from_name(const char *name, enum paystack_refund_status *status_out);
bool paystack_dispute_status_from_name(const char *name,
                                       enum paystack_dispute_status *status_out);
bool paystack_resolution_from_name(const char *name, enum paystack_resolution *resolution_out);
bool paystack_metadata_form_from_name(const char *name, enum paystack_metadata_form *form_out);

#endif
