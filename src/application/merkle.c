#include "application/merkle.h"

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

int merkle_path(const struct digest *leaves, int64_t count, int64_t index,
                struct digest path_out[static MERKLE_DEPTH_MAX])
{
    int64_t left;
    int size;

    assert(index >= 0 && index < count);
    if (count == 1)
        return 0;
    left = left_size(count);
    if (index < left) {
        size = merkle_path(leaves, left, index, path_out);
        path_out[size] = merkle_root(leaves + left, count - left);
    } else {
        size = merkle_path(leaves + left, count - left, index - left, path_out);
        path_out[size] = merkle_root(leaves, left);
    }
    return size + 1;
}

/* Undoes merkle_path from the top: the last sibling belongs to the widest split. */
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
