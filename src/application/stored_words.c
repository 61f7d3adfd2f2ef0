/* The words by which enums of the application are stored, logged and shown. They never change. */
#include "application/change_source.h"
#include "application/provider.h"
#include "application/reconcile.h"
#include "application/recovery_terms.h"
#include "application/store/store_findings.h"
#include "application/store/store_inbox.h"
#include "domain/names.h"

/* --- Providers --------------------------------------------------------------------------- */

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
    case SIGNATURE_MALFORMED: return "the signature has another form";
    case SIGNATURE_STALE:     return "the signature's time is not within 300 s of ours";
    case SIGNATURE_WRONG:     return "the signature fits none of our secrets";
    case SIGNATURE_UNREAD:    return "the sender's signatures did not fit, so this one was not read";
    }
    return "";
}

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
