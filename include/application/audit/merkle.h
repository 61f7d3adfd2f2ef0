/*
 * merkle.h - the root of a Merkle tree over rows, and the proof that one row is in it.
 *
 * Leaves and inner nodes are hashed with different prefixes (00, 01), so that no inner node passes
 * for a row. The tree of n leaves splits at the largest power of two below n. Pure.
 * Source: RFC 6962 section 2.1 (RFC 9162 keeps it).
 */
#ifndef PAYAPI_APPLICATION_AUDIT_MERKLE_H
#define PAYAPI_APPLICATION_AUDIT_MERKLE_H

#include <stdint.h>

#include "digest.h"

#define MERKLE_DEPTH_MAX 40

struct digest merkle_leaf(struct bytes data);

/* leaves: count >= 1 values of merkle_leaf. */
struct digest merkle_root(const struct digest *leaves, int64_t count);

/* All nodes, level by level from the leaves up; an odd last node moves up unchanged. */
struct merkle_tree {
    const struct digest *levels[MERKLE_DEPTH_MAX];
    int64_t              sizes[MERKLE_DEPTH_MAX];
    int                  level_count;
};
/* In the arena; borrows the leaves. */
struct merkle_tree merkle_tree_new(struct arena *arena, const struct digest *leaves,
                                   int64_t count);
/* Writes the siblings on the way from leaf to root, lowest first; returns their number. */
int merkle_tree_path(const struct merkle_tree *tree, int64_t index,
                     struct digest path_out[static MERKLE_DEPTH_MAX]);

/* True when leaf, at index of count, leads by this path to root. */
MUST_CHECK bool merkle_path_leads_to(struct digest root, struct digest leaf, int64_t index,
                                     int64_t count, const struct digest *path, int path_count);

#endif
