#include "recorded_events.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "fakes/fake_store.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define DOCUMENTS_MAX 16

/* --- Stripe -------------------------------------------------------------------------------- */

#define TAKEN "{'id':'txn_2','amount':-9999,'currency':'usd'}"
#define GIVEN_BACK "{'id':'txn_3','amount':9999,'currency':'usd'}"

/* Both ends of the dispute are told in the same second: the second one is true. */
static const struct recorded of_stripe[] = {
    { "the intent is processing", .at_s = 0, .file = "intent-processing" },
    { "the intent's attempt failed", .at_s = 10, .file = "intent-failed" },
    { "the session is paid", .at_s = 20, .file = "session-paid", .paid = true },
    { "the intent has succeeded", .at_s = 20, .file = "intent-succeeded", .paid = true },
    { "the session has expired", .at_s = 30, .file = "session-expired" },
    { "re_1 is made", .at_s = 40, .file = "refund-created",
      .object = "{'amount':9000,'status':'pending'}",
      .paid = true, .refund = "re_1", .status = "pending" },
    { "re_1 has succeeded", .at_s = 50, .file = "refund-created", .type = "refund.updated",
      .object = "{'amount':9000}",
      .paid = true, .refund = "re_1", .status = "succeeded" },
    { "re_1 has failed", .at_s = 60, .file = "refund-created", .type = "refund.failed",
      .object = "{'amount':9000,'status':'failed','failure_reason':'expired_or_canceled_card'}",
      .paid = true, .refund = "re_1", .status = "failed", .room_for = "re_2" },
    { "re_2 is made", .at_s = 70, .file = "refund-created",
      .object = "{'id':'re_2','amount':5000}",
      .paid = true, .refund = "re_2", .status = "succeeded" },
    { "the dispute is opened", .at_s = 80, .file = "dispute-created",
      .paid = true, .dispute = "dp_1", .status = "open" },
    { "the dispute is lost", .at_s = 90, .file = "dispute-created", .type = "charge.dispute.closed",
      .object = "{'status':'lost','balance_transactions':[" TAKEN "]}",
      .paid = true, .dispute = "dp_1", .status = "lost" },
    { "the dispute is won", .at_s = 90, .file = "dispute-created", .type = "charge.dispute.closed",
      .object = "{'status':'won','balance_transactions':[" TAKEN "," GIVEN_BACK "]}",
      .paid = true, .dispute = "dp_1", .status = "won" },
};

/* --- Paystack ------------------------------------------------------------------------------ */

#define TRANSACTION "4099260516"
#define CHARGE(event, status) "{'event':'" event "','data':{'id':" TRANSACTION ",'domain':'test'," \
    "'status':'" status "','reference':'" FIXTURE_REFERENCE "','currency':'NGN','amount':10000," \
    "'paid_at':'2026-01-01T00:01:00.000Z','metadata':{'payment_id':'" FIXTURE_PAYMENT_ID "'}}}"
#define REFUND(event, status, amount) "{'event':'" event "','data':{'status':'" status "'," \
    "'domain':'test','transaction_reference':'" FIXTURE_REFERENCE "','refund_reference':null," \
    "'amount':" amount ",'currency':'NGN'}}"
#define LISTED_REFUND(id, status, amount) "{'id':" id ",'status':'" status "'," \
    "'transaction':" TRANSACTION ",'domain':'test','currency':'NGN','amount':" amount "," \
    "'merchant_note':''}"
#define LISTED_DISPUTE(status) "{'id':358950,'status':" status ",'domain':'test'," \
    "'category':'chargeback','refund_amount':10000,'currency':'NGN'," \
    "'dueAt':'2026-01-12T10:00:00.000Z'," \
    "'transaction':{'id':" TRANSACTION ",'reference':'" FIXTURE_REFERENCE "'," \
    "'amount':10000,'currency':'NGN'}}"
#define DISPUTE(event, status) "{'event':'" event "','data':" LISTED_DISPUTE(status) "}"

#define OPEN "'awaiting-merchant-feedback','resolution':null"
#define WON  "'resolved','resolution':'declined'"
#define LOST "'resolved','resolution':'merchant-accepted'"

static const struct recorded of_paystack[] = {
    { "the charge failed", .body = CHARGE("charge.failed", "failed") },
    { "the charge succeeded", .body = CHARGE("charge.success", "success"), .paid = true },
    { "refund 1 is pending", .body = REFUND("refund.pending", "pending", "'6000'"),
      .object = LISTED_REFUND("1", "pending", "6000"),
      .paid = true, .refund = "1", .status = "pending" },
    { "refund 1 is processed", .body = REFUND("refund.processed", "processed", "'6000'"),
      .object = LISTED_REFUND("1", "processed", "6000"),
      .paid = true, .refund = "1", .status = "succeeded" },
    { "refund 1 has failed", .body = REFUND("refund.failed", "failed", "6000"),
      .object = LISTED_REFUND("1", "failed", "6000"),
      .paid = true, .refund = "1", .status = "failed", .room_for = "2" },
    { "refund 2 is processed", .body = REFUND("refund.processed", "processed", "'5000'"),
      .object = LISTED_REFUND("2", "processed", "5000"),
      .paid = true, .refund = "2", .status = "succeeded" },
    { "the dispute is opened", .body = DISPUTE("charge.dispute.create", OPEN),
      .object = LISTED_DISPUTE(OPEN), .paid = true, .dispute = "358950", .status = "open" },
    { "the dispute is won", .body = DISPUTE("charge.dispute.resolve", WON),
      .object = LISTED_DISPUTE(WON), .paid = true, .dispute = "358950", .status = "won" },
    { "the dispute is lost", .body = DISPUTE("charge.dispute.resolve", LOST),
      .object = LISTED_DISPUTE(LOST), .paid = true, .dispute = "358950", .status = "lost" },
};

/* --- The documents ------------------------------------------------------------------------- */

static struct {
    struct document documents[DOCUMENTS_MAX];
    size_t          count;
    struct provider provider;
    const char     *list_head, *list_tail;      /* how it writes a list */
    struct bytes    paid, unpaid;               /* its object of the payment */
    uint32_t        told;
    int64_t         call_count;
} side;

size_t recorded_count(void) { return side.count; }
const struct document *recorded_document(size_t at) { return &side.documents[at]; }
const struct provider *recorded_provider(void) { return &side.provider; }
int64_t recorded_call_count(void) { return side.call_count; }

static void release_json(void *json)
{
    json_decref(json);
}

static json_t *parse(const char *text)
{
    struct arena *arena = given_a_ctx()->arena;
    char *json = arena_strdup(arena, text != NULL ? text : "{}");
    json_t *parsed;

    for (char *at = strchr(json, '\''); at != NULL; at = strchr(at, '\''))
        *at = '"';
    parsed = json_loads(json, 0, NULL);
    assert_non_null(parsed);
    return arena_adopt(arena, parsed, release_json);
}

static const char *print(const json_t *json)
{
    return arena_adopt(given_a_ctx()->arena, json_dumps(json, JSON_COMPACT), free);
}

static struct document stripe_document(const struct recorded *recorded)
{
    json_t *event = given_json(given_text("documents/event-%s.json", recorded->file).data);
    json_t *object = json_object_get(json_object_get(event, "data"), "object");

    (void) json_object_update(object, parse(recorded->object));
    (void) json_object_set_new(event, "id", json_sprintf("evt_%zu", side.count));
    (void) json_object_set_new(event, "created", json_integer(RECORDED_S + recorded->at_s));
    if (recorded->type != NULL)
        (void) json_object_set_new(event, "type", json_string(recorded->type));
    return (struct document) { recorded, bytes_of(print(event)), print(object) };
}

static struct document paystack_document(const struct recorded *recorded)
{
    return (struct document) { recorded, bytes_of(print(parse(recorded->body))),
                               print(parse(recorded->object)) };
}

static void add_documents(const struct recorded *recorded, size_t count,
                          struct document (*document_of)(const struct recorded *recorded))
{
    assert_true(count <= DOCUMENTS_MAX);
    for (; side.count < count; side.count++)
        side.documents[side.count] = document_of(&recorded[side.count]);
}

/* --- What the provider has ----------------------------------------------------------------- */

static bool is_told(size_t at)
{
    return (side.told >> at & 1) != 0;
}

static bool is_same(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

static bool is_refund_told(const char *refund)
{
    for (size_t i = 0; i < side.count; i++)
        if (is_told(i) && is_same(side.documents[i].recorded->refund, refund))
            return true;
    return false;
}

/* A refund that made room for another one has failed, whether or not its event has come. */
static bool has_happened(size_t at)
{
    const struct recorded *recorded = side.documents[at].recorded;

    return is_told(at) || (is_refund_told(recorded->room_for) && is_refund_told(recorded->refund));
}

bool recorded_is_paid(void)
{
    for (size_t i = 0; i < side.count; i++)
        if (is_told(i) && side.documents[i].recorded->paid)
            return true;
    return false;
}

bool recorded_is_newest(size_t at)
{
    const struct recorded *recorded = side.documents[at].recorded;

    for (size_t i = at + 1; i < side.count; i++)
        if (has_happened(i) && (is_same(side.documents[i].recorded->refund, recorded->refund)
                                || is_same(side.documents[i].recorded->dispute, recorded->dispute)))
            return false;
    return has_happened(at) && (recorded->refund != NULL || recorded->dispute != NULL);
}

void recorded_tell(uint32_t set)
{
    side.told = set;
}

/* --- Its answers --------------------------------------------------------------------------- */

static struct bytes list_of(struct ctx *ctx, bool disputes)
{
    struct text list = text_new(ctx->arena);
    const char *separator = "";

    text_append(&list, side.list_head);
    for (size_t i = 0; i < side.count; i++) {
        if (!recorded_is_newest(i) || (side.documents[i].recorded->dispute != NULL) != disputes)
            continue;
        text_append(&list, separator);
        text_append(&list, side.documents[i].listed);
        separator = ",";
    }
    text_append(&list, side.list_tail);
    return text_bytes(&list);
}

/* Stripe's session, which is found by its intent. */
static struct bytes list_of_sessions(struct ctx *ctx)
{
    return bytes_of(arena_printf(ctx->arena, "%s%s%s", side.list_head, side.paid.data,
                                 side.list_tail));
}

static struct bytes answer_to(struct ctx *ctx, enum provider_operation operation)
{
    if (operation == OP_LIST_REFUNDS)
        return list_of(ctx, false);
    if (operation == OP_LIST_DISPUTES)
        return list_of(ctx, true);
    if (operation == OP_ADOPT)
        return list_of_sessions(ctx);
    assert_int_equal(operation, OP_RETRIEVE);
    return recorded_is_paid() ? side.paid : side.unpaid;
}

static void call(struct ctx *ctx, const struct provider *provider,
                 const struct provider_request *request, struct provider_reply *reply_out)
{
    (void) provider;
    assert_false(fake_store_in_transaction(ctx->store));
    side.call_count++;
    *reply_out = (struct provider_reply) {
        .http_status = 200, .sent = true, .complete = true, .should_retry = -1,
        .request_id = "req_1", .error = "", .body = answer_to(ctx, request->operation),
    };
}

static enum signature_verdict believe(struct ctx *ctx, const struct provider *provider,
                                      const char *signature_header, struct bytes raw_body)
{
    (void) ctx;
    (void) provider;
    (void) signature_header;
    (void) raw_body;
    return SIGNATURE_FITS;
}

static void take_adapter(const struct provider *adapter)
{
    memset(&side, 0, sizeof(side));
    side.provider = *adapter;
    side.provider.call = call;
    side.provider.verify_webhook = believe;
}

void given_stripes_documents(void)
{
    take_adapter(given_stripe());
    side.list_head = "{\"object\":\"list\",\"has_more\":false,\"data\":[";
    side.list_tail = "]}";
    side.paid = bytes_of(print(given_json("documents/session-paid.json")));
    add_documents(of_stripe, COUNT(of_stripe), stripe_document);
}

void given_paystacks_documents(void)
{
    take_adapter(given_paystack());
    side.list_head = "{\"status\":true,\"meta\":{\"page\":1,\"pageCount\":1},\"data\":[";
    side.list_tail = "]}";
    side.paid = bytes_of(print(given_json("documents/paystack-verify-success.json")));
    side.unpaid = given_verification("status", "\"failed\"", NULL);
    add_documents(of_paystack, COUNT(of_paystack), paystack_document);
}
