/* Replaces ids by the objects they name. */
#include "stripe_expand.h"

#include <string.h>

#include "sandbox/kit/strbuf.h"
#include "stripe_balance.h"
#include "stripe_render.h"

#define EXPAND_NAME_BYTES 64

/* Copies the first part of the path to name_out; returns what follows its dot. */
static const char *split_path(const char *path, char name_out[EXPAND_NAME_BYTES])
{
    size_t length = strcspn(path, ".");

    copy_bounded(name_out, length < EXPAND_NAME_BYTES ? length + 1 : EXPAND_NAME_BYTES, path);
    return path + length + (path[length] == '.');
}

bool stripe_expand_is_known(const char *path)
{
    static const char *const known[] = { "data", "payment_intent", "latest_charge", "charge",
                                         "balance_transaction", "source" };
    char name[EXPAND_NAME_BYTES];
    bool is_known = false;

    path = split_path(path, name);
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        is_known |= strcmp(known[i], name) == 0;
    return is_known && (*path == '\0' || stripe_expand_is_known(path));
}

/* NULL when the id is unknown. Ids differ from kind to kind, so the member's name is not needed. */
static json_t *render_by_id(const struct stripe *stripe, const char *id)
{
    const void *intent = collection_find(&stripe->intents, id);
    const void *charge = collection_find(&stripe->charges, id);
    const void *refund = collection_find(&stripe->refunds, id);
    const void *dispute = collection_find(&stripe->disputes, id);
    const void *movement = collection_find(&stripe->movements, id);

    return intent != NULL    ? stripe_render_intent(intent)
           : charge != NULL  ? stripe_render_charge(charge)
           : refund != NULL  ? stripe_render_refund(refund)
           : dispute != NULL ? stripe_render_dispute(stripe, dispute)
           : movement != NULL ? stripe_render_movement(stripe, movement) : NULL;
}

void stripe_expand(const struct stripe *stripe, json_t *object, const char *path)
{
    char    name[EXPAND_NAME_BYTES];
    json_t *value, *expanded, *element;
    size_t  i;

    path = split_path(path, name);
    value = json_object_get(object, name);
    json_array_foreach(value, i, element)
        stripe_expand(stripe, element, path);
    if (json_is_string(value)) {
        expanded = render_by_id(stripe, json_string_value(value));
        if (expanded == NULL)
            return;
        json_object_set_new(object, name, expanded);
        value = expanded;
    }
    if (json_is_object(value) && *path != '\0')
        stripe_expand(stripe, value, path);
}
