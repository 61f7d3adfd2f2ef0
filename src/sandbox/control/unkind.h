/*
 * unkind.h - all the mischief of the sandbox at once, each with a low probability: for long runs.
 */
#ifndef PAYAPI_SANDBOX_CONTROL_UNKIND_H
#define PAYAPI_SANDBOX_CONTROL_UNKIND_H

#include "control_call.h"

/*
 * POST /_sandbox/unkind {"seed", "factor": of all probabilities, "late_s", "but": [names],
 * "only": [names]}; answers with the names of what is planned now. DELETE /_sandbox/faults ends it.
 */
void unkind_plan(struct control_call *call);

#endif
