/* Builds Merkle trees, and checks paths to their roots. */
#include "application/audit/merkle.h"

#include <assert.h>

struct digest merkle_leaf(struct bytes data)
{
    const struct bytes parts[] = { { "\x00", 1 }, data };

    return digest_of(parts, 2);
}

static struct digest node(struct digest left, struct digest right)
{
    const struct bytes parts[] = { { "\x01", 1 }, { (const char *) left.bytes, DIGEST_BYTES },
                                   { (const char *) right.bytes, DIGEST_BYTES } };

    return digest_of(parts, 3);
}

/* The largest power of two below count, which is at least 2. */
static int64_t left_size(int64_t count)
{
    int64_t size = 1;

    while (size * 2 < count)
        size *= 2;
    return size;
}

struct digest merkle_root(const struct digest *leaves, int64_t count)
{
    int64_t left;

    assert(count >= 1);
    if (count == 1)
        return leaves[0];
    left = left_size(count);
    return node(merkle_root(leaves, left), merkle_root(leaves + left, count - left));
}

static const struct digest *level_above(struct arena *arena, const struct digest *level,
                                        int64_t size)
{
    struct digest *above = arena_alloc(arena, (size_t) (size + 1) / 2 * sizeof(*above));

    for (int64_t i = 0; i < size; i += 2)
        above[i / 2] = i + 1 < size ? node(level[i], level[i + 1]) : level[i];
    return above;
}

struct merkle_tree merkle_tree_new(struct arena *arena, const struct digest *leaves, int64_t count)
{
    struct merkle_tree tree = { .levels = { leaves }, .sizes = { count }, .level_count = 1 };

    assert(count >= 1);
    for (; count > 1; tree.level_count++) {
        assert(tree.level_count < MERKLE_DEPTH_MAX);
        tree.levels[tree.level_count] = level_above(arena, tree.levels[tree.level_count - 1],
                                                    count);
        count = (count + 1) / 2;
        tree.sizes[tree.level_count] = count;
    }
    return tree;
}

int merkle_tree_path(const struct merkle_tree *tree, int64_t index,
                     struct digest path_out[static MERKLE_DEPTH_MAX])
{
    int size = 0;

    assert(index >= 0 && index < tree->sizes[0]);
    for (int level = 0; level < tree->level_count; level++, index /= 2)
        if ((index ^ 1) < tree->sizes[level])
            path_out[size++] = tree->levels[level][index ^ 1];
    return size;
}

/* Undoes merkle_tree_path from the top: the last sibling belongs to the widest split. */
static bool climb(struct digest leaf, int64_t index, int64_t count, const struct digest *path,
                  int path_count, struct digest *top_out)
{
    int64_t left;
    struct digest below;

    if (count == 1) {
        *top_out = leaf;
        return path_count == 0;
    }
    left = left_size(count);
    if (path_count == 0)
        return false;
    if (index < left) {
        if (!climb(leaf, index, left, path, path_count - 1, &below))
            return false;
        *top_out = node(below, path[path_count - 1]);
        return true;
    }
    if (!climb(leaf, index - left, count - left, path, path_count - 1, &below))
        return false;
    *top_out = node(path[path_count - 1], below);
    return true;
}

bool merkle_path_leads_to(struct digest root, struct digest leaf, int64_t index, int64_t count,
                          const struct digest *path, int path_count)
{
    struct digest top;

    return index >= 0 && index < count && path_count <= MERKLE_DEPTH_MAX
        && climb(leaf, index, count, path, path_count, &top) && digest_equal(top, root);
}
