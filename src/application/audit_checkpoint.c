#include "application/audit_checkpoint.h"

#include <inttypes.h>
#include <stdio.h>

#include "application/merkle.h"

static void print_hex(struct digest digest, char out[static 2 * DIGEST_BYTES + 1])
{
    for (int i = 0; i < DIGEST_BYTES; i++)
        sprintf(out + 2 * i, "%02x", digest.bytes[i]);
}

struct digest audit_checkpoint_hash(const struct audit_checkpoint *checkpoint)
{
    char prev[2 * DIGEST_BYTES + 1], root[2 * DIGEST_BYTES + 1], text[512];
    struct bytes bytes = { .data = text };

    print_hex(checkpoint->prev, prev);
    print_hex(checkpoint->root, root);
    bytes.size = (size_t) snprintf(
        text, sizeof(text),
        "payapi audit checkpoint\n%" PRId64 "\n%s\n%s\n%" PRId64 "\n%" PRId64 "\n%" PRId64
        "\n%" PRId64 "\n",
        checkpoint->number, prev, root, checkpoint->row_count, checkpoint->from_xid,
        checkpoint->to_xid, checkpoint->made_at_ms);
    return digest_of(&bytes, 1);
}

struct digest audit_checkpoint_root(struct digest *rows, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        rows[i] = merkle_leaf((struct bytes) { (const char *) rows[i].bytes, DIGEST_BYTES });
    return merkle_root(rows, count);
}

bool audit_checkpoint_follows(const struct audit_checkpoint *checkpoint,
                              const struct audit_checkpoint *before)
{
    static const struct audit_checkpoint nothing = { .number = 0 };

    if (before == NULL)
        before = &nothing;
    return checkpoint->number == before->number + 1 && checkpoint->from_xid == before->to_xid
        && digest_equal(checkpoint->prev, before->hash);
}
