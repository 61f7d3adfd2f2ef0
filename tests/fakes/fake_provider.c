/* A provider in memory: objects, scripted answers, and what it was asked. */
#include "fake_provider.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fake_crash.h"
#include "fake_store.h"

#define OBJECTS_MAX   32
#define REACTIONS_MAX 64

const char fake_good_signature[] = "good";

static struct {
    struct fake_object    objects[OBJECTS_MAX];
    int                   object_count;
    enum fake_reaction    reactions[REACTIONS_MAX];
    int                   reaction_count, reaction_next;
    void                (*during)(void *);
    void                 *during_argument;
    int                   call_count;
    int                   others;
    struct provider_event event;
    const struct provider_refund *listed;
    int                   listed_count;
    bool                  listing_fails;
    int                   list_count;
    const struct provider_dispute *disputes;
    int                   dispute_count;
    int                   dispute_lists;        /* how often they were asked for */
    bool                  disputes_fail;
    struct provider_health health[2][PROVIDER_DIRECTIONS];      /* fake_stripe's, fake_paystack's */
} provider_state;

void fake_provider_reset(void)
{
    memset(&provider_state, 0, sizeof(provider_state));
}

static struct provider_health read_health(const struct provider *provider,
                                          enum provider_direction direction)
{
    return provider_state.health[provider != &fake_stripe][direction];
}

void fake_provider_set_health_of(const struct provider *provider, enum provider_direction direction,
                                 struct provider_health health)
{
    provider_state.health[provider != &fake_stripe][direction] = health;
}

void fake_provider_set_health(const struct provider *provider, struct provider_health health)
{
    fake_provider_set_health_of(provider, PROVIDER_WRITES, health);
    fake_provider_set_health_of(provider, PROVIDER_READS, health);
}

void fake_provider_will(enum fake_reaction reaction)
{
    assert_true(provider_state.reaction_count < REACTIONS_MAX);
    provider_state.reactions[provider_state.reaction_count++] = reaction;
}

void fake_provider_during_call(void (*callback)(void *), void *argument)
{
    provider_state.during = callback;
    provider_state.during_argument = argument;
}

int fake_provider_call_count(void)
{
    return provider_state.call_count;
}

int fake_provider_key_count(void)
{
    return provider_state.object_count;
}

int fake_provider_object_count(void)
{
    int count = 0;

    for (int i = 0; i < provider_state.object_count; i++)
        count += provider_state.objects[i].made;
    return count;
}

struct fake_object *fake_provider_object(int at)
{
    assert_in_range(at, 0, provider_state.object_count - 1);
    return &provider_state.objects[at];
}

static int count_in_state(enum fake_state state)
{
    int count = 0;

    for (int i = 0; i < provider_state.object_count; i++)
        count += provider_state.objects[i].made && provider_state.objects[i].state == state;
    return count;
}

int fake_provider_paid_count(void) { return count_in_state(FAKE_PAID); }
int fake_provider_open_count(void) { return count_in_state(FAKE_OPEN); }

void fake_provider_has_others(int count)
{
    provider_state.others = count;
}

void fake_provider_sends(const struct provider_event *event)
{
    provider_state.event = *event;
}

int64_t fake_provider_refunded_minor(void)
{
    int64_t sum = 0;

    for (int i = 0; i < provider_state.object_count; i++)
        if (provider_state.objects[i].made && provider_state.objects[i].is_refund)
            sum += provider_state.objects[i].amount.minor;
    return sum;
}

void fake_provider_lists_nothing_now(bool fails)
{
    provider_state.listing_fails = fails;
}

int fake_provider_list_count(void)
{
    return provider_state.list_count;
}

void fake_provider_lists(const struct provider_refund *refunds, int count)
{
    provider_state.listed = refunds;
    provider_state.listed_count = count;
}

void fake_provider_lists_disputes(const struct provider_dispute *disputes, int count)
{
    provider_state.disputes = disputes;
    provider_state.dispute_count = count;
}

void fake_provider_lists_no_disputes_now(bool fails)
{
    provider_state.disputes_fail = fails;
}

int fake_provider_dispute_lists(void)
{
    return provider_state.dispute_lists;
}

/* --- Requests ------------------------------------------------------------------------------ */

#define AMOUNT_MIN_MINOR 50

static const struct problem *write_checkout(struct ctx *ctx, const struct provider *provider,
                                            const struct provider_checkout *wanted,
                                            struct provider_request *request_out)
{
    const struct payment *payment = wanted->payment;

    if (payment->amount.minor < AMOUNT_MIN_MINOR)
        return problem_new(ctx->arena, PROBLEM_INVALID_AMOUNT, "%s does not take so little.",
                           provider->name);
    *request_out = (struct provider_request) {
        .operation = OP_CHECKOUT,
        .method = "POST",
        .path = "/sessions",
        .body = bytes_of(arena_printf(ctx->arena, "%s %lld %s %lld %s %s %s %s",
                                      payment->id.text, (long long) payment->amount.minor,
                                      payment->amount.currency, (long long) payment->expires_at_ms,
                                      wanted->order->id.text, wanted->customer_email,
                                      wanted->return_url, wanted->cancel_url)),
        .idempotency_key = arena_printf(ctx->arena, "%s-checkout", payment->id.text),
    };
    return OK;
}

static const struct problem *write_retrieve(struct ctx *ctx, const struct payment *payment,
                                            struct provider_request *request_out)
{
    *request_out = (struct provider_request) {
        .operation = OP_RETRIEVE,
        .method = "GET",
        .path = payment->provider_ref[0] != '\0' ? arena_strdup(ctx->arena, payment->provider_ref)
                                                 : arena_strdup(ctx->arena, payment->id.text),
        .idempotency_key = "",
    };
    return OK;
}

static const struct problem *write_expire(struct ctx *ctx, const struct payment *payment,
                                          struct provider_request *request_out)
{
    assert_string_not_equal(payment->provider_ref, "");
    *request_out = (struct provider_request) {
        .operation = OP_EXPIRE,
        .method = "POST",
        .path = arena_strdup(ctx->arena, payment->provider_ref),
        .idempotency_key = arena_printf(ctx->arena, "%s:expire:1", payment->id.text),
    };
    return OK;
}

static const struct problem *write_find(struct ctx *ctx, const struct payment *payment,
                                        const char *after, struct provider_request *request_out)
{
    (void) payment;
    *request_out = (struct provider_request) {
        .operation = OP_FIND, .method = "GET", .path = arena_strdup(ctx->arena, after),
        .idempotency_key = "",
    };
    return OK;
}

static const struct problem *write_refund(struct ctx *ctx, const struct payment *payment,
                                          const struct refund *refund,
                                          struct provider_request *request_out)
{
    if (payment->provider_intent[0] == '\0')
        return problem_new(ctx->arena, PROBLEM_INVALID_PAYMENT_STATE, "No charge is known.");
    *request_out = (struct provider_request) {
        .operation = OP_REFUND,
        .method = "POST",
        .path = "/refunds",
        .body = bytes_of(arena_printf(ctx->arena, "%s %lld %s %s", refund->id.text,
                                      (long long) refund->amount.minor, refund->amount.currency,
                                      payment->provider_intent)),
        .idempotency_key = arena_printf(ctx->arena, "%s:refund", refund->id.text),
    };
    return OK;
}

static const struct problem *write_list_refunds(struct ctx *ctx, const struct payment *payment,
                                                const char *after,
                                                struct provider_request *request_out)
{
    (void) payment;
    *request_out = (struct provider_request) {
        .operation = OP_LIST_REFUNDS, .method = "GET",
        .path = arena_printf(ctx->arena, "/refunds?%s", after),
        .idempotency_key = "",
    };
    return OK;
}

static const struct problem *write_list_disputes(struct ctx *ctx, const struct payment *payment,
                                                 struct provider_request *request_out)
{
    *request_out = (struct provider_request) {
        .operation = OP_LIST_DISPUTES, .method = "GET",
        .path = arena_printf(ctx->arena, "/disputes?%s", payment->provider_intent),
        .idempotency_key = "",
    };
    return OK;
}

/* --- The call ------------------------------------------------------------------------------ */

static struct fake_object *object_of(const char *key)
{
    for (int i = 0; i < provider_state.object_count; i++)
        if (strcmp(provider_state.objects[i].key, key) == 0)
            return &provider_state.objects[i];
    return NULL;
}

static struct fake_object *note_request(const struct provider_request *request)
{
    struct fake_object *object = object_of(request->idempotency_key);

    if (object == NULL) {
        assert_true(provider_state.object_count < OBJECTS_MAX);
        object = &provider_state.objects[provider_state.object_count++];
        snprintf(object->key, sizeof(object->key), "%s", request->idempotency_key);
        object->is_refund = request->operation == OP_REFUND;
        snprintf(object->body, sizeof(object->body), "%.*s", (int) request->body.size,
                 request->body.data);
    } else if (!bytes_equal(bytes_of(object->body), request->body)) {
        fail_msg("key %s came again with other bytes", object->key);
    }
    object->requests++;
    return object;
}

static void make_refund(struct fake_object *object, int number)
{
    long long minor;

    assert_int_equal(sscanf(object->body, "%31s %lld %3s", object->refund_id.text, &minor,
                            object->amount.currency), 3);
    object->amount.minor = minor;
    object->made = true;
    snprintf(object->ref, sizeof(object->ref), "re_%d", number);
}

static void make(struct fake_object *object)
{
    long long minor;
    int number = (int) (object - provider_state.objects) + 1;

    if (object->is_refund) {
        make_refund(object, number);
        return;
    }
    assert_int_equal(sscanf(object->body, "%31s %lld %3s", object->payment_id.text, &minor,
                            object->amount.currency), 3);
    object->amount.minor = minor;
    object->made = true;
    snprintf(object->ref, sizeof(object->ref), "cs_%d", number);
    snprintf(object->url, sizeof(object->url), "https://pay.example/cs_%d", number);
}

static enum fake_reaction next_reaction(void)
{
    if (provider_state.reaction_next == provider_state.reaction_count)
        return FAKE_ANSWERS;
    return provider_state.reactions[provider_state.reaction_next++];
}

static const struct {
    bool        makes, sent, complete;
    int         http_status;
    const char *error;
} effects[] = {
    [FAKE_ANSWERS]              = { true,  true,  true,  200, "" },
    [FAKE_REFUSES]              = { false, true,  true,  402, "" },
    [FAKE_REFUSES_THE_ADDRESS]  = { false, true,  true,  422, "" },
    [FAKE_REJECTS]              = { false, true,  true,  400, "" },
    [FAKE_IS_DOWN]              = { false, false, false, 0,   "connection refused" },
    [FAKE_IS_BUSY]              = { false, true,  true,  429, "" },
    [FAKE_REFUSES_OUR_KEY]      = { false, true,  true,  401, "" },
    [FAKE_LOSES_ITS_ANSWER]     = { true,  true,  false, 0,   "timed out" },
    [FAKE_HANGS]                = { false, true,  false, 0,   "timed out" },
    [FAKE_NAMES_ANOTHER_AMOUNT] = { true,  true,  true,  200, "" },
    [FAKE_SAYS_PAID]            = { true,  true,  true,  200, "" },
    [FAKE_SAYS_NOTHING_IS_LEFT] = { false, true,  true,  409, "" },
    [FAKE_SAYS_PENDING]         = { true,  true,  true,  200, "" },
    [FAKE_SAYS_FAILED]          = { true,  true,  true,  200, "" },
    [FAKE_SAYS_DUPLICATE]       = { false, true,  true,  424, "" },
    [FAKE_FAILS]                = { false, true,  true,  500, "" },
    [FAKE_FAILS_AFTER_WORK]     = { true,  true,  true,  500, "" },
    [FAKE_REPLAYS_A_500]        = { false, true,  true,  500, "" },
    [FAKE_IS_OVERLOADED]        = { false, true,  true,  503, "" },
};

static void run_during(void)
{
    void (*during)(void *) = provider_state.during;

    provider_state.during = NULL;
    if (during != NULL)
        during(provider_state.during_argument);
}

/* By its reference, or by the payment that it was made for. */
static struct fake_object *object_at(const char *path)
{
    for (int i = 0; i < provider_state.object_count; i++)
        if (provider_state.objects[i].made && (strcmp(provider_state.objects[i].ref, path) == 0
            || strcmp(provider_state.objects[i].payment_id.text, path) == 0))
            return &provider_state.objects[i];
    return NULL;
}

static const char *answer_with(struct ctx *ctx, const struct fake_object *object,
                               enum fake_reaction reaction)
{
    return arena_printf(ctx->arena, "object %d %d", (int) (object - provider_state.objects),
                        reaction == FAKE_NAMES_ANOTHER_AMOUNT);
}

static const char *check_out(struct ctx *ctx, const struct provider *provider,
                             const struct provider_request *request, enum fake_reaction *reaction)
{
    struct fake_object *object = note_request(request);

    if (object->made && !provider->repeats_safely)
        *reaction = FAKE_SAYS_DUPLICATE;
    if (object->replays_500 && effects[*reaction].sent)
        *reaction = FAKE_REPLAYS_A_500;
    if (effects[*reaction].makes && !object->made)
        make(object);
    if (*reaction == FAKE_SAYS_PAID)
        object->state = FAKE_PAID;
    object->replays_500 |= effects[*reaction].http_status == 500;
    return answer_with(ctx, object, *reaction);
}

static const char *refund(const struct provider *provider, const struct provider_request *request,
                          enum fake_reaction *reaction)
{
    struct fake_object *object = note_request(request);

    if (object->made && !provider->repeats_safely)
        fail_msg("refund %s was asked for a second time", object->refund_id.text);
    if (object->replays_500 && provider->repeats_safely)
        *reaction = FAKE_REPLAYS_A_500;
    if (effects[*reaction].makes && !object->made)
        make(object);
    object->replays_500 |= effects[*reaction].http_status == 500;
    return *reaction == FAKE_NAMES_ANOTHER_AMOUNT ? "another amount"
           : *reaction == FAKE_SAYS_PENDING       ? "pending"
           : *reaction == FAKE_SAYS_FAILED        ? "failed"
                                                  : "open";
}

static const char *retrieve(struct ctx *ctx, const struct provider_request *request,
                            enum fake_reaction *reaction)
{
    const struct fake_object *object = object_at(request->path);

    if (object == NULL && *reaction == FAKE_ANSWERS)
        *reaction = FAKE_REJECTS;
    return object == NULL ? "" : answer_with(ctx, object, *reaction);
}

static const char *expire(struct ctx *ctx, const struct provider_request *request,
                          enum fake_reaction *reaction)
{
    struct fake_object *object = object_at(request->path);

    assert_non_null(object);
    if (effects[*reaction].makes && object->state == FAKE_OPEN) {
        object->state = FAKE_EXPIRED;
        snprintf(object->expire_key, sizeof(object->expire_key), "%s", request->idempotency_key);
    } else if (*reaction == FAKE_ANSWERS
               && strcmp(object->expire_key, request->idempotency_key) != 0) {
        *reaction = FAKE_REJECTS;
    }
    return answer_with(ctx, object, *reaction);
}

/* "list N M": from N on, the next page begins at M; at -1 there is none. The others come first. */
static const char *find(struct ctx *ctx, const struct provider_request *request)
{
    int from = request->path[0] == '\0' ? 0 : request->path[0] - '0';
    int next = from + 2;

    return arena_printf(ctx->arena, "list %d %d", from,
                        next < provider_state.others + provider_state.object_count ? next : -1);
}

static const char *carry_out(struct ctx *ctx, const struct provider *provider,
                             const struct provider_request *request, enum fake_reaction *reaction)
{
    if (request->operation == OP_CHECKOUT)
        return check_out(ctx, provider, request, reaction);
    if (request->operation == OP_REFUND)
        return refund(provider, request, reaction);
    if (request->operation == OP_RETRIEVE)
        return retrieve(ctx, request, reaction);
    if (request->operation == OP_EXPIRE)
        return expire(ctx, request, reaction);
    if (request->operation == OP_PROBE)
        return "";
    assert_int_equal(request->operation, OP_FIND);
    return find(ctx, request);
}

/* The pages are told apart by where they begin. */
static void list_refunds_from(struct ctx *ctx, const struct provider *provider,
                              const struct provider_request *request,
                              struct provider_reply *reply_out)
{
    provider_state.list_count++;
    *reply_out = (struct provider_reply) {
        .http_status = provider_state.listing_fails ? 503 : 200,
        .sent = true, .complete = true, .request_id = "req_2", .error = "",
        .body = bytes_of(arena_printf(ctx->arena, "%s %s", provider->name,
                                      request->path + strlen("/refunds?"))),
    };
}

static void list_disputes(struct provider_reply *reply_out)
{
    provider_state.dispute_lists++;
    *reply_out = (struct provider_reply) { .http_status = provider_state.disputes_fail ? 503 : 200,
                                           .sent = true, .complete = true, .request_id = "req_3",
                                           .error = "" };
}

static void note_probe(struct ctx *ctx, const struct provider *provider,
                       const struct provider_request *request)
{
    enum provider_direction direction = strcmp(request->method, "GET") == 0 ? PROVIDER_READS
                                                                           : PROVIDER_WRITES;
    struct provider_health before = read_health(provider, direction);

    fake_provider_set_health_of(provider, direction, (struct provider_health) {
        .called_at_ms = ctx->now_ms,
        .back_at_ms = before.circuit_open || before.failing ? ctx->now_ms : before.back_at_ms,
    });
}

static void call(struct ctx *ctx, const struct provider *provider,
                 const struct provider_request *request, struct provider_reply *reply_out)
{
    bool is_list = request->operation == OP_LIST_REFUNDS;
    bool is_dispute_list = request->operation == OP_LIST_DISPUTES;
    enum fake_reaction reaction = is_list || is_dispute_list ? FAKE_ANSWERS : next_reaction();
    const char *body;

    if (fake_store_in_transaction(ctx->store))
        fail_msg("the provider was called inside a transaction");
    if (is_list) {
        list_refunds_from(ctx, provider, request, reply_out);
        return;
    }
    if (is_dispute_list) {
        list_disputes(reply_out);
        return;
    }
    fake_crash_point();
    provider_state.call_count++;
    body = carry_out(ctx, provider, request, &reaction);
    fake_crash_point();
    run_during();
    *reply_out = (struct provider_reply) {
        .http_status = effects[reaction].http_status,
        .sent = effects[reaction].sent,
        .complete = effects[reaction].complete,
        .timed_out = reaction == FAKE_LOSES_ITS_ANSWER || reaction == FAKE_HANGS,
        .should_retry = -1,
        .replayed = reaction == FAKE_REPLAYS_A_500,
        .request_id = "req_1",
        .error = effects[reaction].error,
        .body = bytes_of(body),
    };
    if (request->operation == OP_PROBE && reply_out->http_status == 200)
        note_probe(ctx, provider, request);
}

/* --- What it means ------------------------------------------------------------------------- */

static void read_state(const struct ctx *ctx, const struct fake_object *object,
                       struct provider_payment *out)
{
    out->facts.snapshot.at_s = ctx->now_ms / 1000;
    out->facts.snapshot.progress = PROGRESS_OPENED;
    switch (object->state) {
    case FAKE_OPEN:
        snprintf(out->checkout_url, sizeof(out->checkout_url), "%s", object->url);
        break;
    case FAKE_REVERSED:
        out->went_back = true;
        out->facts.captured_minor = object->amount.minor;
        break;
    case FAKE_PAID:
        out->facts.captured_minor = out->amount_minor;
        break;
    case FAKE_UNDER_WAY:
        out->facts.snapshot.progress = PROGRESS_PROCESSING;
        break;
    case FAKE_OVER:
        out->facts.snapshot.progress = PROGRESS_FAILED;
        out->facts.closed = PAYMENT_CLOSED_FAILED;
        break;
    case FAKE_EXPIRED:
        out->facts.closed = PAYMENT_CLOSED_EXPIRED;
        break;
    }
}

static void read_object(const struct ctx *ctx, const struct fake_object *object, bool other_amount,
                        struct provider_payment *out)
{
    out->payment_id = object->payment_id;
    snprintf(out->ref, sizeof(out->ref), "%s", object->ref);
    out->amount_minor = object->amount.minor - other_amount;
    memcpy(out->currency, object->amount.currency, sizeof(out->currency));
    read_state(ctx, object, out);
}

static bool is_on_page(int object, int from, int next)
{
    int at = provider_state.others + object;

    return at >= from && (next < 0 || at < next);
}

/* Ours on this page of the list, or how the list goes on. */
static void read_list(struct ctx *ctx, const struct payment *payment, int from, int next,
                      struct provider_outcome *out)
{
    for (int i = 0; i < provider_state.object_count; i++) {
        const struct fake_object *object = &provider_state.objects[i];

        if (object->made && is_on_page(i, from, next)
            && strcmp(object->payment_id.text, payment->id.text) == 0) {
            read_object(ctx, object, false, &out->payment);
            return;
        }
    }
    out->absent = true;
    out->find_after = next < 0 ? "" : arena_printf(ctx->arena, "%d", next);
}

static void read_body(struct ctx *ctx, const struct payment *payment, const char *body,
                      struct provider_outcome *out)
{
    int first, second;

    out->verdict = VERDICT_DONE;
    if (sscanf(body, "list %d %d", &first, &second) == 2)
        read_list(ctx, payment, first, second, out);
    else if (sscanf(body, "object %d %d", &first, &second) == 2)
        read_object(ctx, &provider_state.objects[first], second, &out->payment);
    else
        fail_msg("an answer that no provider gives: %s", body);
}

static const struct problem *say(struct ctx *ctx, enum problem_type type, int retry_after_s)
{
    struct problem *problem = problem_new(ctx->arena, type, "The provider did not go along.");

    problem->retry_after_s = retry_after_s;
    return problem;
}

static void refuse(struct ctx *ctx, struct provider_outcome *out, enum problem_type type)
{
    out->verdict = VERDICT_REFUSED;
    out->problem = say(ctx, type, 0);
    snprintf(out->failure_code, sizeof(out->failure_code), "card_declined");
    snprintf(out->failure_reason, sizeof(out->failure_reason), "Your card was declined.");
}

static void read_error(struct ctx *ctx, const struct provider_reply *reply,
                       struct provider_outcome *out_out)
{
    struct provider_outcome out = { .verdict = VERDICT_UNKNOWN };

    switch (reply->http_status) {
    case 409:
        refuse(ctx, &out, PROBLEM_INVALID_PAYMENT_STATE);
        break;
    case 400:
        refuse(ctx, &out, PROBLEM_PROVIDER_REJECTED_REQUEST);
        break;
    case 422:
        refuse(ctx, &out, PROBLEM_VALIDATION_FAILED);
        break;
    case 401:
        out.verdict = VERDICT_MISCONFIGURED;
        out.problem = say(ctx, PROBLEM_PROVIDER_MISCONFIGURED, 0);
        break;
    case 402:
        refuse(ctx, &out, PROBLEM_PAYMENT_FAILED);
        break;
    case 429:
        out.verdict = VERDICT_NOT_EXECUTED;
        out.problem = say(ctx, PROBLEM_PROVIDER_BUSY, 7);
        break;
    default:
        out.verdict = reply->sent ? VERDICT_UNKNOWN : VERDICT_NOT_EXECUTED;
        out.problem = say(ctx, reply->sent ? PROBLEM_PROVIDER_TIMEOUT
                                                  : PROBLEM_PROVIDER_UNAVAILABLE,
                          0);
        break;
    }
    *out_out = out;
}

static void read_reply(struct ctx *ctx, const struct provider *provider,
                       const struct payment *payment, const struct provider_request *request,
                       const struct provider_reply *reply, struct provider_outcome *outcome_out)
{
    (void) provider;
    if (request->operation == OP_CHECKOUT || request->operation == OP_EXPIRE)
        assert_int_equal(strncmp(request->idempotency_key, payment->id.text,
                                 strlen(payment->id.text)), 0);
    if (reply->http_status != 200) {
        read_error(ctx, reply, outcome_out);
        return;
    }
    *outcome_out = (struct provider_outcome) { .verdict = VERDICT_DONE };
    read_body(ctx, payment, reply->body.data, outcome_out);
}

static enum refund_status status_in(const char *body)
{
    if (strcmp(body, "pending") == 0)
        return REFUND_PENDING;
    return strcmp(body, "failed") == 0 ? REFUND_FAILED : REFUND_SUCCEEDED;
}

static void read_refund_reply(struct ctx *ctx, const struct provider *provider,
                              const struct payment *payment, const struct refund *refund,
                              const struct provider_request *request,
                              const struct provider_reply *reply,
                              struct provider_outcome *outcome_out)
{
    const struct fake_object *object = object_of(request->idempotency_key);
    struct provider_refund *out = &outcome_out->refund;

    (void) provider;
    assert_int_equal(strncmp(request->idempotency_key, refund->id.text,
                             strlen(refund->id.text)), 0);
    if (reply->http_status != 200) {
        read_error(ctx, reply, outcome_out);
        return;
    }
    *outcome_out = (struct provider_outcome) { .verdict = VERDICT_DONE };
    out->refund_id = object->refund_id;
    snprintf(out->ref, sizeof(out->ref), "%s", object->ref);
    snprintf(out->intent, sizeof(out->intent), "%s", payment->provider_intent);
    out->amount_minor = object->amount.minor - (strcmp(reply->body.data, "another amount") == 0);
    memcpy(out->currency, object->amount.currency, sizeof(out->currency));
    out->status = status_in(reply->body.data);
    if (out->status == REFUND_FAILED)
        snprintf(out->failure_reason, sizeof(out->failure_reason), "lost_or_stolen_card");
}

#define REFUNDS_ON_PAGE 2

static int list_made(const struct payment *payment, struct provider_refund *refunds)
{
    int count = 0;

    for (int i = 0; i < provider_state.object_count; i++) {
        const struct fake_object *object = &provider_state.objects[i];
        struct provider_refund *out = &refunds[count];

        if (!object->made || !object->is_refund)
            continue;
        *out = (struct provider_refund) { .refund_id = object->refund_id,
                                          .amount_minor = object->amount.minor,
                                          .status = REFUND_SUCCEEDED };
        snprintf(out->ref, sizeof(out->ref), "%s", object->ref);
        snprintf(out->intent, sizeof(out->intent), "%s", payment->provider_intent);
        memcpy(out->currency, object->amount.currency, sizeof(out->currency));
        count++;
    }
    return count;
}

static bool read_refund_list(struct ctx *ctx, const struct payment *payment,
                             const struct provider_reply *reply,
                             struct provider_refund **refunds_out, int *count_out,
                             const char **after_out)
{
    struct provider_refund *all =
        arena_alloc(ctx->arena,
                    (size_t) (OBJECTS_MAX + provider_state.listed_count) * sizeof(*all));
    const char *cursor = strchr(reply->body.data, ' ') + 1;
    int from = cursor[0] == '\0' ? 0 : cursor[0] - '0';
    int count = 0;

    if (strncmp(reply->body.data, "paystack", 8) == 0)
        count = list_made(payment, all);
    for (int i = 0; i < provider_state.listed_count; i++)
        all[count++] = provider_state.listed[i];
    *refunds_out = all + from;
    *count_out = count - from < REFUNDS_ON_PAGE ? count - from : REFUNDS_ON_PAGE;
    *after_out = from + *count_out == count
                     ? "" : arena_printf(ctx->arena, "%d", from + *count_out);
    return reply->http_status == 200;
}

/* As a real one: its answer is how the disputes are now. */
static bool read_dispute_list(struct ctx *ctx, const struct payment *payment,
                              const struct provider_reply *reply,
                              struct provider_dispute **disputes_out, int *count_out)
{
    size_t size = (size_t) provider_state.dispute_count * sizeof(**disputes_out);

    (void) payment;
    *disputes_out = arena_alloc(ctx->arena, size + 1);
    *count_out = provider_state.dispute_count;
    for (int i = 0; i < *count_out; i++) {
        (*disputes_out)[i] = provider_state.disputes[i];
        (*disputes_out)[i].facts.at_ms = ctx->now_ms;
    }
    return reply->http_status == 200;
}

/* --- Webhooks ------------------------------------------------------------------------------ */

static enum signature_verdict verify_webhook(struct ctx *ctx, const struct provider *provider,
                                             const char *signature_header, struct bytes raw_body)
{
    (void) ctx;
    (void) provider;
    (void) raw_body;
    return strcmp(signature_header, fake_good_signature) == 0 ? SIGNATURE_FITS : SIGNATURE_WRONG;
}

static const struct problem *read_webhook(struct ctx *ctx, struct bytes raw_body,
                                          struct provider_event *event_out)
{
    if (raw_body.size == 0)
        return problem_new(ctx->arena, PROBLEM_MALFORMED_REQUEST, "This is no event.");
    *event_out = provider_state.event;
    return OK;
}

/* --- Health -------------------------------------------------------------------------------- */

static const char home_of_paystack[] = "NGN GHS KES XOF ZAR";

static bool takes_any(const char *currency)
{
    return currency[0] != '\0';
}

static bool takes_home(const char *currency)
{
    return strstr(home_of_paystack, currency) != NULL;
}

static void write_probe(struct ctx *ctx, enum provider_direction direction,
                        struct provider_request *request_out)
{
    (void) ctx;
    *request_out = (struct provider_request) {
        .operation = OP_PROBE, .method = direction == PROVIDER_READS ? "GET" : "POST", .path = "/",
        .idempotency_key = "",
    };
}

#define FAKE_FUNCTIONS \
    .write_checkout = write_checkout, .write_retrieve = write_retrieve, \
    .write_expire = write_expire, .write_find = write_find, .write_refund = write_refund, \
    .write_list_refunds = write_list_refunds, .call = call, .read_reply = read_reply, \
    .read_refund_reply = read_refund_reply, .read_refund_list = read_refund_list, \
    .write_list_disputes = write_list_disputes, .read_dispute_list = read_dispute_list, \
    .verify_webhook = verify_webhook, .read_webhook = read_webhook, \
    .read_health = read_health, .write_probe = write_probe

const struct provider fake_stripe = { .name = "stripe", .repeats_safely = true,
                                      .processing_max_s = FAKE_PROCESSING_MAX_S,
                                      .home_currencies = "",
                                      .takes_currency = takes_any, FAKE_FUNCTIONS };
const struct provider fake_paystack = { .name = "paystack", .names_by_our_id = true,
                                        .processing_max_s = FAKE_PROCESSING_MAX_S,
                                        .home_currencies = home_of_paystack,
                                        .takes_currency = takes_home, FAKE_FUNCTIONS };
