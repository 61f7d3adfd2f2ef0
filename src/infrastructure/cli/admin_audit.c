/* payapi-admin audit: makes and retires keys, makes checkpoints, verifies and exports the log. */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "admin_audit_export.h"
#include "admin_store.h"
#include "application/commands.h"
#include "application/queries.h"
#include "application/store/store_checkpoints.h"
#include "base/hex.h"
#include "domain/moment.h"
#include "infrastructure/api/output/audit_json.h"
#include "infrastructure/audit_key_file.h"

#define KEPT_MAX 100000

/* --- keygen FILE --------------------------------------------------------------------------- */

static int keygen(struct admin *admin, int argc, char **argv)
{
    const char *complaint = NULL;
    const char *file;

    command_line_no_options(&admin->line, argc, argv);
    file = command_line_argument(&admin->line, argc, argv, "FILE");
    if (audit_key_create(admin->arena, file, &complaint))
        return EX_OK;
    fprintf(stderr, "payapi-admin: %s\n", complaint);
    return ADMIN_FAILED;
}

const struct admin_command admin_audit_keygen = {
    .name = "audit keygen",
    .arguments = "FILE",
    .summary = "Make a key for AUDIT_SIGNING_KEY_FILE.",
    .explanation = "  FILE  is written, and its public half to FILE.pub\n",
    .run = keygen,
};

/* --- retire -------------------------------------------------------------------------------- */

/* The line of AUDIT_RETIRED_KEYS_FILE that says: this key up to here. */
static int print_retired(const struct admin_session *session)
{
    const struct audit_key *key = session->settings.audit_key;
    struct audit_checkpoint batch[CHECKPOINT_BATCH];
    struct ctx ctx = session->ctx;
    int count, status;

    if (key == NULL) {
        fputs("payapi-admin: AUDIT_SIGNING_KEY_FILE is not set\n", stderr);
        return CONFIG_EXIT_STATUS;
    }
    status = admin_report(store_checkpoints_down_from(&ctx, INT64_MAX, batch, &count));
    for (int i = 0; status == EX_OK && i < count; i++)
        if (audit_checkpoint_is_signed(&batch[i], key)) {
            printf("%" PRId64 " %s\n", batch[i].number, audit_key_text(ctx.arena, key));
            return EX_OK;
        }
    if (status == EX_OK)
        fputs("payapi-admin: this key has sealed nothing\n", stderr);
    return status == EX_OK ? ADMIN_FAILED : status;
}

static int retire(struct admin *admin, int argc, char **argv)
{
    struct admin_session session;
    int status;

    command_line_no_options(&admin->line, argc, argv);
    command_line_end(&admin->line, argc, argv);
    status = admin_open(admin, &session);
    return status == EX_OK ? print_retired(&session) : status;
}

const struct admin_command admin_audit_retire = {
    .name = "audit retire",
    .arguments = "",
    .summary = "Print the line of AUDIT_RETIRED_KEYS_FILE for the present key.",
    .explanation = "",
    .run = retire,
};

/* --- checkpoint ---------------------------------------------------------------------------- */

static int seal_all(struct ctx *ctx, const char *note)
{
    int made, all = 0, status;

    do {
        status = admin_report(checkpoint_audit(ctx, note, &made));
        all += made;
        if (status == EX_OK && *note != '\0' && all == 0) {
            fputs("payapi-admin: somebody else sealed at this moment: run this again\n", stderr);
            return ADMIN_FAILED;
        }
        note = "";
    } while (status == EX_OK && made == CHECKPOINTS_AT_ONCE);
    if (status == EX_OK)
        printf("%d checkpoints made\n", all);
    return status;
}

static const char *read_note(const struct admin *admin, const char *note)
{
    bool good = *note != '\0' && strlen(note) <= CHECKPOINT_NOTE_MAX;

    for (const char *c = note; *c != '\0'; c++)
        good = good && *c >= ' ' && *c <= '~';
    if (!good)
        command_line_misused(&admin->line,
                             "--accept-loss must be 1 to %d printable ASCII characters",
                             CHECKPOINT_NOTE_MAX);
    return note;
}

static int checkpoint(struct admin *admin, int argc, char **argv)
{
    struct admin_session session;
    const char *note = "";
    int status;

    while (command_line_next(&admin->line, argc, argv) != -1)
        note = read_note(admin, optarg);
    command_line_end(&admin->line, argc, argv);
    status = admin_open_sealer(admin, &session);
    return status == EX_OK ? seal_all(&session.ctx, note) : status;
}

static const struct option checkpoint_options[] = {
    { "accept-loss", required_argument, NULL, 'a' }, { NULL, 0, NULL, 0 },
};

const struct admin_command admin_audit_checkpoint = {
    .name = "audit checkpoint",
    .arguments = "[--accept-loss NOTE]",
    .summary = "Seal what was added to the audit log.",
    .explanation =
        "  --accept-loss NOTE  seal all anew, and say why earlier checkpoints are lost (a"
        " restore)\n",
    .options = checkpoint_options,
    .run = checkpoint,
};

/* --- verify [--checkpoints FILE] ----------------------------------------------------------- */

struct kept_list {
    struct kept_checkpoint *items;
    int                     count;
};

/* A line of an export or of a log: an object with checkpoint and hash. Other lines are not ours. */
static void keep_line(struct kept_list *kept, const char *line)
{
    json_t *object = json_loads(line, 0, NULL);
    const char *hash = json_string_value(json_object_get(object, "hash"));
    json_t *number = json_object_get(object, "checkpoint");

    if (json_is_integer(number) && hash != NULL && kept->count < KEPT_MAX &&
        json_object_get(object, "signature") != NULL &&
        hex_parse(hash, kept->items[kept->count].hash.bytes, DIGEST_BYTES))
        kept->items[kept->count++].number = json_integer_value(number);
    json_decref(object);
}

static bool read_kept(struct arena *arena, const char *path, struct kept_list *kept_out)
{
    FILE *file = fopen(path, "re");
    char *line = NULL;
    size_t size = 0;

    if (file == NULL)
        return false;
    kept_out->items = arena_alloc(arena, KEPT_MAX * sizeof(*kept_out->items));
    while (getline(&line, &size, file) > 0)
        keep_line(kept_out, line);
    free(line);
    fclose(file);
    return kept_out->count > 0;
}

static int print_report(struct arena *arena, const struct audit_report *report)
{
    struct text text = text_new(arena);

    audit_report_json(&text, report);
    puts(text_bytes(&text).data);
    return report->finding_count == 0 ? EX_OK : ADMIN_FAILED;
}

static int verify_with(struct admin *admin, const struct kept_list *kept)
{
    const struct audit_question question = { .kept = kept->items, .kept_count = kept->count };
    struct audit_report *report = arena_alloc(admin->arena, sizeof(*report));
    struct audit_walk walk = { .done = false };
    struct admin_session session;
    int status = admin_open(admin, &session);

    if (status == EX_OK)
        status = admin_report(verify_audit(&session.ctx, &question, &walk, report));
    return status == EX_OK ? print_report(admin->arena, report) : status;
}

static int verify(struct admin *admin, int argc, char **argv)
{
    struct kept_list kept = { NULL, 0 };

    while (command_line_next(&admin->line, argc, argv) != -1)
        if (!read_kept(admin->arena, optarg, &kept))
            command_line_misused(&admin->line, "--checkpoints: '%s' cannot be read, or has no"
                                 " checkpoint in it", optarg);
    command_line_end(&admin->line, argc, argv);
    return verify_with(admin, &kept);
}

static const struct option verify_options[] = {
    { "checkpoints", required_argument, NULL, 'c' }, { NULL, 0, NULL, 0 },
};

const struct admin_command admin_audit_verify = {
    .name = "audit verify",
    .arguments = "[--checkpoints FILE]",
    .summary = "Prove histories, checkpoints and seals (exit status 1 if one is broken).",
    .explanation =
        "  --checkpoints FILE  checkpoints that were kept elsewhere: lines of an export or a log\n",
    .options = verify_options,
    .run = verify,
};

/* --- export [--from TIME] [--to TIME] ------------------------------------------------------- */

static int64_t read_time(const struct admin *admin, int option, const char *text)
{
    int64_t at_ms;

    if (!moment_parse(text, &at_ms))
        command_line_misused(&admin->line, "--%s must be like 2026-11-23T09:15:27Z, not '%s'",
                             option == 'f' ? "from" : "to", text);
    return at_ms;
}

static int export_all(struct admin *admin, int argc, char **argv)
{
    int64_t from_ms = 0, to_ms = MOMENT_MS_MAX;
    struct admin_session session;
    int option, status;

    while ((option = command_line_next(&admin->line, argc, argv)) != -1)
        *(option == 'f' ? &from_ms : &to_ms) = read_time(admin, option, optarg);
    command_line_end(&admin->line, argc, argv);
    status = admin_open(admin, &session);
    return status == EX_OK ? admin_report(audit_export(&session.ctx, from_ms, to_ms, stdout))
                           : status;
}

static const struct option export_options[] = {
    { "from", required_argument, NULL, 'f' }, { "to", required_argument, NULL, 't' },
    { NULL, 0, NULL, 0 },
};

const struct admin_command admin_audit_export = {
    .name = "audit export",
    .arguments = "[--from TIME] [--to TIME]",
    .summary = "Print checkpoints, and the rows they cover with their proof (NDJSON).",
    .explanation =
        "  --from TIME  no rows before it, such as 2026-11-23T09:15:27Z\n"
        "  --to TIME    no rows from it on\n",
    .options = export_options,
    .run = export_all,
};
