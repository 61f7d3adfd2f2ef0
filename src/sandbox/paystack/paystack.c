/* Creates, resets and frees the account, and finds its objects. */
#include "paystack.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/kit/alloc.h"
#include "sandbox/kit/strbuf.h"

static void transaction_free(void *thing)
{
    struct paystack_transaction *transaction = thing;

    free(transaction->reference);
    free(transaction->access_code);
    free(transaction->email);
    free(transaction->callback_url);
    free(transaction->gateway_response);
    json_decref(transaction->metadata);
    free(transaction);
}

static void refund_free(void *thing)
{
    struct paystack_refund *refund = thing;

    free(refund->merchant_note);
    free(refund->customer_note);
    free(refund);
}

static void dispute_free(void *thing)
{
    struct paystack_dispute *dispute = thing;

    free(dispute->category);
    free(dispute->attachments);
    json_decref(dispute->evidence);
    json_decref(dispute->history);
    json_decref(dispute->messages);
    free(dispute);
}

static void init_objects(struct paystack *paystack)
{
    bool is_live = strncmp(paystack->secret_key, "sk_live_", 8) == 0;

    collection_init(&paystack->transactions);
    collection_init(&paystack->refunds);
    collection_init(&paystack->disputes);
    paystack->by_reference = table_new();
    paystack->by_access_code = table_new();
    paystack->settings = (struct paystack_settings) {
        .refund_outcome = PAYSTACK_REFUND_PROCESSED, .missing_status = 404,
        .created_status = 200,
    };
    copy_bounded(paystack->settings.domain, sizeof paystack->settings.domain,
                 is_live ? "live" : "test");
    copy_bounded(paystack->settings.currencies, sizeof paystack->settings.currencies,
                 PAYSTACK_CURRENCIES);
}

static void deinit_objects(struct paystack *paystack)
{
    heap_clear(&paystack->due);
    heap_clear(&paystack->failing);
    table_free(paystack->by_reference, NULL);
    table_free(paystack->by_access_code, NULL);
    collection_deinit(&paystack->transactions, transaction_free);
    collection_deinit(&paystack->refunds, refund_free);
    collection_deinit(&paystack->disputes, dispute_free);
}

struct paystack *paystack_new(const char *secret_key, const char *public_url,
                              struct sandbox_clock *clock, struct faults *faults,
                              struct webhooks *webhooks)
{
    struct paystack *paystack = alloc_new(1, sizeof *paystack);

    pthread_mutex_init(&paystack->lock, NULL);
    paystack->clock = clock;
    paystack->faults = faults;
    paystack->webhooks = webhooks;
    paystack->secret_key = alloc_dup(secret_key);
    paystack->public_url = alloc_dup(public_url);
    paystack->words = table_new();
    paystack->numbers = (sandbox_clock_wall_s() - PAYSTACK_EPOCH_S) * PAYSTACK_IDS_PER_SECOND;
    init_objects(paystack);
    return paystack;
}

void paystack_free(struct paystack *paystack)
{
    deinit_objects(paystack);
    table_free(paystack->words, free);
    free(paystack->secret_key);
    free(paystack->public_url);
    pthread_mutex_destroy(&paystack->lock);
    free(paystack);
}

/* Numbers continue after a reset, so that no id is given twice. */
void paystack_reset(struct paystack *paystack)
{
    paystack_lock(paystack);
    deinit_objects(paystack);
    init_objects(paystack);
    paystack_unlock(paystack);
}

int64_t paystack_now_s(const struct paystack *paystack)
{
    return sandbox_clock_now_s(paystack->clock) - paystack->ago_s;
}

void paystack_lock(struct paystack *paystack)
{
    pthread_mutex_lock(&paystack->lock);
}

void paystack_unlock(struct paystack *paystack)
{
    pthread_mutex_unlock(&paystack->lock);
}

int64_t paystack_take_number(struct paystack *paystack)
{
    int64_t first = paystack->settings.has_large_ids ? PAYSTACK_LARGE_ID_FIRST
                                                     : PAYSTACK_ID_FIRST;

    return first + ++paystack->numbers;
}

int64_t paystack_add(struct paystack *paystack, struct collection *collection, struct item *item)
{
    int64_t number = paystack_take_number(paystack);
    char    id[ITEM_ID_BYTES];

    snprintf(id, sizeof id, "%" PRId64, number);
    collection_add_named(collection, item, id, paystack_now_s(paystack));
    return number;
}

struct paystack_transaction *paystack_find(const struct paystack *paystack, const char *name)
{
    struct paystack_transaction *transaction = table_find(paystack->by_reference, name);

    return transaction != NULL ? transaction : collection_find(&paystack->transactions, name);
}
