/*
 * fake_store_parts.h - what the files of the fake store share: its state, queue, rows and refusals.
 * Each file is named like the store's header whose functions it has.
 */
#ifndef PAYAPI_TESTS_FAKE_STORE_PARTS_H
#define PAYAPI_TESTS_FAKE_STORE_PARTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fake_store.h"

#define FAKE_QUEUE_MAX  32
#define FAKE_FAULTS_MAX 16

typedef const struct problem *part_apply(struct ctx *ctx, const void *argument);
typedef const struct problem *part_read(struct ctx *ctx, void *argument);

struct queued {
    part_apply *apply;
    const void *argument;               /* in the arena of the request */
};

struct store {
    struct store_health health;
    struct fake_tables  committed;
    struct fake_tables  working;        /* the open transaction's */
    bool                wanted;         /* begins with the next statement that is not a peek */
    bool                open;
    bool                aborted;        /* had an error: only a rollback may follow */
    struct queued       queue[FAKE_QUEUE_MAX];
    int                 queue_count;
    bool                locked_key;     /* or looked for in vain: before order and payment */
    struct order_id     locked_order;
    struct payment_id   locked_payment;

    fake_rival         *rival;          /* after the next peek; or NULL */
    void               *rival_argument;

    struct { int at_wait; enum fake_fault fault; } faults[FAKE_FAULTS_MAX];
    int                 fault_count;
    bool                down;
    int64_t             now_ms;
    char                back[16];       /* the provider that was said to answer again */
    int                 wait_count, begin_count, repeat_count, refusal_count, notify_count;
};

/* --- fake_store.c: one round trip ------------------------------------------------------------ */

/* argument lives in the arena of the request. */
void                  part_queue(struct ctx *ctx, part_apply *apply, const void *argument);
/* Everything queued, then read; NULL: a commit. */
const struct problem *part_wait(struct ctx *ctx, part_read *read, void *argument);
/* The same, without beginning the transaction. */
const struct problem *part_peek(struct ctx *ctx, part_read *read, void *argument);
void                  part_forget_transaction(struct store *store);

/* --- fake_store_rows.c ----------------------------------------------------------------------- */

/* The open transaction's, else what is committed. */
struct fake_tables   *part_tables(struct store *store);
/* NULL: there is none with that id. */
struct order         *part_order_row(struct fake_tables *rows, const char *id);
struct payment       *part_payment_row(struct fake_tables *rows, const char *id);
struct refund        *part_refund_row(struct fake_tables *rows, const char *id);
struct fake_call     *part_call_row(struct fake_tables *rows, const char *id);
/* The index one_live_payment; except: the id of a payment that does not count, or "". */
bool                  part_holds_order(const struct payment *payment);
struct payment       *part_holder_of(struct fake_tables *rows, const char *order_id,
                                     const char *except);
/* By the schema: counted. */
const struct problem *part_refuse(struct ctx *ctx, const char *constraint);
struct problem       *part_repeatable(struct ctx *ctx, enum problem_type type, const char *cause);

/* --- The files of one subject ---------------------------------------------------------------- */

struct claim          part_peek_key(struct ctx *ctx, const struct idempotency_key *key);
/* Like xmin: another one after each write of the row. NULL: 0. */
int64_t               part_version(const void *row, size_t size);
void                  part_see_order(const struct order *row, struct peeked *seen);
void                  part_see_payment(const struct payment *row, struct peeked *seen);
void                  part_lock_order(struct store *store, const struct order *row);
/* owner NULL: anybody's. */
struct order         *part_visible_order(struct fake_tables *rows, struct order_id id,
                                         const char *owner);
/* The call without a known outcome; refund_id "": not about a refund. */
bool                  part_find_open_call(struct ctx *ctx, const char *payment_id,
                                          const char *operation, const char *refund_id,
                                          struct provider_call *out);
bool                  part_is_open_call_of(const struct fake_call *row, const char *payment_id);
bool                  part_is_leased(const struct store *store, const struct fake_call *row);
void                  part_lease(const struct store *store, struct fake_call *row);
struct provider_call  part_call_of(struct ctx *ctx, const struct fake_call *row);
/* row NULL: not found. */
void                  part_read_payment(struct store *store, const struct payment *row,
                                        struct payment_lock *out);
void                  part_lock_payment(struct store *store, const struct payment *row,
                                        struct payment_lock *out);
/* The CHECK of the schema that the row breaks; NULL: none. */
const char           *part_broken_constraint(struct fake_tables *rows,
                                             const struct payment *payment);
int64_t               part_held_minor(const struct refund *refund);
int64_t               part_done_minor(const struct refund *refund);
/* Into lock, when the event is about one and the payment is there. */
void                  part_read_event_refund(struct fake_tables *rows,
                                             const struct provider_event *event,
                                             struct inbox_lock *lock);
void                  part_read_disputes(struct ctx *ctx, const struct provider_event *event,
                                         struct inbox_lock *lock_out);
/* I14 and I15. */
bool                  part_disputes_agree(const struct fake_tables *rows,
                                          const struct payment *payment);
struct fake_webhook  *part_webhook_row(struct fake_tables *rows, const char *id);

/* --- Texts ----------------------------------------------------------------------------------- */

static inline bool same(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

#define COPY(to, from) copy_text((to), sizeof(to), (from))
static inline void copy_text(char *to, size_t size, const char *from)
{
    assert_true(strlen(from) < size);
    strcpy(to, from);
}

static inline void copy_bytes(char *to, size_t size, struct bytes from)
{
    assert_true(from.size < size);
    if (from.size > 0)
        memcpy(to, from.data, from.size);
    to[from.size] = '\0';
}

#endif
