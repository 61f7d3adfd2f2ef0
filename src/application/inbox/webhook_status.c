#include "application/store/store.h"

const char *inbox_status_name(enum inbox_status status)
{
    switch (status) {
    case INBOX_RECEIVED:    return "received";
    case INBOX_PROCESSED:   return "processed";
    case INBOX_IGNORED:     return "ignored";
    case INBOX_DEAD:        return "dead";
    }
    return "received";
}
