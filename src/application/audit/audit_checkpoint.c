/*
 * Makes the bytes that a checkpoint's signature covers, and checks how one checkpoint follows
 * another.
 */
#include "application/audit/audit_checkpoint.h"

#include <inttypes.h>
#include <stdio.h>

#include "application/audit/merkle.h"

static void print_hex(struct digest digest, char out[static 2 * DIGEST_BYTES + 1])
{
    for (int i = 0; i < DIGEST_BYTES; i++)
        sprintf(out + 2 * i, "%02x", digest.bytes[i]);
}

struct hashed {
    char prev[2 * DIGEST_BYTES + 1];
    char root[2 * DIGEST_BYTES + 1];
    char text[1024];
};

static int print_form_1(const struct audit_checkpoint *checkpoint, struct hashed *hashed)
{
    return snprintf(hashed->text, sizeof(hashed->text),
                    "payapi audit checkpoint\n%" PRId64 "\n%s\n%s\n%" PRId64 "\n%" PRId64
                    "\n%" PRId64 "\n%" PRId64 "\n",
                    checkpoint->number, hashed->prev, hashed->root, checkpoint->row_count,
                    checkpoint->from.xid, checkpoint->to.xid, checkpoint->made_at_ms);
}

static int print_form_2(const struct audit_checkpoint *checkpoint, struct hashed *hashed)
{
    return snprintf(hashed->text, sizeof(hashed->text),
                    "payapi audit checkpoint 2\n%" PRId64 "\n%s\n%s\n%" PRId64 "\n%" PRId64
                    "\n%" PRId64 "\n%" PRId64 "\n%" PRId64 "\n%" PRId64 "\n%" PRId64 "\n%" PRId64
                    "\n%" PRId64 "\n%" PRId64 "\n%s\n",
                    checkpoint->number, hashed->prev, hashed->root, checkpoint->row_count,
                    checkpoint->epoch, checkpoint->system_id, checkpoint->floor_id,
                    checkpoint->from.xid, checkpoint->from.id, checkpoint->to.xid,
                    checkpoint->to.id, checkpoint->last_id, checkpoint->made_at_ms,
                    checkpoint->note);
}

struct digest audit_checkpoint_hash(const struct audit_checkpoint *checkpoint)
{
    struct hashed hashed;
    struct bytes bytes = { .data = hashed.text };

    print_hex(checkpoint->prev, hashed.prev);
    print_hex(checkpoint->root, hashed.root);
    bytes.size = (size_t) (checkpoint->form == 1 ? print_form_1(checkpoint, &hashed)
                                                 : print_form_2(checkpoint, &hashed));
    return digest_of(&bytes, 1);
}

struct digest audit_checkpoint_root(struct digest *rows, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        rows[i] = merkle_leaf((struct bytes) { (const char *) rows[i].bytes, DIGEST_BYTES });
    return merkle_root(rows, count);
}

static bool same_place(struct audit_place a, struct audit_place b)
{
    return a.xid == b.xid && a.id == b.id;
}

static bool goes_on(const struct audit_checkpoint *checkpoint,
                    const struct audit_checkpoint *before)
{
    return checkpoint->epoch == before->epoch && checkpoint->floor_id == before->floor_id
        && same_place(checkpoint->from, before->to)
        && (checkpoint->system_id == before->system_id || before->form == 1);
}

static bool opens_epoch(const struct audit_checkpoint *checkpoint,
                        const struct audit_checkpoint *before)
{
    return checkpoint->epoch == before->epoch + 1 && checkpoint->from.id == 0
        && audit_checkpoint_is_of_floor(checkpoint);
}

bool audit_checkpoint_follows(const struct audit_checkpoint *checkpoint,
                              const struct audit_checkpoint *before)
{
    static const struct audit_checkpoint nothing = { .form = 1, .epoch = 1 };

    if (before == NULL)
        before = &nothing;
    return checkpoint->number > before->number && digest_equal(checkpoint->prev, before->hash)
        && (goes_on(checkpoint, before) || opens_epoch(checkpoint, before));
}

bool audit_checkpoint_accepts_loss(const struct audit_checkpoint *checkpoint)
{
    return checkpoint->note[0] != '\0' && audit_checkpoint_is_of_floor(checkpoint)
        && checkpoint->from.id == 0;
}

bool audit_checkpoint_is_signed(const struct audit_checkpoint *checkpoint,
                                const struct audit_key *key)
{
    return key != NULL && digest_equal(audit_checkpoint_hash(checkpoint), checkpoint->hash)
        && audit_key_verifies(key, checkpoint->number, checkpoint->hash, &checkpoint->signature);
}
