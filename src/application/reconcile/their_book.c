/* Compares a page of the provider's list with our ledger. */
#include "reconcile_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "application/audit/authorship.h"
#include "base/json_out.h"

/* One page of their book, beside what we have of it. Indexes are those of theirs. */
struct page {
    enum book_kind              kind;
    struct provider_book_page   told;
    struct provider_book_entry *theirs;         /* sorted by ref, each once */
    int                         count;
    struct book_entry          *entries;        /* of theirs */
    struct our_book             ours;
    int                         our_place[HARVEST_MAX];         /* -1: we lack it */
    enum book_difference        first[HARVEST_MAX], now[HARVEST_MAX];
    struct healing              healing[HARVEST_MAX];
    bool                        unproven[HARVEST_MAX];
};

/* --- Reading ------------------------------------------------------------------------------- */

/* True when the list no longer has the place where we stopped: start again from its top. */
static bool is_lost_place(const struct reconciling *work, const struct provider_reply *reply)
{
    return work->run.page_after[0] != '\0' && reply->complete && reply->http_status / 100 == 4
        && reply->http_status != 401 && reply->http_status != 403 && reply->http_status != 429;
}

static const struct problem *read_page(struct ctx *ctx, struct reconciling *work, struct page *page)
{
    const int64_t from_s = work->run.day_ms / 1000;
    struct provider_request request;
    struct provider_reply reply;

    page->kind = (enum book_kind) work->run.step;
    TRY(work->provider->write_list_book(ctx, page->kind, from_s, from_s + DAY_MS / 1000,
                                        work->run.page_after, &request));
    work->provider->call(ctx, work->provider, &request, &reply);
    if (work->provider->read_book(ctx, work->provider, page->kind, &reply, &page->told)
        && strlen(page->told.after) < RECONCILE_PLACE_MAX)
        return OK;
    if (is_lost_place(work, &reply))
        work->run.page_after[0] = '\0';
    reconcile_give_up(work, &reply);
    return OK;
}

static int their_order(const void *a, const void *b)
{
    return book_entry_order(&((const struct provider_book_entry *) a)->entry,
                            &((const struct provider_book_entry *) b)->entry);
}

/*
 * Sorts the page and removes duplicates: a list that shifts while it is read may name an object
 * twice.
 */
static void sort_page(struct ctx *ctx, struct page *page)
{
    page->theirs = page->told.entries;
    qsort(page->theirs, (size_t) page->told.count, sizeof(page->theirs[0]), their_order);
    for (int i = 0; i < page->told.count; i++)
        if (page->count == 0 || their_order(&page->theirs[page->count - 1], &page->theirs[i]) != 0)
            page->theirs[page->count++] = page->theirs[i];
    page->entries = arena_alloc(ctx->arena, (size_t) (page->count + 1) * sizeof(page->entries[0]));
    for (int i = 0; i < page->count; i++)
        page->entries[i] = page->theirs[i].entry;
}

/* --- Comparing ----------------------------------------------------------------------------- */

static const struct problem *compare(struct ctx *ctx, const struct reconciling *work,
                                     struct page *page)
{
    struct book_pair pairs[2 * HARVEST_MAX];
    const char *refs[HARVEST_MAX];
    int count;

    for (int i = 0; i < page->count; i++)
        refs[i] = page->entries[i].ref;
    TRY(store_book_find(ctx, work->provider->name, page->kind, refs, page->count, &page->ours));
    count = books_compare(page->ours.entries, page->ours.count, page->entries, page->count, pairs);
    for (int i = 0; i < count; i++) {
        if (pairs[i].theirs < 0)
            continue;
        page->our_place[pairs[i].theirs] = pairs[i].ours;
        page->now[pairs[i].theirs] = pairs[i].difference;
    }
    return OK;
}

/* Money that we booked late may have the day of the booking, which says nothing against it. */
static bool is_settled(enum book_difference first, enum book_difference now)
{
    return now == BOOKS_AGREE || (now == BOOKS_OTHER_DAY && first != BOOKS_OTHER_DAY);
}

static struct payment_id payment_of(const struct page *page, int place)
{
    const struct payment_id none = { "" };
    const int ours = page->our_place[place];

    return ours >= 0 ? page->ours.owners[ours].payment_id : none;
}

/* Heals every difference but another day, which cannot be healed. */
static const struct problem *heal(struct ctx *ctx, const struct reconciling *work,
                                  struct page *page)
{
    bool any = false;

    memcpy(page->first, page->now, sizeof(page->first));
    for (int i = 0; i < page->count; i++) {
        page->healing[i] = (struct healing) { .note = "the two books name different days" };
        if (page->first[i] == BOOKS_AGREE || page->first[i] == BOOKS_OTHER_DAY)
            continue;
        TRY(reconcile_keep_lease(ctx, work));
        TRY(reconcile_heal(ctx, work, &page->theirs[i], payment_of(page, i), &page->healing[i]));
        any = true;
    }
    return any ? compare(ctx, work, page) : OK;
}

/* --- Ownership ----------------------------------------------------------------------------- */

static bool is_booked(const struct page *page, int i)
{
    return page->our_place[i] >= 0 && page->ours.entries[page->our_place[i]].at_ms != 0;
}

/*
 * The proof of a charge that differs from its order's amount is over the order's amount, which only
 * the payment's row knows.
 */
static const struct problem *look_for_proof(struct ctx *ctx, const struct reconciling *work,
                                            const struct page *page, int i, bool *unproven_out)
{
    const struct book_owner *owner = &page->ours.owners[page->our_place[i]];
    const struct authorship *authorship = ctx->settings->authorship;
    const char *const proof = page->theirs[i].payment.proof;
    struct payment payment = {
        .id = owner->payment_id, .order_id = owner->order_id, .amount = page->entries[i].moved,
    };
    bool found;

    snprintf(payment.provider, sizeof(payment.provider), "%s", work->provider->name);
    *unproven_out = false;
    if (authorship_is_ours(authorship, &payment, proof))
        return OK;
    TRY(store_payment_find(ctx, owner->payment_id, NULL, &payment, &found));
    *unproven_out = found && payment.authored && !authorship_is_ours(authorship, &payment, proof);
    return OK;
}

/* Judges the object alone, whatever was believed when we booked its money, earlier or just now. */
static const struct problem *look_for_proofs(struct ctx *ctx, const struct reconciling *work,
                                             struct page *page)
{
    for (int i = 0; i < page->count && page->kind == BOOK_CHARGES; i++)
        if (is_booked(page, i))
            TRY(look_for_proof(ctx, work, page, i, &page->unproven[i]));
    return OK;
}

/* --- The results --------------------------------------------------------------------------- */

static const char *evidence(struct ctx *ctx, const struct provider_book_entry *theirs)
{
    const struct { const char *name, *value; } members[] = {
        { "object", theirs->told_ref }, { "intent", theirs->payment.intent },
        { "reference", theirs->payment.ref }, { "paymentId", theirs->payment.payment_id.text },
        { "orderId", theirs->payment.order_id.text }, { "refundId", theirs->refund_id.text },
        { "proof", theirs->payment.proof },
    };
    struct text text = json_out_begin(ctx->arena);

    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
        if (members[i].value[0] != '\0')
            json_out_text(&text, members[i].name, members[i].value);
    return json_out_end(&text).data;
}

static void add_finding(struct ctx *ctx, const struct page *page, int i, struct harvest *harvest)
{
    struct finding *finding = &harvest->findings[harvest->finding_count++];
    const int ours = page->our_place[i];
    const bool healed = is_settled(page->first[i], page->now[i]);

    *finding = (struct finding) {
        .kind = healed ? page->first[i] : page->now[i],
        .object = page->kind,
        .theirs = page->entries[i],
        .evidence = evidence(ctx, &page->theirs[i]),
        .state = healed ? FINDING_HEALED : FINDING_OPEN,
    };
    if (ours >= 0) {
        finding->ours = page->ours.entries[ours];
        finding->owner = page->ours.owners[ours];
    }
    snprintf(finding->ref, sizeof(finding->ref), "%s", page->entries[i].ref);
    snprintf(finding->note, sizeof(finding->note), "%s", page->healing[i].note);
}

/* Our ledger has money that we took, but the provider's object is not provably ours. */
static void add_unproven(struct ctx *ctx, const struct page *page, int i, struct harvest *harvest)
{
    struct finding *finding = &harvest->findings[harvest->finding_count];

    add_finding(ctx, page, i, harvest);
    finding->kind = BOOKS_MISSING_THERE;
    finding->state = FINDING_OPEN;
    snprintf(finding->note, sizeof(finding->note),
             "nothing proves that this installation made the provider's object: whose money is"
             " it?");
}

static void add_confirmation(const struct page *page, int i, struct harvest *harvest)
{
    struct confirmation *told = &harvest->confirmations[harvest->confirmation_count++];
    const struct provider_book_entry *theirs = &page->theirs[i];

    *told = (struct confirmation) {
        .kind = page->kind,
        .owner = page->ours.owners[page->our_place[i]],
        .told_at_ms = theirs->entry.at_ms,
        .fee_told = theirs->fee_told, .net_told = theirs->net_told,
        .fee_minor = theirs->fee_minor, .net_minor = theirs->net_minor,
    };
    memcpy(told->settled_currency, theirs->settled_currency, sizeof(told->settled_currency));
    snprintf(told->ref, sizeof(told->ref), "%s", theirs->entry.ref);
    snprintf(told->told_ref, sizeof(told->told_ref), "%s", theirs->told_ref);
}

static void gather(struct ctx *ctx, struct reconciling *work, const struct page *page,
                   struct harvest *harvest)
{
    for (int i = 0; i < page->count; i++) {
        if (page->healing[i].foreign)
            work->run.foreigners++;
        else if (page->unproven[i])
            add_unproven(ctx, page, i, harvest);
        else if (page->first[i] != BOOKS_AGREE)
            add_finding(ctx, page, i, harvest);
        if (is_booked(page, i))
            add_confirmation(page, i, harvest);
    }
    work->run.compared += page->count + page->told.unreadable;
    work->run.unreadable += page->told.unreadable;
}

static void move_on(struct reconciling *work, const struct page *page)
{
    snprintf(work->run.page_after, sizeof(work->run.page_after), "%s", page->told.after);
    if (page->told.after[0] == '\0')
        work->run.step++;
}

const struct problem *reconcile_their_page(struct ctx *ctx, struct reconciling *work)
{
    struct page *page = arena_alloc(ctx->arena, sizeof(*page));
    struct harvest *harvest = arena_alloc(ctx->arena, sizeof(*harvest));

    harvest->work = work;
    TRY(read_page(ctx, work, page));
    if (work->result == RECONCILE_NO_ANSWER)
        return OK;
    sort_page(ctx, page);
    TRY(compare(ctx, work, page));
    TRY(heal(ctx, work, page));
    TRY(look_for_proofs(ctx, work, page));
    gather(ctx, work, page, harvest);
    move_on(work, page);
    return reconcile_store_harvest(ctx, harvest);
}
