#include <getopt.h>
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
    static const struct option known[] = {
        { "needs-review", no_argument, NULL, 'n' }, { NULL, 0, NULL, 0 },
    };
    enum wanted needs_review = WANTED_ANY;
    struct admin_session session;
    int option, status;

    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
        if (option != 'n')
            return admin_misused("payment list takes --needs-review");
        needs_review = WANTED_YES;
    }
    if (optind != argc)
        return admin_misused("payment list takes --needs-review");
    status = admin_open(admin, &session);
    return status == EX_OK ? admin_report(print_payments(&session.ctx, needs_review)) : status;
}

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
    static const struct option known[] = {
        { "id", required_argument, NULL, 'i' }, { "reason", required_argument, NULL, 'r' },
        { NULL, 0, NULL, 0 },
    };
    const char *id = NULL, *reason = NULL;
    int option;

    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
        if (option == 'i')
            id = optarg;
        else if (option == 'r')
            reason = optarg;
        else
            return admin_misused("payment review takes --id and --reason");
    }
    if (optind != argc || id == NULL || reason == NULL || *reason == '\0')
        return admin_misused("payment review needs --id PAYMENT and --reason TEXT");
    if (strlen(reason) > REASON_BYTES_MAX)
        return admin_misused("--reason may have %d bytes", REASON_BYTES_MAX);
    return review_with(admin, id, reason);
}

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
    static const struct option known[] = {
        { "id", required_argument, NULL, 'i' }, { NULL, 0, NULL, 0 },
    };
    const char *id = NULL;
    int option;

    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
        if (option != 'i')
            return admin_misused("payment sync takes --id");
        id = optarg;
    }
    if (optind != argc || id == NULL)
        return admin_misused("payment sync needs --id PAYMENT");
    return sync_with(admin, id);
}

int admin_payment(struct admin *admin, int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "list") == 0)
        return list(admin, argc - 1, argv + 1);
    if (argc > 1 && strcmp(argv[1], "review") == 0)
        return review(admin, argc - 1, argv + 1);
    if (argc > 1 && strcmp(argv[1], "sync") == 0)
        return sync_one(admin, argc - 1, argv + 1);
    return admin_misused("payment is followed by list, review or sync");
}
