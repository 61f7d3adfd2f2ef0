#include "application/provider.h"

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
