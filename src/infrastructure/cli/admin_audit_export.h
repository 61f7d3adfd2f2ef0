/*
 * admin_audit_export.h - the audit log as NDJSON, each row with its proof.
 *
 * First line of each block: a checkpoint. Then the rows it covers, each with leaf, index and path
 * (lowest sibling first), from which the checkpoint's root follows (RFC 6962 section 2.1.1). Rows
 * that no checkpoint covers yet are not exported.
 */
#ifndef PAYAPI_INFRASTRUCTURE_CLI_ADMIN_AUDIT_EXPORT_H
#define PAYAPI_INFRASTRUCTURE_CLI_ADMIN_AUDIT_EXPORT_H

#include <stdio.h>

#include "application/ctx.h"

/* Rows of from_ms <= at < to_ms; every checkpoint. */
const struct problem *audit_export(struct ctx *ctx, int64_t from_ms, int64_t to_ms, FILE *to);

#endif
