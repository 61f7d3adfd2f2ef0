/* By itself, so that the store needs no digests for it. */
#include "application/audit/audit_checkpoint.h"

bool audit_checkpoint_is_of_floor(const struct audit_checkpoint *checkpoint)
{
    return checkpoint->from.xid == checkpoint->to.xid && checkpoint->to.id <= checkpoint->floor_id;
}
