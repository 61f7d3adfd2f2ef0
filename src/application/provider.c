#include "application/provider.h"

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
    case SIGNATURE_MALFORMED: return "the signature has another form";
    case SIGNATURE_STALE:     return "the signature's time is not within 300 s of ours";
    case SIGNATURE_WRONG:     return "the signature fits none of our secrets";
    case SIGNATURE_UNREAD:    return "the sender's signatures did not fit, so this one was not read";
    }
    return "";
}
