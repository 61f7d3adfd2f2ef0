/*
 * audit_record.h - the last checkpoint, kept outside the database.
 *
 * The owner of the database can delete its newest checkpoints, or all of them, but not this record.
 * It only ever grows. infrastructure decides where it is kept.
 */
#ifndef PAYAPI_APPLICATION_AUDIT_AUDIT_RECORD_H
#define PAYAPI_APPLICATION_AUDIT_AUDIT_RECORD_H

#include "audit_checkpoint.h"

struct audit_record;

enum audit_record_state {
    AUDIT_RECORD_OFF,                   /* none is configured */
    AUDIT_RECORD_MISSING,               /* nothing was written yet, or somebody removed it */
    AUDIT_RECORD_DAMAGED,               /* it cannot be read, or is no checkpoint */
    AUDIT_RECORD_READ
};

/* record NULL: off. Sets *checkpoint_out when it was read; does not verify its signature. */
enum audit_record_state audit_record_read(const struct audit_record *record,
                                          struct audit_checkpoint *checkpoint_out);
/*
 * True: it is durable. False: it could not be written, the record is damaged, or it would not grow
 * (repeating the same checkpoint is fine).
 */
MUST_CHECK bool audit_record_keep(const struct audit_record *record,
                                  const struct audit_checkpoint *checkpoint);

#endif
