/*
 * audit_report.h - what a verification of the audit log found.
 */
#ifndef PAYAPI_APPLICATION_AUDIT_AUDIT_REPORT_H
#define PAYAPI_APPLICATION_AUDIT_AUDIT_REPORT_H

#include "application/ctx.h"
#include "audit_checkpoint.h"
#include "domain/ids.h"

#define AUDIT_FINDINGS_MAX 200
#define UNSEALED_MAX       1000000      /* the count of unsealed rows ends here */
#define SEAL_LATE_S        60   /* payapi-jobs seals every 5 s; later is a finding */

/*
 * gap, other_order, tail, no_history: of a payment's history, at its row seq.
 * checkpoint_out_of_order, checkpoint_altered, checkpoint_unsigned, covered_rows_changed,
 * checkpoint_lost, checkpoint_differs: of a checkpoint. no_public_key: seals are not verified.
 * no_checkpoint, not_sealed: rows older than SEAL_LATE_S have no seal although there is a key.
 * row_out_of_epoch: a row that no checkpoint will ever cover.
 * record_missing, record_damaged: of the record kept outside the database (audit_record.h).
 */
struct audit_finding {
    const char *kind;
    const char *payment_id;             /* "" when it is about a checkpoint */
    int64_t     number;                 /* seq, or the checkpoint's number */
};

struct audit_report {
    int64_t              rows;          /* of the payments' histories */
    int64_t              payments;
    int64_t              checkpoints;
    int64_t              epoch;         /* of the last checkpoint; 0: none was checked */
    int64_t              accepted_losses;       /* breaks of the chain that a later note explains */
    int64_t              unsealed_rows; /* that no checkpoint covers yet; at most UNSEALED_MAX */
    struct audit_finding findings[AUDIT_FINDINGS_MAX];
    int                  finding_count;
    bool                 more_findings; /* beyond AUDIT_FINDINGS_MAX */
};

void audit_report_add(struct ctx *ctx, struct audit_report *report, const char *kind,
                      const char *payment_id, int64_t number);

/* A checkpoint that was kept elsewhere; it reveals a table that was truncated or rewritten. */
struct kept_checkpoint {
    int64_t       number;
    struct digest hash;
};

/* How far a verification came; all zero: at the beginning. */
struct audit_walk {
    struct payment_id payment_id;       /* the last whose history was checked */
    bool              histories_done;
    int64_t           checkpoint;       /* the last that was verified */
    bool              done;
};

struct audit_question {
    const struct kept_checkpoint *kept;
    int                           kept_count;
    bool                        (*time_is_up)(const void *clock);       /* NULL: never */
    const void                   *clock;
};

#endif
