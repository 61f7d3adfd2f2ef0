#include <getopt.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "application/commands.h"
#include "application/queries.h"
#include "domain/moment.h"
#include "infrastructure/admin/admin_audit_export.h"
#include "infrastructure/admin/admin_store.h"
#include "infrastructure/api/audit_json.h"
#include "infrastructure/audit_key_file.h"

#define KEPT_MAX 100000

/* --- keygen FILE --------------------------------------------------------------------------- */

static int keygen(struct admin *admin, int argc, char **argv)
{
    const char *complaint = NULL;

    if (argc != 2)
        return admin_misused("audit keygen needs the file to write: FILE, and FILE.pub beside it");
    if (audit_key_create(admin->arena, argv[1], &complaint))
        return EX_OK;
    fprintf(stderr, "payapi-admin: %s\n", complaint);
    return ADMIN_FAILED;
}

/* --- checkpoint ---------------------------------------------------------------------------- */

static int checkpoint(struct admin *admin, int argc, char **argv)
{
    struct admin_session session;
    int made, status;

    (void) argv;
    if (argc != 1)
        return admin_misused("audit checkpoint takes no arguments");
    status = admin_open(admin, &session);
    if (status == EX_OK)
        status = admin_report(checkpoint_audit(&session.ctx, &made));
    if (status == EX_OK)
        printf("%d checkpoints made\n", made);
    return status;
}

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
    struct audit_report *report = arena_alloc(admin->arena, sizeof(*report));
    struct admin_session session;
    int status = admin_open(admin, &session);

    if (status == EX_OK)
        status = admin_report(verify_audit(&session.ctx, kept->items, kept->count, report));
    return status == EX_OK ? print_report(admin->arena, report) : status;
}

static int verify(struct admin *admin, int argc, char **argv)
{
    static const struct option known[] = {
        { "checkpoints", required_argument, NULL, 'c' }, { NULL, 0, NULL, 0 },
    };
    struct kept_list kept = { NULL, 0 };
    int option;

    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1)
        if (option != 'c')
            return admin_misused("audit verify takes --checkpoints FILE");
        else if (!read_kept(admin->arena, optarg, &kept))
            return admin_misused("%s has no checkpoint in it, or cannot be read", optarg);
    if (optind != argc)
        return admin_misused("audit verify takes --checkpoints FILE");
    return verify_with(admin, &kept);
}

/* --- export [--from TIME] [--to TIME] ------------------------------------------------------- */

static int export_all(struct admin *admin, int argc, char **argv)
{
    static const struct option known[] = {
        { "from", required_argument, NULL, 'f' }, { "to", required_argument, NULL, 't' },
        { NULL, 0, NULL, 0 },
    };
    int64_t from_ms = 0, to_ms = MOMENT_MS_MAX;
    struct admin_session session;
    int option, status;

    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1)
        if (option == '?' || !moment_parse(optarg, option == 'f' ? &from_ms : &to_ms))
            return admin_misused("audit export takes --from and --to, like 2026-11-23T09:15:27Z");
    if (optind != argc)
        return admin_misused("audit export takes --from and --to");
    status = admin_open(admin, &session);
    return status == EX_OK ? admin_report(audit_export(&session.ctx, from_ms, to_ms, stdout))
                           : status;
}

/* --- audit ... ----------------------------------------------------------------------------- */

int admin_audit(struct admin *admin, int argc, char **argv)
{
    static const struct {
        const char *name;
        int       (*run)(struct admin *admin, int argc, char **argv);
    } verbs[] = {
        { "verify", verify }, { "export", export_all }, { "checkpoint", checkpoint },
        { "keygen", keygen },
    };

    for (size_t i = 0; argc > 1 && i < sizeof(verbs) / sizeof(verbs[0]); i++)
        if (strcmp(verbs[i].name, argv[1]) == 0)
            return verbs[i].run(admin, argc - 1, argv + 1);
    return admin_misused("audit is followed by verify, export, checkpoint or keygen");
}
