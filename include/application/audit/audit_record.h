/*
 * audit_record.h - the last checkpoint, kept outside the database.
 *
 * Who owns the database can take out its newest checkpoints, or all; not this. It only ever grows.
 * Where it stands is infrastructure's business.
 */
#ifndef PAYAPI_APPLICATION_AUDIT_AUDIT_RECORD_H
#define PAYAPI_APPLICATION_AUDIT_AUDIT_RECORD_H

#include "audit_checkpoint.h"

struct audit_record;

enum audit_record_state {
    AUDIT_RECORD_OFF,                   /* none is configured */
    AUDIT_RECORD_MISSING,               /* nothing was written yet, or somebody took it away */
    AUDIT_RECORD_DAMAGED,               /* it cannot be read, or is no checkpoint */
    AUDIT_RECORD_READ
};

/*
 * record NULL: off. *checkpoint_out is written when it was read; its signature is not proved here.
 */
enum audit_record_state audit_record_read(const struct audit_record *record,
                                          struct audit_checkpoint *checkpoint_out);
/*
 * Durable when true. False: it could not be written, what is there is damaged, or it would not grow
 * (the same checkpoint once more is fine).
 */
MUST_CHECK bool audit_record_keep(const struct audit_record *record,
                                  const struct audit_checkpoint *checkpoint);

#endif
