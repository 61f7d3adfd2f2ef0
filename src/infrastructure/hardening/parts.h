/* parts.h - the parts of harden.h, in the order in which they come into force. */
#ifndef PAYAPI_INFRASTRUCTURE_HARDENING_PARTS_H
#define PAYAPI_INFRASTRUCTURE_HARDENING_PARTS_H

#include "infrastructure/hardening/harden.h"

/* Does not depend on the kernel's configuration, so it cannot fail. */
void limits_set(const struct harden_plan *plan);

/*
 * The version of the kernel's interface (1 and up) when it is in force; 0 with errno when it is
 * not.
 */
MUST_CHECK int landlock_enter(const struct harden_plan *plan);

/* False with errno. */
MUST_CHECK bool seccomp_enter(const struct harden_plan *plan);

#endif
