/* Tries to settle a difference by recovery or adoption, before it is reported. */
#include "reconcile_parts.h"

#include "application/inbox/adopt_payment.h"
#include "application/recovery/recover_payment.h"

static const char *note_of(enum recovery_result result)
{
    switch (result) {
    case RECOVERY_NOTHING_OPEN:
    case RECOVERY_LOOKED:
    case RECOVERY_SETTLED:
        return "the provider was asked what it knows of the payment";
    case RECOVERY_STILL_UNKNOWN:
        return "the provider was asked about the payment, and did not say";
    case RECOVERY_BUSY:
        return "somebody else was asking about the payment";
    }
    return "";
}

/* An object that cannot be healed does not stop the comparison; an unreachable database does. */
static const struct problem *note_problem(const struct problem *problem, struct healing *healing)
{
    if (problem->type == PROBLEM_DATABASE_UNAVAILABLE)
        return problem;
    healing->note = problem->detail;
    return OK;
}

/* An open call is settled first, then the object itself with its refunds and disputes. */
static const struct problem *ask(struct ctx *ctx, struct payment_id id, struct healing *healing)
{
    enum recovery_result result;
    struct payment payment;
    const struct problem *problem = recover_payment(ctx, id, NULL, &payment, &result);

    if (problem == OK && result == RECOVERY_SETTLED)
        problem = recover_payment(ctx, id, NULL, &payment, &result);
    if (problem != OK)
        return note_problem(problem, healing);
    healing->note = note_of(result);
    return OK;
}

static const struct problem *adopt(struct ctx *ctx, const struct reconciling *work,
                                   const struct provider_book_entry *theirs,
                                   struct payment_id *id_out, struct healing *healing)
{
    const struct provider_event event = {
        .type = "reconciliation", .kind = PROVIDER_EVENT_LATER, .payment = theirs->payment,
    };
    struct adoption adoption;
    const struct problem *problem = adopt_payment(ctx, work->provider, &event, &adoption);

    if (problem != OK)
        return note_problem(problem, healing);
    healing->foreign = adoption.result == ADOPTION_IGNORED;
    healing->note = adoption.reason;
    if (adoption.result == ADOPTED)
        *id_out = adoption.payment_id;
    return OK;
}

/* A refund or dispute that we do not have may belong to a payment that we have, by its intent. */
static const struct problem *find_payment(struct ctx *ctx, const struct reconciling *work,
                                          const struct provider_book_entry *theirs,
                                          struct payment_id *id_out)
{
    const char *const intent = theirs->payment.intent;
    struct our_book book;

    if (id_out->text[0] != '\0' || intent[0] == '\0')
        return OK;
    TRY(store_book_find(ctx, work->provider->name, BOOK_CHARGES, &intent, 1, &book));
    if (book.count == 1)
        *id_out = book.owners[0].payment_id;
    return OK;
}

/* True when it names nothing that it could be adopted by. */
static bool is_nobodys(const struct provider_book_entry *theirs)
{
    return theirs->payment.ref[0] == '\0' && theirs->payment.intent[0] == '\0';
}

const struct problem *reconcile_heal(struct ctx *ctx, const struct reconciling *work,
                                     const struct provider_book_entry *theirs,
                                     struct payment_id payment_id, struct healing *healing_out)
{
    struct healing healing = { .note = "" };

    healing.foreign = theirs->other_mode;
    if (!healing.foreign)
        TRY(find_payment(ctx, work, theirs, &payment_id));
    if (!healing.foreign && payment_id.text[0] == '\0') {
        healing.foreign = is_nobodys(theirs) || work->provider->write_adopt == NULL;
        if (!healing.foreign)
            TRY(adopt(ctx, work, theirs, &payment_id, &healing));
    }
    if (!healing.foreign && payment_id.text[0] != '\0')
        TRY(ask(ctx, payment_id, &healing));
    *healing_out = healing;
    return OK;
}
