/* Foreign text: tidied it is as long, UTF-8 in its strings, and no more tidied; a list's items lie within it. */
#include "fuzz.h"

#include "infrastructure/providers/shared/foreign_json.h"

static void check_tidied(struct arena *arena, struct bytes input)
{
    struct bytes tidied = foreign_json_tidy(arena, input), again = foreign_json_tidy(arena, tidied);

    assert(tidied.size == input.size && bytes_equal(tidied, again));
    if (json_parse_object(arena, input) != NULL)
        assert(json_parse_object(arena, tidied) != NULL);
}

static void check_list(struct arena *arena, struct bytes input)
{
    const char *end = input.data + input.size, *behind = input.data;
    struct foreign_list list;

    if (!foreign_list_read(arena, input, "data", &list))
        return;
    assert(list.count <= FOREIGN_LIST_MAX && json_is_object(list.envelope));
    for (int i = 0; i < list.count; i++) {
        assert(list.items[i].size > 0 && list.items[i].data >= behind);
        behind = list.items[i].data + list.items[i].size;
        assert(behind <= end);
    }
}

/* What can be read whole is taken apart into as many items; a name with escapes in it is none of theirs. */
static void check_whole(struct arena *arena, struct bytes input)
{
    const json_t *data = json_object_get(foreign_json_object(arena, input), "data");
    struct foreign_list list;

    if (json_is_array(data) && foreign_list_read(arena, input, "data", &list))
        assert((size_t) list.count == json_array_size(data));
}

void fuzz_one(struct arena *arena, struct bytes input)
{
    check_tidied(arena, input);
    check_list(arena, input);
    check_whole(arena, input);
}
