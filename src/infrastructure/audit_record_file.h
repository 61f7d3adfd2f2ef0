/*
 * audit_record_file.h - the record of audit_record.h as a file: one line of JSON, the checkpoint as
 * `payapi-admin audit export` prints it.
 *
 * A new record is written beside the old one, synced and renamed, so that a crash leaves one of the
 * two. A lock on the folder keeps two writers on one host apart.
 */
#ifndef PAYAPI_INFRASTRUCTURE_AUDIT_RECORD_FILE_H
#define PAYAPI_INFRASTRUCTURE_AUDIT_RECORD_FILE_H

#include "application/audit/audit_record.h"
#include "base/arena.h"

/* path "": NULL, which is no record. Nothing is opened. Lives as long as the arena. */
const struct audit_record *audit_record_at(struct arena *arena, const char *path);
/* The record's folder, for a caller that forbids all others; NULL without a record. */
const char *audit_record_folder(const struct audit_record *record);

#endif
