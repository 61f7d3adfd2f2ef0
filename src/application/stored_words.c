/* The stored, logged and displayed names of the application's enums. They never change. */
#include "application/change_source.h"
#include "application/reconcile.h"
#include "application/recovery_terms.h"
#include "application/store/store_findings.h"
#include "application/store/store_inbox.h"

/* --- Changes ----------------------------------------------------------------------------- */

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

/* --- Inbox ------------------------------------------------------------------------------- */

const char *inbox_status_name(enum inbox_status status)
{
    switch (status) {
    case INBOX_RECEIVED:  return "received";
    case INBOX_PROCESSED: return "processed";
    case INBOX_IGNORED:   return "ignored";
    case INBOX_DEAD:      return "dead";
    }
    return "received";
}

/* --- Reconciliation ---------------------------------------------------------------------- */

const char *reconcile_state_name(enum reconcile_state state)
{
    switch (state) {
    case RECONCILE_WAITING: return "waiting";
    case RECONCILE_RUNNING: return "running";
    case RECONCILE_DONE:    return "done";
    }
    return "";
}

const char *finding_state_name(enum finding_state state)
{
    switch (state) {
    case FINDING_OPEN:      return "open";
    case FINDING_HEALED:    return "healed";
    case FINDING_EXPLAINED: return "explained";
    }
    return "";
}

/* --- Recovery ---------------------------------------------------------------------------- */

const char *recovery_result_name(enum recovery_result result)
{
    switch (result) {
    case RECOVERY_NOTHING_OPEN:  return "nothing_open";
    case RECOVERY_SETTLED:       return "settled";
    case RECOVERY_STILL_UNKNOWN: return "still_unknown";
    case RECOVERY_LOOKED:        return "looked";
    case RECOVERY_BUSY:          return "busy";
    }
    return "";
}
