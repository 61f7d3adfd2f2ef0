/* Writes the rows of each checkpoint as NDJSON, with their Merkle proofs. */
#include "admin_audit_export.h"

#include <inttypes.h>

#include "application/audit/merkle.h"
#include "application/store/store_checkpoints.h"
#include "base/hex.h"
#include "base/json_out.h"
#include "infrastructure/api/output/audit_json.h"

struct block {
    struct ctx                     *ctx;
    const struct audit_checkpoint *checkpoint;
    struct audit_entry            *entries;
    struct merkle_tree             tree;
    int64_t                        count;
    int64_t                        from_ms, to_ms;
    FILE                          *to;
};

static void put_line(struct text *text, FILE *to)
{
    json_out_object_end(text);
    text_append_char(text, '\n');
    fwrite(text_bytes(text).data, 1, text->size, to);
}

static void put_checkpoint(struct arena *arena, const struct audit_checkpoint *checkpoint, FILE *to)
{
    struct text text = json_out_begin(arena);

    audit_checkpoint_members(&text, checkpoint);
    put_line(&text, to);
}

static void put_proof(struct text *text, const struct block *block, int64_t index)
{
    struct digest path[MERKLE_DEPTH_MAX];
    int size = merkle_tree_path(&block->tree, index, path);

    json_out_object(text, "proof");
    json_out_i64(text, "checkpoint", block->checkpoint->number);
    json_out_i64(text, "index", index);
    json_out_text(text, "leaf",
                  hex_text(text->arena, block->tree.levels[0][index].bytes, DIGEST_BYTES));
    json_out_array(text, "path");
    for (int i = 0; i < size; i++)
        json_out_text(text, NULL, hex_text(text->arena, path[i].bytes, DIGEST_BYTES));
    json_out_array_end(text);
    json_out_object_end(text);
}

static void put_entry(const struct block *block, int64_t index)
{
    struct text text = json_out_begin(block->ctx->arena);
    const struct audit_entry *entry = &block->entries[index];

    if (entry->at_us < block->from_ms * 1000 || entry->at_us / 1000 >= block->to_ms)
        return;
    audit_entry_members(&text, entry);
    put_proof(&text, block, index);
    put_line(&text, block->to);
}

static const struct problem *changed(struct ctx *ctx, int64_t number)
{
    return problem_because(ctx->arena,
                           problem_new(ctx->arena, PROBLEM_INTERNAL,
                                       "The rows of checkpoint %" PRId64 " changed: audit verify"
                                       " says more.", number), "export cut off");
}

/* Rows and leaves are two reads; what a checkpoint covers does not change any more. */
static const struct problem *put_block(struct block *block)
{
    const struct audit_checkpoint *checkpoint = block->checkpoint;
    struct digest *leaves;
    int64_t leaf_count, until_id;

    put_checkpoint(block->ctx->arena, checkpoint, block->to);
    TRY(store_epoch_until(block->ctx, checkpoint->epoch, &until_id));
    TRY(store_audit_covered(block->ctx, checkpoint, until_id, &block->entries, &block->count));
    TRY(store_audit_leaves(block->ctx, checkpoint, until_id, &leaves, &leaf_count));
    if (leaf_count != block->count || leaf_count != checkpoint->row_count ||
        !digest_equal(audit_checkpoint_root(leaves, leaf_count), checkpoint->root))
        return changed(block->ctx, checkpoint->number);
    block->tree = merkle_tree_new(block->ctx->arena, leaves, leaf_count);
    for (int64_t i = 0; i < block->count; i++)
        put_entry(block, i);
    return OK;
}

/* A block in an arena of its own: a long log needs no more memory than a short one. */
static const struct problem *put_alone(struct ctx *ctx, struct block *block)
{
    struct ctx alone = *ctx;
    const struct problem *problem;

    alone.arena = arena_new();
    block->ctx = &alone;
    problem = put_block(block);
    if (problem != OK)
        problem = problem_because(ctx->arena, problem_new(ctx->arena, problem->type, "%s",
                                                          problem->detail),
                                  "%s", problem->cause != NULL ? problem->cause : "");
    arena_free(alone.arena);
    return problem;
}

const struct problem *audit_export(struct ctx *ctx, int64_t from_ms, int64_t to_ms, FILE *to)
{
    struct block block = { .from_ms = from_ms, .to_ms = to_ms, .to = to };
    struct audit_checkpoint checkpoints[CHECKPOINT_BATCH];
    int64_t last = 0;
    int count;

    do {
        TRY(store_checkpoints_after(ctx, last, checkpoints, &count));
        for (int i = 0; i < count; i++) {
            block.checkpoint = &checkpoints[i];
            TRY(put_alone(ctx, &block));
            last = checkpoints[i].number;
        }
    } while (count == CHECKPOINT_BATCH);
    return OK;
}
