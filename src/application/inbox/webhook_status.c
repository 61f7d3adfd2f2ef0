#include "application/store/store.h"

const char *webhook_status_name(enum webhook_status status)
{
    switch (status) {
    case WEBHOOK_RECEIVED:  return "received";
    case WEBHOOK_PROCESSED: return "processed";
    case WEBHOOK_IGNORED:   return "ignored";
    case WEBHOOK_DEAD:      return "dead";
    }
    return "received";
}
