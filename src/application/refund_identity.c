#include "refund_identity.h"

#include <string.h>

#include "application/digest.h"

struct refund_id refund_id_of(struct payment_id payment_id, const char *key)
{
    const struct bytes parts[] = { bytes_of("payapi-refund|"), bytes_of(payment_id.text),
                                   bytes_of("|"), bytes_of(key) };
    struct digest digest = digest_of(parts, 4);
    struct refund_id id = { "" };

    id_print_beside("ref", payment_id.text, digest.bytes, id.text);
    return id;
}

bool refund_id_fits(struct refund_id id, struct payment_id payment_id)
{
    return id.text[0] != '\0' && id_same_time(id.text, payment_id.text);
}

static bool same_id(struct refund_id a, struct refund_id b)
{
    return strcmp(a.text, b.text) == 0;
}

enum refund_origin refund_origin_of(struct refund_id id, struct payment_id payment_id)
{
    if (!refund_id_fits(id, payment_id))
        return REFUND_BY_PROVIDER;
    return same_id(id, refund_id_of(payment_id, REFUND_KEY_OF_SURPLUS))
            || same_id(id, refund_id_of(payment_id, REFUND_KEY_OF_EXCESS))
        ? REFUND_OF_SURPLUS
        : REFUND_BY_API;
}
