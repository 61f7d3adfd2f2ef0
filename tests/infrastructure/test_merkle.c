/* RFC 6962 section 2.1.3's tree of seven, and the test vectors of certificate-transparency-go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "application/audit/merkle.h"
#include "base/hex.h"

#define LEAVES_MAX 70

static const struct bytes inputs[] = {
    { "", 0 }, { "\x00", 1 }, { "\x10", 1 }, { "\x20\x21", 2 }, { "\x30\x31", 2 },
    { "\x40\x41\x42\x43", 4 }, { "\x50\x51\x52\x53\x54\x55\x56\x57", 8 },
    { "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f", 16 },
};
static const char *const roots[] = {
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};

static void roots_are_those_of_the_standard(void **state)
{
    struct digest leaves[8];
    struct arena *arena = arena_new();

    (void) state;
    for (int i = 0; i < 8; i++) {
        struct digest root;

        leaves[i] = merkle_leaf(inputs[i]);
        root = merkle_root(leaves, i + 1);
        assert_string_equal(hex_text(arena, root.bytes, DIGEST_BYTES), roots[i]);
    }
    arena_free(arena);
}

static void given_leaves(struct digest leaves[static LEAVES_MAX])
{
    for (int i = 0; i < LEAVES_MAX; i++) {
        char c = (char) i;

        leaves[i] = merkle_leaf((struct bytes) { &c, 1 });
    }
}

static void every_leaf_of_every_tree_has_a_path_to_its_root_and_to_no_other(void **state)
{
    struct digest leaves[LEAVES_MAX], path[MERKLE_DEPTH_MAX];
    struct arena *arena = arena_new();

    (void) state;
    given_leaves(leaves);
    for (int64_t count = 1; count <= LEAVES_MAX; count++) {
        struct merkle_tree tree = merkle_tree_new(arena, leaves, count);
        struct digest root = merkle_root(leaves, count);

        assert_true(digest_equal(tree.levels[tree.level_count - 1][0], root));
        for (int64_t i = 0; i < count; i++) {
            int size = merkle_tree_path(&tree, i, path);

            assert_true(merkle_path_leads_to(root, leaves[i], i, count, path, size));
            assert_false(merkle_path_leads_to(root, leaves[(i + 1) % LEAVES_MAX], i, count, path,
                                              size));
            assert_false(merkle_path_leads_to(root, leaves[i], i, count, path, size + 1));
            assert_false(size > 0 && merkle_path_leads_to(root, leaves[i], i, count, path,
                                                          size - 1));
        }
        arena_reset(arena);
    }
    arena_free(arena);
}

static void an_inner_node_does_not_pass_for_a_row(void **state)
{
    struct digest leaves[2] = { merkle_leaf(inputs[1]), merkle_leaf(inputs[2]) };
    struct digest root = merkle_root(leaves, 2);
    char both[2 * DIGEST_BYTES];

    (void) state;
    memcpy(both, leaves[0].bytes, DIGEST_BYTES);
    memcpy(both + DIGEST_BYTES, leaves[1].bytes, DIGEST_BYTES);
    assert_false(digest_equal(merkle_leaf((struct bytes) { both, sizeof(both) }), root));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roots_are_those_of_the_standard),
        cmocka_unit_test(every_leaf_of_every_tree_has_a_path_to_its_root_and_to_no_other),
        cmocka_unit_test(an_inner_node_does_not_pass_for_a_row),
    };

    return cmocka_run_group_tests_name("merkle", tests, NULL, NULL);
}
