#include <config.h>                         /* _GNU_SOURCE */

#include "infrastructure/audit_record_file.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/json_out.h"
#include "domain/moment.h"
#include "infrastructure/api/output/audit_json.h"

#define LINE_BYTES_MAX 4096

struct audit_record {
    const char *folder;
    const char *name;                   /* in the folder */
    const char *new_name;
};

const struct audit_record *audit_record_at(struct arena *arena, const char *path)
{
    struct audit_record *record;

    if (*path == '\0')
        return NULL;
    record = arena_alloc(arena, sizeof(*record));
    record->folder = dirname(arena_printf(arena, "%s", path));
    record->name = basename(arena_printf(arena, "%s", path));
    record->new_name = arena_printf(arena, "%s.new", record->name);
    return record;
}

const char *audit_record_folder(const struct audit_record *record)
{
    return record != NULL ? record->folder : NULL;
}

/* --- Reading ------------------------------------------------------------------------------- */

struct hex_texts {
    const char *root, *prev, *hash, *signature;
};

static bool take_hex(const struct hex_texts *texts, struct audit_checkpoint *checkpoint)
{
    return hex_parse(texts->root, checkpoint->root.bytes, DIGEST_BYTES)
        && hex_parse(texts->prev, checkpoint->prev.bytes, DIGEST_BYTES)
        && hex_parse(texts->hash, checkpoint->hash.bytes, DIGEST_BYTES)
        && hex_parse(texts->signature, checkpoint->signature.bytes, SIGNATURE_BYTES);
}

static bool take(json_t *object, struct audit_checkpoint *checkpoint_out)
{
    json_int_t number, form, epoch, floor_id, from_xid, from_id, to_xid, to_id, last_id, rows;
    const char *made_at, *system_id, *note;
    struct hex_texts texts;
    struct audit_checkpoint checkpoint = { .form = 0 };

    if (json_unpack(object, "{sI sI ss sI ss sI s{sI sI} s{sI sI} sI sI ss ss ss ss ss}",
                    "checkpoint", &number, "form", &form, "madeAt", &made_at, "epoch", &epoch,
                    "systemId", &system_id, "floorId", &floor_id, "from", "xid", &from_xid, "id",
                    &from_id, "to", "xid", &to_xid, "id", &to_id, "lastId", &last_id, "rows", &rows,
                    "note", &note, "root", &texts.root, "prev", &texts.prev, "hash", &texts.hash,
                    "signature", &texts.signature)
            != 0
        || strlen(note) > CHECKPOINT_NOTE_MAX || !take_hex(&texts, &checkpoint)
        || !moment_parse(made_at, &checkpoint.made_at_ms))
        return false;
    checkpoint.number = number;
    checkpoint.form = form;
    checkpoint.epoch = epoch;
    checkpoint.system_id = strtoll(system_id, NULL, 10);
    checkpoint.floor_id = floor_id;
    checkpoint.from = (struct audit_place) { from_xid, from_id };
    checkpoint.to = (struct audit_place) { to_xid, to_id };
    checkpoint.last_id = last_id;
    checkpoint.row_count = rows;
    strcpy(checkpoint.note, note);
    *checkpoint_out = checkpoint;
    return true;
}

static enum audit_record_state parse(const char *line, size_t size,
                                     struct audit_checkpoint *checkpoint_out)
{
    json_t *object = json_loadb(line, size, 0, NULL);
    bool good = object != NULL && take(object, checkpoint_out);

    json_decref(object);
    return good ? AUDIT_RECORD_READ : AUDIT_RECORD_DAMAGED;
}

static enum audit_record_state read_in(int folder, const struct audit_record *record,
                                       struct audit_checkpoint *checkpoint_out)
{
    char line[LINE_BYTES_MAX];
    int file = openat(folder, record->name, O_RDONLY | O_CLOEXEC);
    ssize_t size;

    if (file < 0)
        return errno == ENOENT ? AUDIT_RECORD_MISSING : AUDIT_RECORD_DAMAGED;
    size = read(file, line, sizeof(line));
    (void) close(file);
    return size > 0 ? parse(line, (size_t) size, checkpoint_out) : AUDIT_RECORD_DAMAGED;
}

static int open_folder(const struct audit_record *record)
{
    return open(record->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

enum audit_record_state audit_record_read(const struct audit_record *record,
                                          struct audit_checkpoint *checkpoint_out)
{
    enum audit_record_state state;
    int folder;

    if (record == NULL)
        return AUDIT_RECORD_OFF;
    folder = open_folder(record);
    if (folder < 0)
        return errno == ENOENT ? AUDIT_RECORD_MISSING : AUDIT_RECORD_DAMAGED;
    state = read_in(folder, record, checkpoint_out);
    (void) close(folder);
    return state;
}

/* --- Writing ------------------------------------------------------------------------------- */

static bool write_line(int folder, const struct audit_record *record, struct bytes line)
{
    int file = openat(folder, record->new_name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    bool written;

    if (file < 0)
        return false;
    written = write(file, line.data, line.size) == (ssize_t) line.size && fsync(file) == 0;
    return close(file) == 0 && written;
}

static bool replace(int folder, const struct audit_record *record,
                    const struct audit_checkpoint *checkpoint)
{
    struct arena *arena = arena_new();
    struct text line = json_out_begin(arena);
    bool replaced;

    audit_checkpoint_members(&line, checkpoint);
    json_out_object_end(&line);
    text_append_char(&line, '\n');
    replaced = write_line(folder, record, text_bytes(&line))
        && renameat(folder, record->new_name, folder, record->name) == 0 && fsync(folder) == 0;
    arena_free(arena);
    return replaced;
}

static bool grow(int folder, const struct audit_record *record,
                 const struct audit_checkpoint *checkpoint)
{
    struct audit_checkpoint there;

    switch (read_in(folder, record, &there)) {
    case AUDIT_RECORD_OFF:
    case AUDIT_RECORD_MISSING:
        return replace(folder, record, checkpoint);
    case AUDIT_RECORD_DAMAGED:
        return false;
    case AUDIT_RECORD_READ:
        break;
    }
    if (there.number == checkpoint->number)
        return digest_equal(there.hash, checkpoint->hash);
    return there.number < checkpoint->number && replace(folder, record, checkpoint);
}

bool audit_record_keep(const struct audit_record *record, const struct audit_checkpoint *checkpoint)
{
    int folder = open_folder(record);
    bool kept;

    if (folder < 0)
        return false;
    kept = flock(folder, LOCK_EX) == 0 && grow(folder, record, checkpoint);
    (void) close(folder);               /* and with it the lock */
    return kept;
}
