/* Finds providers by name, and names their operations, verdicts and signatures. */
#include "application/provider.h"

#include <string.h>

#include "domain/names.h"

const struct provider *ctx_find_provider(const struct ctx *ctx, const char *name)
{
    for (const struct provider *const *each = ctx->providers; *each != NULL; each++)
        if (strcmp((*each)->name, name) == 0)
            return *each;
    return NULL;
}

static const char *const names[PROVIDERS_MAX] = {
#define PROVIDER(id, name, ...) #name,
#include "application/providers.def"
};

const char *provider_name(enum provider_id id)
{
    return names[id];
}

bool provider_find(const char *name, enum provider_id *id_out)
{
    for (enum provider_id id = 0; id < PROVIDERS_MAX; id++)
        if (strcmp(names[id], name) == 0) {
            *id_out = id;
            return true;
        }
    return false;
}

const char *provider_names(void)
{
    static const char text[] =
#define PROVIDER(id, name, ...) " " #name
#include "application/providers.def"
        ;

    return text + 1;                    /* without the first blank */
}

static const char *const operation_names[] = {
    [OP_ANY]           = "",
    [OP_CHECKOUT]      = "checkout",
    [OP_RETRIEVE]      = "retrieve",
    [OP_EXPIRE]        = "expire",
    [OP_FIND]          = "find",
    [OP_REFUND]        = "refund",
    [OP_LIST_REFUNDS]  = "list_refunds",
    [OP_LIST_DISPUTES] = "list_disputes",
    [OP_PROBE]         = "probe",
    [OP_ADOPT]         = "adopt",
    [OP_LIST_EVENTS]   = "list_events",
    [OP_LIST_BOOK]     = "list_book",
};

_Static_assert(NAME_COUNT(operation_names) == PROVIDER_OPERATIONS, "every operation has a name");

const char *provider_operation_name(enum provider_operation operation)
{
    return operation_names[operation];
}

bool provider_operation_parse(const char *name, enum provider_operation *operation_out)
{
    const size_t i = name_index(operation_names, NAME_COUNT(operation_names), name);

    if (i == NAME_COUNT(operation_names) || i == OP_ANY)
        return false;
    *operation_out = (enum provider_operation) i;
    return true;
}

const char *provider_verdict_name(enum provider_verdict verdict)
{
    switch (verdict) {
    case VERDICT_DONE:          return "done";
    case VERDICT_REFUSED:       return "refused";
    case VERDICT_NOT_EXECUTED:  return "not_executed";
    case VERDICT_MISCONFIGURED: return "misconfigured";
    case VERDICT_UNKNOWN:       return "unknown";
    }
    return "unknown";
}

const char *signature_verdict_name(enum signature_verdict verdict)
{
    switch (verdict) {
    case SIGNATURE_FITS:      return "";
    case SIGNATURE_ABSENT:    return "there is no signature";
    case SIGNATURE_MALFORMED: return "the signature is malformed";
    case SIGNATURE_STALE:     return "the signature's time is not within 300 s of ours";
    case SIGNATURE_WRONG:     return "the signature matches none of our secrets";
    case SIGNATURE_UNREAD: return "the sender's signatures were invalid: this one was not checked";
    }
    return "";
}
