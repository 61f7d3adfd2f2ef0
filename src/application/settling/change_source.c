/* The words for what brought a change, as the audit and the log have them. */
#include "application/settling/change_source.h"

const char *change_source_text(struct change_source source)
{
    switch (source.kind) {
    case SOURCE_CHECKOUT:      return "checkout";
    case SOURCE_REFUND:        return "refund";
    case SOURCE_RECOVERY:      return "recovery";
    case SOURCE_EXPIRY:        return "expiry";
    case SOURCE_CANCEL:        return "cancel";
    case SOURCE_SYNC:          return "sync";
    case SOURCE_REFUNDS_LIST:  return "refunds.list";
    case SOURCE_DISPUTES_LIST: return "disputes.list";
    case SOURCE_ADOPTION:      return "adoption";
    case SOURCE_REVIEW:        return "review";
    case SOURCE_GIVEN_UP:      return "given_up";
    case SOURCE_EVENT:         break;
    }
    return source.event_type;
}
