#include "application/reconcile.h"
#include "application/store/store_findings.h"

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
