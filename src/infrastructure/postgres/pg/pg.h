/*
 * pg.h - one PostgreSQL connection in pipeline mode: prepared statements out, rows or problems in.
 *
 * pg_queue_... puts a statement into the pipeline, and before its first use on the connection the
 * request to prepare it; pg_wait sends the pipeline, reads every answer in order, and reports the
 * first problem. One pg_wait is one round trip. The caller states the shape of answer it expects;
 * any other shape is a problem.
 * Every wait is bounded: the server cancels slow statements, and our own deadline closes a
 * connection that has gone silent. Private to this folder.
 * Source: PostgreSQL 15 manual, 34.5 Pipeline Mode.
 */
#ifndef PAYAPI_INFRASTRUCTURE_POSTGRES_PG_PG_H
#define PAYAPI_INFRASTRUCTURE_POSTGRES_PG_PG_H

#include <libpq-fe.h>

#include "application/ctx.h"
#include "base/digits.h"
#include "infrastructure/postgres/store_pg.h"

#define PG_ARGS_MAX        24
#define PG_DEADLINE_MS     6000     /* twice the server's statement_timeout: by then it is gone */
#define PG_CONNECT_S       "2"      /* libpq's minimum */
#define PG_CHECK_MS        2000     /* for each question about a new connection */
#define PG_PREPARED_KEPT   256      /* statements on one connection: then it is replaced */
#define SCHEMA_VERSION_MIN 7        /* what these statements were written for */
/* The next release's schema keeps everything these statements use; the one after may not. */
#define SCHEMA_VERSION_MAX (SCHEMA_VERSION_MIN + 1)

/* Defined above the only function that runs it; registered in statements.c. */
struct pg_statement {
    const char *name;
    const char *sql;
};

/* --- Arguments, in the order of $1, $2 ... ------------------------------------------------- */

struct pg_args {
    int         count;
    const char *values[PG_ARGS_MAX];
    int         sizes[PG_ARGS_MAX];
    int         formats[PG_ARGS_MAX];       /* 0 text, 1 binary */
    char        numbers[PG_ARGS_MAX][DIGITS_TEXT_MAX];      /* pg_i64's texts; values points here */
};

void pg_text(struct pg_args *args, const char *text);           /* NULL gives null */
void pg_text_or_null(struct pg_args *args, const char *text);   /* "" gives null */
void pg_i64(struct pg_args *args, int64_t number);
void pg_i64_or_null(struct pg_args *args, int64_t number);      /* 0 gives null */
void pg_bool(struct pg_args *args, bool truth);
void pg_bytes(struct pg_args *args, struct bytes bytes);        /* bytea */

/* --- Answers ------------------------------------------------------------------------------- */

/* In the arena. */
struct pg_rows {
    PGresult *result;
    int       count;
};

struct pg_row {
    const PGresult *result;
    int             number;
    int             first, end;         /* its columns, from first to before end */
};

struct pg_row pg_row_at(const struct pg_rows *rows, int number);
/*
 * The part of a row that begins with the column first and ends before the column next (NULL: with
 * the row). A statement that joins several tables selects a part for each, which begins with
 * ..._version or ..._found; two parts may have columns of the same name.
 */
struct pg_row pg_row_part(struct pg_row row, const char *first, const char *next);
/* Columns are read by name; a name that the statement does not select fails an assertion. */
/* null gives ""; lives as long as the arena. */
const char *pg_row_text(struct pg_row row, const char *column);
int64_t     pg_row_i64(struct pg_row row, const char *column);      /* null gives 0 */
bool        pg_row_bool(struct pg_row row, const char *column);
struct bytes pg_row_bytes(struct arena *arena, struct pg_row row, const char *column);  /* bytea */
void        pg_row_copy(struct pg_row row, const char *column, char *text_out, size_t size);

/* --- The pipeline -------------------------------------------------------------------------- */

/* The next pg_wait fills in rows_out, if it returns OK. */
void pg_queue_one(struct ctx *ctx, const struct pg_statement *statement, const struct pg_args *args,
                  struct pg_rows *rows_out);        /* exactly one row, or one changed row */
void pg_queue_optional(struct ctx *ctx, const struct pg_statement *statement,
                       const struct pg_args *args, struct pg_rows *rows_out);     /* at most one */
void pg_queue_many(struct ctx *ctx, const struct pg_statement *statement,
                   const struct pg_args *args, struct pg_rows *rows_out);
void pg_queue_any(struct ctx *ctx, const struct pg_statement *statement,
                  const struct pg_args *args);
/* At most one row, read without a lock. Unlike the others it does not begin the transaction. */
void pg_queue_peek(struct ctx *ctx, const struct pg_statement *statement,
                   const struct pg_args *args, struct pg_rows *rows_out);
const struct problem *pg_wait(struct ctx *ctx);

/* --- Inside -------------------------------------------------------------------------------- */

enum pg_shape { PG_SHAPE_ONE, PG_SHAPE_OPTIONAL, PG_SHAPE_MANY, PG_SHAPE_ANY };

struct pg_pending {
    const struct pg_statement *statement;
    bool                       prepares;        /* asks for its preparation, not its execution */
    enum pg_shape              shape;
    struct pg_rows            *rows_out;        /* or NULL */
};

/* Pointers to statements: the session has prepared them, or will do so in this pipeline. */
struct pg_prepared {
    const struct pg_statement **statements;
    int                         count;
    int                         room;
};

struct store {
    struct store_settings settings;
    PGconn               *connection;           /* NULL: not connected */
    bool                  is_stale;             /* still works; replaced before its next use */
    bool                  is_quiet;             /* the server has said nothing just now */
    struct pg_pending    *pending;              /* grows with the length of a provider's list */
    int                   pending_count;
    int                   pending_room;
    struct pg_prepared    prepared;             /* of this connection */
    const struct pg_statement *begin_first;     /* sent before the next statement; NULL: none */
    int64_t               deadline_at_ms;       /* of the round trip under way; monotonic clock */
    int64_t               round_trips;
    int64_t               commits;
};

/* pg_connection.c: connects, and checks the schema's version. */
const struct problem *pg_connect(struct ctx *ctx);
void                  pg_close(struct store *store);
bool                  pg_is_usable(struct store *store);
/* rows: of the statement schema_version. */
const struct problem *pg_check_schema_version(struct ctx *ctx, const struct pg_rows *rows);

/* What each connection is made with, and must have. The values are as PostgreSQL shows them. */
#define PG_SESSION(SETTING)                                                                        \
    SETTING("statement_timeout", "3s")                                                             \
    SETTING("lock_timeout", "1s")                                                                  \
    SETTING("idle_in_transaction_session_timeout", "10s")                                          \
    SETTING("search_path", "payapi,pg_temp")                                                       \
    SETTING("TimeZone", "UTC")                                                                     \
    SETTING("enable_seqscan", "off")                                                               \
    SETTING("jit", "off")

/* pg_pooler.c: why connecting failed, and whether the connection has the settings of PG_SESSION. */
const struct problem *pg_no_connection(struct ctx *ctx);
const struct problem *pg_check_session(struct ctx *ctx);

/*
 * pg_prepared.c. Queues the request to prepare the statement, unless the connection has it. False:
 * it cannot be sent.
 */
bool pg_prepare(struct store *store, const struct pg_statement *statement);
/* The request failed, or was skipped because an earlier statement failed. */
void pg_prepare_failed(struct store *store, const struct pg_statement *statement);

/* pg.c */
void                  pg_expect(struct store *store, const struct pg_statement *statement,
                                enum pg_shape shape, struct pg_rows *rows_out);
void                  pg_expect_preparation(struct store *store,
                                            const struct pg_statement *statement);
const struct problem *pg_wait_within(struct ctx *ctx, int64_t timeout_ms);

/* pg_problem.c */
bool            pg_wants_new_connection(const PGresult *refusal);
/* A write took effect: writes are no longer refused. */
void            pg_note_write(struct store *store);
struct problem *pg_problem_unavailable(struct ctx *ctx, bool repeatable, const char *cause);
struct problem *pg_problem_of(struct ctx *ctx, const struct pg_statement *statement,
                              const PGresult *result);

#endif
