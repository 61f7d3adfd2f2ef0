#include "application/reconcile.h"
#include "application/store/store_findings.h"

const char *reconcile_result_name(enum reconcile_result result)
{
    switch (result) {
    case RECONCILE_NOT_DUE:   return "not_due";
    case RECONCILE_THROUGH:   return "through";
    case RECONCILE_GOES_ON:   return "goes_on";
    case RECONCILE_NO_ANSWER: return "no_answer";
    }
    return "";
}

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
