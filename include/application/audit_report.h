/*
 * audit_report.h - what a verification of the audit log found.
 */
#ifndef PAYAPI_APPLICATION_AUDIT_REPORT_H
#define PAYAPI_APPLICATION_AUDIT_REPORT_H

#include "application/audit_checkpoint.h"
#include "application/ctx.h"

#define AUDIT_FINDINGS_MAX 200

/*
 * gap, broken_link, altered, other_order, head: of a payment's chain, at its row seq.
 * checkpoint_out_of_order, checkpoint_altered, checkpoint_unsigned, covered_rows_changed,
 * checkpoint_lost, checkpoint_differs: of a checkpoint. no_public_key: seals are not proved.
 */
struct audit_finding {
    const char *kind;
    const char *payment_id;             /* "" when it is about a checkpoint */
    int64_t     number;                 /* seq, or the checkpoint's number */
};

struct audit_report {
    int64_t              rows;          /* of the payments' chains */
    int64_t              chains;
    int64_t              checkpoints;
    struct audit_finding findings[AUDIT_FINDINGS_MAX];
    int                  finding_count;
    bool                 more_findings; /* beyond AUDIT_FINDINGS_MAX */
};

void audit_report_add(struct ctx *ctx, struct audit_report *report, const char *kind,
                      const char *payment_id, int64_t number);

/* A checkpoint that was kept elsewhere, to find a table that was cut or rewritten. */
struct kept_checkpoint {
    int64_t       number;
    struct digest hash;
};

#endif
