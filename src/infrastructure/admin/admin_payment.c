#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "application/commands.h"
#include "application/queries.h"
#include "infrastructure/admin/admin_store.h"

#define REASON_BYTES_MAX 500
#define BATCH            100

/* --- list [--needs-review] ----------------------------------------------------------------- */

/* One JSON object a line, newest first. */
static const struct problem *print_payments(struct ctx *ctx, enum wanted needs_review)
{
    struct payment_query query = { .needs_review = needs_review, .limit = BATCH };
    struct payment_page page;

    do {
        TRY(list_payments(ctx, &query, &page));
        for (int i = 0; i < page.count; i++)
            puts(payment_json(ctx, &page.payments[i]).data);
        if (page.count > 0)
            query.after_id = page.payments[page.count - 1].id.text;
    } while (page.more);
    return OK;
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
    return status == EX_OK ? admin_report(print_payments(&session.ctx, needs_review)) : status;
}

static const struct option list_options[] = {
    { "needs-review", no_argument, NULL, 'n' }, { NULL, 0, NULL, 0 },
};

const struct admin_command admin_payment_list = {
    .name = "payment list",
    .arguments = "[--needs-review]",
    .summary = "Print payments, newest first, one JSON object a line.",
    .explanation = "  --needs-review  only those that a human must look at\n",
    .options = list_options,
    .run = list,
};

/* --- review --id PAYMENT --reason TEXT ------------------------------------------------------ */

static int review_with(struct admin *admin, const char *id, const char *reason)
{
    struct admin_session session;
    struct answer answer;
    int status = admin_open(admin, &session);

    if (status == EX_OK)
        status = admin_report(review_payment(&session.ctx, id, reason, &answer));
    if (status == EX_OK)
        puts(answer.body.data);
    return status;
}

static int review(struct admin *admin, int argc, char **argv)
{
    const char *id = NULL, *reason = "";
    int option;

    while ((option = command_line_next(&admin->line, argc, argv)) != -1) {
        if (option == 'i')
            id = optarg;
        else
            reason = optarg;
    }
    command_line_end(&admin->line, argc, argv);
    if (id == NULL)
        command_line_misused(&admin->line, "--id PAYMENT is missing");
    if (*reason == '\0')
        command_line_misused(&admin->line, "--reason TEXT is missing");
    if (strlen(reason) > REASON_BYTES_MAX)
        command_line_misused(&admin->line, "--reason may have %d bytes", REASON_BYTES_MAX);
    return review_with(admin, id, reason);
}

static const struct option review_options[] = {
    { "id", required_argument, NULL, 'i' }, { "reason", required_argument, NULL, 'r' },
    { NULL, 0, NULL, 0 },
};

const struct admin_command admin_payment_review = {
    .name = "payment review",
    .arguments = "--id PAYMENT --reason TEXT",
    .summary = "Take needsReview off: a human has looked at the payment.",
    .explanation =
        "  --id PAYMENT   the payment's id\n"
        "  --reason TEXT  kept in the audit log for ever, so without personal data\n",
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
