/* payapi-admin payment: lists, reviews and synchronises payments. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "admin_store.h"
#include "application/commands.h"
#include "application/queries.h"

#define REASON_BYTES_MAX    500
#define REFERENCE_BYTES_MAX 100
#define BATCH               100

/* --- list [--needs-review] ----------------------------------------------------------------- */

/*
 * One JSON object a line, newest first. last: of the page before, and then of this one; "" at
 * first.
 */
static const struct problem *print_page(struct ctx *ctx, enum wanted needs_review,
                                        struct payment_id *last, bool *more_out)
{
    struct payment_query query = { .needs_review = needs_review, .limit = BATCH,
                                   .after_id = last->text[0] != '\0' ? last->text : NULL };
    struct payment_page page;

    TRY(list_payments(ctx, &query, &page));
    for (int i = 0; i < page.count; i++)
        puts(payment_json(ctx, &page.payments[i]).data);
    if (page.count > 0)
        *last = page.payments[page.count - 1].id;
    *more_out = page.more;
    return OK;
}

/* In memory for one page: there may be millions. Exit status. */
static int print_payments(const struct ctx *ctx, enum wanted needs_review)
{
    struct arena *arena = arena_new();
    struct ctx of_page = *ctx;
    struct payment_id last = { "" };
    bool more = true;
    int status = EX_OK;

    of_page.arena = arena;
    while (more && status == EX_OK) {
        status = admin_report(print_page(&of_page, needs_review, &last, &more));
        arena_reset(arena);
    }
    arena_free(arena);
    return status;
}

static int list(struct admin *admin, int argc, char **argv)
{
    enum wanted needs_review = WANTED_ANY;
    struct admin_session session;
    int status;

    while (command_line_next(&admin->line, argc, argv) != -1)
        needs_review = WANTED_YES;
    command_line_end(&admin->line, argc, argv);
    status = admin_open(admin, &session);
    return status == EX_OK ? print_payments(&session.ctx, needs_review) : status;
}

static const struct option list_options[] = {
    { "needs-review", no_argument, NULL, 'n' }, { NULL, 0, NULL, 0 },
};

const struct admin_command admin_payment_list = {
    .name = "payment list",
    .arguments = "[--needs-review]",
    .summary = "Print payments, newest first, one JSON object per line.",
    .explanation = "  --needs-review  only those that a human must look at\n",
    .options = list_options,
    .run = list,
};

/* --- review --id PAYMENT --reason TEXT [--verdict V] ... ---------------------------------- */

static const struct problem *give_terms(struct ctx *ctx, const void *body, const char *currency,
                                        struct review_terms *terms_out)
{
    (void) ctx;
    (void) currency;
    terms_out->amount_minor = *(const int64_t *) body;
    terms_out->amount_pointer = "#/amountMinor";
    return OK;
}

static int review_with(struct admin *admin, const struct review_payment *command)
{
    struct admin_session session;
    struct answer answer;
    const bool may_refund = command->verdict == REVIEW_VERDICT_REFUND
        || command->verdict == REVIEW_VERDICT_ATTACH;
    int status = may_refund ? admin_open_providers(admin, &session) : admin_open(admin, &session);

    if (status == EX_OK)
        status = admin_report(review_payment(&session.ctx, command, &answer));
    if (status == EX_OK)
        puts(answer.body.data);
    return status;
}

static bool read_minor(const char *text, int64_t *minor_out)
{
    char *end;

    errno = 0;
    *minor_out = strtoll(text, &end, 10);
    return errno == 0 && *text != '\0' && *end == '\0' && *minor_out > 0
        && *minor_out <= MONEY_MINOR_MAX;
}

/* NULL: the options of a review are complete; else what is wrong with them. */
static const char *complaint_about(const struct review_payment *command, int64_t amount_minor)
{
    const bool has_amount = command->verdict == REVIEW_VERDICT_REFUND
        || command->verdict == REVIEW_VERDICT_REFUND_ELSEWHERE;

    if (command->payment_id == NULL)
        return "--id PAYMENT is missing";
    if (command->reason == NULL || *command->reason == '\0')
        return "--reason TEXT is missing";
    if (strlen(command->reason) > REASON_BYTES_MAX)
        return "--reason is too long";
    if (amount_minor != 0 && !has_amount)
        return "--amount-minor goes with --verdict refund or refund_elsewhere";
    if (command->owner_id[0] != '\0' && command->verdict != REVIEW_VERDICT_GIVE_OWNER)
        return "--owner goes with --verdict give_owner";
    if (command->order_id[0] != '\0' && command->verdict != REVIEW_VERDICT_ATTACH)
        return "--order goes with --verdict attach";
    if (strlen(command->owner_id) >= OWNER_ID_MAX)
        return "--owner is too long";
    if (command->reference[0] != '\0' && command->verdict != REVIEW_VERDICT_REFUND_ELSEWHERE)
        return "--reference goes with --verdict refund_elsewhere";
    return strlen(command->reference) > REFERENCE_BYTES_MAX ? "--reference is too long" : NULL;
}

/* False: the option has no such value, or there is no such option. */
static bool take_option(int option, const char *value, struct review_payment *command,
                        int64_t *amount_minor)
{
    switch (option) {
    case 'i': command->payment_id = value; return true;
    case 'r': command->reason = value; return true;
    case 'o': command->owner_id = value; return true;
    case 'f': command->reference = value; return true;
    case 't': command->order_id = value; return true;
    case 'v': return review_verdict_parse(value, &command->verdict);
    case 'a': return read_minor(value, amount_minor);
    default:  return false;
    }
}

static int review(struct admin *admin, int argc, char **argv)
{
    int64_t amount_minor = 0;
    struct review_payment command = {
        .owner_id = "", .reference = "", .order_id = "", .read_terms = give_terms,
        .body = &amount_minor,
    };
    const char *complaint;
    int option;

    while ((option = command_line_next(&admin->line, argc, argv)) != -1)
        if (!take_option(option, optarg, &command, &amount_minor))
            command_line_misused(&admin->line,
                                 option == 'v' ? "'%s' is not a verdict"
                                               : "'%s' is not an amount in minor units", optarg);
    command_line_end(&admin->line, argc, argv);
    complaint = complaint_about(&command, amount_minor);
    if (complaint != NULL)
        command_line_misused(&admin->line, "%s", complaint);
    return review_with(admin, &command);
}

static const struct option review_options[] = {
    { "id", required_argument, NULL, 'i' },           { "reason", required_argument, NULL, 'r' },
    { "verdict", required_argument, NULL, 'v' },      { "owner", required_argument, NULL, 'o' },
    { "amount-minor", required_argument, NULL, 'a' }, { "reference", required_argument, NULL, 'f' },
    { "order", required_argument, NULL, 't' },        { NULL, 0, NULL, 0 },
};

static const char review_help[] =
    "  --id PAYMENT       the payment's id\n"
    "  --reason TEXT      kept in the audit log for ever: no personal data\n"
    "  --verdict VERDICT  dismiss (nothing needs to be done; the default), accept (what came\n"
    "                     counts as the whole amount), refund (an amount, or all), write_off\n"
    "                     (what came is kept, the order can be paid anew), refund_elsewhere\n"
    "                     (an amount was given back by other means), give_owner (to an order\n"
    "                     that was recovered without one), give_up_call (nobody will ever find\n"
    "                     out what became of a call), attach (money that pays for nothing pays\n"
    "                     for another order)\n"
    "  --amount-minor N   for refund and refund_elsewhere, in minor units\n"
    "  --reference TEXT   for refund_elsewhere: where it can be looked up\n"
    "  --owner SUB        for give_owner\n"
    "  --order ORDER      for attach: an unpaid order without an open page\n";

const struct admin_command admin_payment_review = {
    .name = "payment review",
    .arguments = "--id PAYMENT --reason TEXT [--verdict VERDICT] [--amount-minor N] [--owner SUB]"
                 " [--reference TEXT] [--order ORDER]",
    .summary = "Decide about a payment under review, and clear needsReview.",
    .explanation = review_help,
    .options = review_options,
    .run = review,
};

/* --- sync --id PAYMENT ----------------------------------------------------------------------- */

static int sync_with(struct admin *admin, const char *id)
{
    struct admin_session session;
    struct answer answer;
    int status = admin_open_providers(admin, &session);

    if (status == EX_OK)
        status = admin_report(sync_payment(&session.ctx, id, &answer));
    if (status == EX_OK)
        puts(answer.body.data);
    return status;
}

static int sync_one(struct admin *admin, int argc, char **argv)
{
    const char *id = NULL;

    while (command_line_next(&admin->line, argc, argv) != -1)
        id = optarg;
    command_line_end(&admin->line, argc, argv);
    if (id == NULL)
        command_line_misused(&admin->line, "--id PAYMENT is missing");
    return sync_with(admin, id);
}

static const struct option sync_options[] = {
    { "id", required_argument, NULL, 'i' }, { NULL, 0, NULL, 0 },
};

const struct admin_command admin_payment_sync = {
    .name = "payment sync",
    .arguments = "--id PAYMENT",
    .summary = "Ask the provider now, and heal the payment.",
    .explanation = "  --id PAYMENT  the payment's id\n",
    .options = sync_options,
    .run = sync_one,
};
