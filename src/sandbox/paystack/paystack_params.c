/* Reads members of a JSON body and refuses the same values as Paystack. */
#include "paystack_params.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sandbox/http/params.h"

static const char missing[] = "missing_params", invalid[] = "invalid_params";

static json_t *find(const struct paystack_call *call, const char *name)
{
    json_t *member = json_object_get(call->body, name);

    return json_is_null(member) ? NULL : member;
}

bool paystack_read_text(struct paystack_call *call, const char *name, const char **text_out)
{
    const json_t *member = find(call, name);

    if (member != NULL && !json_is_string(member)) {
        paystack_reject(call, invalid, "%s must be a string", name);
        return false;
    }
    *text_out = json_string_value(member);
    return true;
}

bool paystack_read_required(struct paystack_call *call, const char *name, const char **text_out)
{
    if (!paystack_read_text(call, name, text_out))
        return false;
    if (*text_out != NULL && **text_out != '\0')
        return true;
    paystack_reject(call, missing, "%s is required", name);
    return false;
}

bool paystack_read_amount(struct paystack_call *call, const char *name, int64_t *amount_out)
{
    const json_t *member = find(call, name);
    int64_t       amount = json_integer_value(member);

    if (member == NULL) {
        *amount_out = 0;
        return true;
    }
    if (json_is_string(member) && !params_read_integer(json_string_value(member), &amount))
        amount = 0;
    if (amount <= 0 || amount > PAYSTACK_AMOUNT_MAX) {
        paystack_reject(call, invalid, "Invalid %s passed", name);
        return false;
    }
    *amount_out = amount;
    return true;
}

static bool is_text_of_object(const json_t *text)
{
    json_t *object = json_is_string(text) ? json_loads(json_string_value(text), 0, NULL) : NULL;
    bool    is_object = json_is_object(object);

    json_decref(object);
    return is_object;
}

bool paystack_read_metadata(struct paystack_call *call, json_t **metadata_out)
{
    json_t *metadata = find(call, "metadata");

    if (metadata != NULL && !json_is_object(metadata) && !is_text_of_object(metadata)) {
        paystack_reject(call, invalid, "metadata must be an object, or one as a string");
        return false;
    }
    *metadata_out = metadata;
    return true;
}

bool paystack_read_name(struct paystack_call *call, const char *name, char *text_out,
                        size_t size_bytes)
{
    const json_t *member = find(call, name);
    int           length = 0;

    if (json_is_integer(member))
        length = snprintf(text_out, size_bytes, "%" JSON_INTEGER_FORMAT,
                          json_integer_value(member));
    else if (json_is_string(member))
        length = snprintf(text_out, size_bytes, "%s", json_string_value(member));
    if (length > 0 && (size_t) length < size_bytes)
        return true;
    paystack_reject(call, member == NULL ? missing : invalid,
                    member == NULL ? "%s is required" : "Invalid %s passed", name);
    return false;
}
