/* Log lines: their form, their limits, and lines that are held back. */
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include <cmocka.h>

/*
 * Standard error is replaced by a pipe of ours while a test runs; the teardown puts it back in
 * every case, since cmocka's messages go there, too.
 */
static int stderr_of_the_test;
static int reader;

static void replace_stderr(int fd)
{
    assert_int_equal(dup2(fd, STDERR_FILENO), STDERR_FILENO);
    (void) close(fd);
}

static int remember_stderr(void **state)
{
    (void) state;
    stderr_of_the_test = dup(STDERR_FILENO);
    (void) signal(SIGPIPE, SIG_IGN);            /* as the worker does */
    return 0;
}

/* log_open lets go of the pipe it opened for itself. */
static void give_stderr_back(void)
{
    (void) dup2(stderr_of_the_test, STDERR_FILENO);
    log_open("test", LOG_LEVEL_ERROR);
}

static int put_stderr_back(void **state)
{
    (void) state;
    give_stderr_back();
    (void) close(stderr_of_the_test);
    if (reader > 0)
        (void) close(reader);
    reader = 0;
    return 0;
}

static size_t read_line(char line[static PIPE_BUF + 1])
{
    struct pollfd fd = { .fd = reader, .events = POLLIN };
    ssize_t size;

    assert_int_equal(poll(&fd, 1, 5000), 1);    /* a line that is missing fails, it does not hang */
    size = read(reader, line, PIPE_BUF);
    assert_true(size > 0);
    line[size] = '\0';
    assert_int_equal(line[size - 1], '\n');
    assert_ptr_equal(strchr(line, '\n'), line + size - 1);
    return (size_t) size;
}

static json_t *read_json(void)
{
    char line[PIPE_BUF + 1];
    json_t *json;

    (void) read_line(line);
    json = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(json);
    return json;
}

/* The first line takes along what an earlier test let drop. */
static void begin_log(enum log_level level)
{
    char line[PIPE_BUF + 1];

    log_open("test", level);
    log_event(LOG_LEVEL_ERROR, "begin");
    (void) read_line(line);
}

static void given_a_pipe(enum log_level level)
{
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    reader = ends[0];
    replace_stderr(ends[1]);
    begin_log(level);
}

static const char *text_of(const json_t *json, const char *name)
{
    return json_string_value(json_object_get(json, name));
}

static json_int_t number_of(const json_t *json, const char *name)
{
    assert_true(json_is_integer(json_object_get(json, name)));
    return json_integer_value(json_object_get(json, name));
}

/* --- What stands in a line ---------------------------------------------------------------- */

static void a_line_tells_when_how_bad_who_and_what(void **state)
{
    json_t *json;
    struct tm tm = { 0 };
    int ms = -1;
    char z = 0;
    (void) state;

    given_a_pipe(LOG_LEVEL_INFO);
    log_event(LOG_LEVEL_INFO, "payment_completed", LOG_TEXT("payment_id", "pay_1"),
              LOG_NUMBER("took_ms", 12), LOG_NUMBER("least", INT64_MIN),
              LOG_TEXT("nothing", (const char *) NULL));
    json = read_json();

    assert_string_equal(text_of(json, "level"), "info");
    assert_string_equal(text_of(json, "program"), "test");
    assert_int_equal(number_of(json, "pid"), getpid());
    assert_string_equal(text_of(json, "event"), "payment_completed");
    assert_string_equal(text_of(json, "payment_id"), "pay_1");
    assert_int_equal(number_of(json, "took_ms"), 12);
    assert_true(number_of(json, "least") == INT64_MIN);
    assert_string_equal(text_of(json, "nothing"), "");
    assert_null(json_object_get(json, "dropped"));
    assert_null(json_object_get(json, "truncated"));
    assert_int_equal(sscanf(text_of(json, "ts"), "%4d-%2d-%2dT%2d:%2d:%2d.%3d%c", &tm.tm_year,
                            &tm.tm_mon, &tm.tm_mday, &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &ms, &z),
                     8);
    assert_int_equal(strlen(text_of(json, "ts")), strlen("2026-01-02T03:04:05.678Z"));
    assert_int_equal(z, 'Z');
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    assert_in_range(time(NULL) - timegm(&tm), 0, 5);
    json_decref(json);
}

static void the_level_has_its_name(void **state)
{
    static const struct { enum log_level level; const char *name; } levels[] = {
        { LOG_LEVEL_ERROR, "error" },
        { LOG_LEVEL_WARN,  "warn"  },
        { LOG_LEVEL_INFO,  "info"  },
        { LOG_LEVEL_DEBUG, "debug" },
    };
    (void) state;

    given_a_pipe(LOG_LEVEL_DEBUG);
    for (size_t i = 0; i < 4; i++) {
        json_t *json;

        log_event(levels[i].level, "x");
        json = read_json();
        assert_string_equal(text_of(json, "level"), levels[i].name);
        json_decref(json);
    }
}

static void lines_above_the_level_are_not_written(void **state)
{
    json_t *json;
    (void) state;

    given_a_pipe(LOG_LEVEL_WARN);
    log_event(LOG_LEVEL_DEBUG, "no");
    log_event(LOG_LEVEL_INFO, "no");
    log_event(LOG_LEVEL_WARN, "yes");
    json = read_json();
    assert_string_equal(text_of(json, "event"), "yes");
    assert_null(json_object_get(json, "dropped"));      /* not wanted is not dropped */
    json_decref(json);
}

static void every_character_is_read_back_by_another_parser(void **state)
{
    (void) state;
    given_a_pipe(LOG_LEVEL_INFO);
    for (int c = 1; c < 0x80; c++) {
        const char text[] = { 'a', (char) c, (char) c, 'b', '\0' };
        json_t *json;

        log_event(LOG_LEVEL_INFO, text, LOG_TEXT(text, text));
        json = read_json();
        assert_string_equal(text_of(json, "event"), text);
        assert_string_equal(text_of(json, text), text);
        json_decref(json);
    }
}

#define BAD "\xef\xbf\xbd"      /* U+FFFD */

static void bytes_that_are_not_utf8_are_replaced(void **state)
{
    static const struct { const char *bytes, *shown; } examples[] = {
        { "\xc2\x80 \xdf\xbf",          "\xc2\x80 \xdf\xbf" },
        { "\xe0\xa0\x80 \xef\xbf\xbf",  "\xe0\xa0\x80 \xef\xbf\xbf" },
        { "\xed\x9f\xbf \xee\x80\x80",  "\xed\x9f\xbf \xee\x80\x80" },
        { "\xf0\x90\x80\x80 \xf4\x8f\xbf\xbf", "\xf0\x90\x80\x80 \xf4\x8f\xbf\xbf" },
        { "\x80",                       BAD },
        { "\xbf.",                      BAD "." },
        { "\xc0\x80.",                  BAD BAD "." },          /* overlong */
        { "\xc1\xbf.",                  BAD BAD "." },
        { "\xe0\x9f\xbf.",              BAD BAD BAD "." },
        { "\xed\xa0\x80.",              BAD BAD BAD "." },      /* a surrogate */
        { "\xf0\x8f\xbf\xbf.",          BAD BAD BAD BAD "." },
        { "\xf4\x90\x80\x80.",          BAD BAD BAD BAD "." },  /* above U+10FFFF */
        { "\xf5\x80\x80\x80.",          BAD BAD BAD BAD "." },
        { "\xff\xfe.",                  BAD BAD "." },
        { "a\xc3",                      "a" BAD },              /* cut off */
        { "a\xe2\x82",                  "a" BAD BAD },
        { "a\xf0\x9f\x8d",              "a" BAD BAD BAD },
        { "\xe2\x82.",                  BAD BAD "." },
        { "\xc3\"",                     BAD "\"" },             /* the quote is not eaten */
    };
    (void) state;

    given_a_pipe(LOG_LEVEL_INFO);
    for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
        json_t *json;

        log_event(LOG_LEVEL_INFO, "x", LOG_TEXT("text", examples[i].bytes));
        json = read_json();
        assert_string_equal(text_of(json, "text"), examples[i].shown);
        json_decref(json);
    }
}

/* --- What does not fit -------------------------------------------------------------------- */

/* Every way to end at the edge: plain, escaped, multi-byte and bad characters. */
static void a_long_text_is_cut_but_the_line_stays_json(void **state)
{
    static const char *const units[] = { "a", "\"", "\n", "\xe2\x82\xac", "\xff" };
    static const char *const shown[] = { "a", "\"", "\n", "\xe2\x82\xac", BAD };
    (void) state;

    given_a_pipe(LOG_LEVEL_INFO);
    for (size_t u = 0; u < 5; u++)
        for (size_t lead = 3700; lead < 4200; lead++) {
            char text[5000];
            size_t unit_count = 0;
            char line[PIPE_BUF + 1];
            const char *got;
            json_t *json;

            memset(text, '.', lead);
            text[lead] = '\0';
            for (; unit_count < 100; unit_count++)
                (void) strcat(text + lead, units[u]);
            log_event(LOG_LEVEL_INFO, "x", LOG_TEXT("text", text), LOG_NUMBER("after", 1));

            assert_true(read_line(line) <= PIPE_BUF);
            json = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
            assert_non_null(json);
            got = text_of(json, "text");
            assert_true(json_is_true(json_object_get(json, "truncated"))
                        != json_is_integer(json_object_get(json, "after")));
            assert_memory_equal(got, text, strlen(got) < lead ? strlen(got) : lead);
            for (got += strlen(got) < lead ? strlen(got) : lead; *got != '\0';
                    got += strlen(shown[u]))
                assert_memory_equal(got, shown[u], strlen(shown[u]));
            json_decref(json);
        }
}

/* What does not fit is not looked at again for each character that does: that would take a minute. */
static void a_giant_text_costs_no_more_than_its_line(void **state)
{
    enum { GIANT_BYTES = 16 * 1024 * 1024, TOO_LONG_S = 10 };
    char *giant = malloc(GIANT_BYTES);
    json_t *json;
    (void) state;

    assert_non_null(giant);
    memset(giant, 'a', GIANT_BYTES);
    giant[GIANT_BYTES - 1] = '\0';
    given_a_pipe(LOG_LEVEL_INFO);
    (void) alarm(TOO_LONG_S);
    log_event(LOG_LEVEL_INFO, "x", LOG_TEXT("text", giant));
    (void) alarm(0);
    json = read_json();
    assert_true(json_is_true(json_object_get(json, "truncated")));
    json_decref(json);
    free(giant);
}

static void a_line_that_just_fits_is_whole_and_one_byte_more_is_cut(void **state)
{
    char text[5000] = "";
    size_t whole_max = 0, cut_min = SIZE_MAX;
    (void) state;

    given_a_pipe(LOG_LEVEL_INFO);
    for (size_t size = 3800; size < 4100; size++) {
        json_t *json;

        memset(text, 'a', size);
        text[size] = '\0';
        log_event(LOG_LEVEL_INFO, "x", LOG_TEXT("text", text));
        json = read_json();
        if (json_is_true(json_object_get(json, "truncated")))
            cut_min = size < cut_min ? size : cut_min;
        else
            whole_max = size;
        json_decref(json);
    }
    assert_int_equal(cut_min, whole_max + 1);
    assert_true(whole_max > 3900);
}

static void fields_that_do_not_fit_leave_no_trace(void **state)
{
    struct log_field fields[400];
    char names[400][32], line[PIPE_BUF + 1];
    json_t *json;
    (void) state;

    given_a_pipe(LOG_LEVEL_INFO);
    for (int i = 0; i < 400; i++) {
        (void) snprintf(names[i], sizeof(names[i]), "field_%d", i);
        fields[i] = (struct log_field) { names[i], i % 2 == 0 ? "text" : NULL, i };
    }
    for (int count = 150; count < 400; count++) {
        log_write(LOG_LEVEL_INFO, "x", fields, count);
        assert_true(read_line(line) <= PIPE_BUF);
        json = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
        assert_non_null(json);
        if (json_is_true(json_object_get(json, "truncated")))
            assert_in_range(json_object_size(json), 100, count + 5);    /* itself counts, too */
        else
            assert_int_equal(json_object_size(json), count + 5);
        json_decref(json);
    }
}

static void a_giant_name_or_event_is_cut_too(void **state)
{
    static char giant[100000];
    json_t *json;
    (void) state;

    memset(giant, '"', sizeof(giant) - 1);
    given_a_pipe(LOG_LEVEL_INFO);
    log_event(LOG_LEVEL_INFO, "x", LOG_NUMBER(giant, 1), LOG_NUMBER("after", 1));
    json = read_json();
    assert_int_equal(json_object_size(json), 6);        /* ts level program pid event truncated */
    assert_true(json_is_true(json_object_get(json, "truncated")));
    json_decref(json);

    log_event(LOG_LEVEL_INFO, giant, LOG_NUMBER("after", 1));
    json = read_json();
    assert_true(json_is_true(json_object_get(json, "truncated")));
    assert_null(json_object_get(json, "after"));
    json_decref(json);
}

static void a_long_program_name_is_cut(void **state)
{
    char name[200];
    json_t *json;
    (void) state;

    memset(name, 'n', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    given_a_pipe(LOG_LEVEL_INFO);
    log_open(name, LOG_LEVEL_INFO);
    log_event(LOG_LEVEL_INFO, "x");
    json = read_json();
    assert_int_equal(strspn(text_of(json, "program"), "n"), 31);
    json_decref(json);
}

/* --- Who does not read -------------------------------------------------------------------- */

static void fill_the_pipe(void)
{
    const int flags = fcntl(STDERR_FILENO, F_GETFL);

    (void) fcntl(STDERR_FILENO, F_SETFL, flags | O_NONBLOCK);
    while (write(STDERR_FILENO, "x", 1) == 1)
        continue;
    (void) fcntl(STDERR_FILENO, F_SETFL, flags);
}

static void empty_the_pipe(void)
{
    char bytes[4096];

    (void) fcntl(reader, F_SETFL, O_NONBLOCK);
    while (read(reader, bytes, sizeof(bytes)) > 0)
        continue;
    (void) fcntl(reader, F_SETFL, 0);
}

static void a_full_pipe_drops_lines_and_the_next_line_counts_them(void **state)
{
    json_t *json;
    (void) state;

    given_a_pipe(LOG_LEVEL_INFO);
    fill_the_pipe();
    (void) alarm(10);                           /* a log that blocks ends the test */
    for (int i = 0; i < 7; i++)
        log_event(LOG_LEVEL_INFO, "lost");
    (void) alarm(0);
    empty_the_pipe();

    log_event(LOG_LEVEL_INFO, "found");
    json = read_json();
    assert_int_equal(number_of(json, "dropped"), 7);
    assert_string_equal(text_of(json, "event"), "found");
    json_decref(json);

    log_event(LOG_LEVEL_INFO, "next");
    json = read_json();
    assert_null(json_object_get(json, "dropped"));
    json_decref(json);
}

/* --- What waits ---------------------------------------------------------------------------- */

static bool something_was_written(void)
{
    struct pollfd fd = { .fd = reader, .events = POLLIN };

    return poll(&fd, 1, 0) == 1;
}

/* Several lines may come in one read. */
static int lines_written(void)
{
    static char text[65536];
    int count = 0;
    ssize_t size = something_was_written() ? read(reader, text, sizeof(text)) : 0;

    for (ssize_t at = 0; at < size; at++)
        count += text[at] == '\n';
    return count;
}

static void a_held_line_is_written_when_it_is_told(void **state)
{
    json_t *json;
    (void) state;

    given_a_pipe(LOG_LEVEL_INFO);
    log_hold();
    log_event(LOG_LEVEL_INFO, "held", LOG_NUMBER("n", 1));
    assert_false(something_was_written());
    errno = ERANGE;
    log_tell();
    assert_int_equal(errno, ERANGE);
    json = read_json();
    assert_string_equal(text_of(json, "event"), "held");
    json_decref(json);
    log_tell();
    assert_false(something_was_written());          /* once */
    log_event(LOG_LEVEL_INFO, "next");
    json = read_json();
    assert_string_equal(text_of(json, "event"), "next");
    json_decref(json);
}

static void a_forgotten_line_is_never_written(void **state)
{
    (void) state;
    given_a_pipe(LOG_LEVEL_INFO);
    log_hold();
    log_event(LOG_LEVEL_ERROR, "undone");
    log_forget();
    log_tell();
    assert_false(something_was_written());
    log_hold();
    log_event(LOG_LEVEL_ERROR, "undone");
    log_hold();                                     /* a new beginning */
    log_tell();
    assert_false(something_was_written());
}

static void what_does_not_fit_in_the_hold_is_written_at_once(void **state)
{
    enum { LINES = 30 };
    char text[1001] = "";
    int early, late;
    (void) state;

    memset(text, 'a', sizeof(text) - 1);
    given_a_pipe(LOG_LEVEL_INFO);
    log_hold();
    for (int i = 0; i < LINES; i++)
        log_event(LOG_LEVEL_INFO, "x", LOG_TEXT("text", text));
    early = lines_written();
    log_tell();
    late = lines_written();
    assert_in_range(early, 1, LINES - 10);
    assert_int_equal(early + late, LINES);
}

static void lines_dropped_while_others_wait_are_counted_in_the_next(void **state)
{
    json_t *json;
    (void) state;

    given_a_pipe(LOG_LEVEL_INFO);
    fill_the_pipe();
    log_event(LOG_LEVEL_INFO, "lost");
    log_hold();
    log_event(LOG_LEVEL_INFO, "lost");
    log_event(LOG_LEVEL_INFO, "lost");
    log_tell();
    empty_the_pipe();
    log_hold();
    log_event(LOG_LEVEL_INFO, "forgotten");
    log_forget();
    log_hold();
    log_event(LOG_LEVEL_INFO, "told");
    log_tell();
    json = read_json();
    assert_string_equal(text_of(json, "event"), "told");
    assert_null(json_object_get(json, "dropped"));
    json_decref(json);
    log_event(LOG_LEVEL_INFO, "found");
    json = read_json();
    assert_int_equal(number_of(json, "dropped"), 3);
    json_decref(json);
}

/* The race that poll cannot win: another worker takes the last place after our poll. */
static bool another_worker_is_faster;

int __real_poll(struct pollfd *fds, nfds_t count, int timeout_ms);
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout_ms);

int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
    const int ready = __real_poll(fds, count, timeout_ms);

    if (another_worker_is_faster)
        fill_the_pipe();
    return ready;
}

static void a_worker_that_fills_the_pipe_first_does_not_make_us_wait(void **state)
{
    json_t *json;
    (void) state;

    given_a_pipe(LOG_LEVEL_INFO);
    another_worker_is_faster = true;
    (void) alarm(10);
    log_event(LOG_LEVEL_INFO, "lost");
    (void) alarm(0);
    another_worker_is_faster = false;
    empty_the_pipe();
    log_event(LOG_LEVEL_INFO, "found");
    json = read_json();
    assert_int_equal(number_of(json, "dropped"), 1);
    json_decref(json);
}

static void the_flags_of_the_shared_descriptor_stay_as_they_were(void **state)
{
    (void) state;
    given_a_pipe(LOG_LEVEL_INFO);
    assert_int_equal(fcntl(STDERR_FILENO, F_GETFL) & O_NONBLOCK, 0);
}

static void nobody_at_the_other_end_is_no_reason_to_die(void **state)
{
    (void) state;
    given_a_pipe(LOG_LEVEL_INFO);
    (void) close(reader);
    reader = 0;
    errno = ERANGE;
    log_event(LOG_LEVEL_INFO, "lost");
    assert_int_equal(errno, ERANGE);            /* and the caller's errno is the caller's */
}

static void a_closed_standard_error_is_no_reason_to_die(void **state)
{
    (void) state;
    given_a_pipe(LOG_LEVEL_INFO);
    (void) close(STDERR_FILENO);
    log_open("test", LOG_LEVEL_INFO);
    log_event(LOG_LEVEL_INFO, "lost");
}

/* Its parent has logged before it forked, as the master has. */
static void a_forked_process_tells_its_own_pid(void **state)
{
    json_t *json;
    pid_t child;

    (void) state;
    given_a_pipe(LOG_LEVEL_INFO);
    for (int generation = 0; generation < 2; generation++) {
        log_event(LOG_LEVEL_INFO, "parent");
        json = read_json();
        assert_int_equal(number_of(json, "pid"), getpid());
        json_decref(json);
        child = fork();
        if (child == 0) {
            log_event(LOG_LEVEL_INFO, "child");
            _exit(0);
        }
        assert_int_equal(waitpid(child, NULL, 0), child);
        json = read_json();
        assert_int_equal(number_of(json, "pid"), child);
        json_decref(json);
    }
}

static void write_lines_and_exit(int worker, int line_count) __attribute__((noreturn));

/* Waits for room before each line: of those who race for it one gets it, however slow the reader is. */
static void write_lines_and_exit(int worker, int line_count)
{
    struct pollfd pipe = { .fd = STDERR_FILENO, .events = POLLOUT };
    char text[4000];

    log_open("child", LOG_LEVEL_INFO);
    for (int i = 0; i < line_count; i++) {
        (void) poll(&pipe, 1, -1);
        memset(text, 'a' + worker, sizeof(text));
        text[(i * 37 + worker) % 3900] = '\0';
        log_event(LOG_LEVEL_INFO, "x", LOG_TEXT("text", text));
    }
    _exit(0);
}

static void assert_one_piece(const char *line)
{
    json_t *json = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
    const char *text;

    assert_non_null(json);
    text = text_of(json, "text");
    assert_int_equal(strspn(text, (const char[]) { *text, '\0' }), strlen(text));
    json_decref(json);
}

static void lines_of_many_workers_never_mix(void **state)
{
    enum { WORKERS = 4, LINES = 500 };
    char line[PIPE_BUF + 2];
    int line_count = 0;
    FILE *lines;

    given_a_pipe(LOG_LEVEL_INFO);
    for (int worker = 0; worker < WORKERS; worker++) {
        pid_t child = fork();

        assert_true(child >= 0);
        if (child == 0)
            write_lines_and_exit(worker, LINES);
    }
    lines = fdopen(dup(reader), "r");
    assert_non_null(lines);
    give_stderr_back();                         /* the children hold the only writing ends */
    while (fgets(line, sizeof(line), lines) != NULL) {
        assert_one_piece(line);
        line_count++;
    }
    assert_in_range(line_count, LINES, WORKERS * LINES);
    (void) fclose(lines);
    while (wait(NULL) > 0)
        continue;
    (void) state;
}

/* --- What is not a pipe ------------------------------------------------------------------- */

static void a_file_gets_the_lines_one_after_the_other(void **state)
{
    FILE *file = tmpfile();
    char line[PIPE_BUF];
    int line_count = 0;
    (void) state;

    assert_non_null(file);
    replace_stderr(dup(fileno(file)));
    log_open("test", LOG_LEVEL_INFO);
    for (int i = 0; i < 100; i++)
        log_event(LOG_LEVEL_INFO, "x", LOG_NUMBER("i", i));
    rewind(file);
    while (fgets(line, sizeof(line), file) != NULL) {
        json_t *json = json_loads(line, 0, NULL);

        assert_non_null(json);
        assert_int_equal(number_of(json, "i"), line_count++);
        json_decref(json);
    }
    assert_int_equal(line_count, 100);
    (void) fclose(file);
}

static void let_files_grow_to(rlim_t bytes)
{
    struct rlimit limit;

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static off_t size_of(FILE *file)
{
    struct stat found;

    assert_int_equal(fstat(fileno(file), &found), 0);
    return found.st_size;
}

static void assert_whole_lines(FILE *file, int count, int dropped)
{
    char line[PIPE_BUF];

    rewind(file);
    for (int i = 0; i < count; i++) {
        json_t *json;

        assert_non_null(fgets(line, sizeof(line), file));
        json = json_loads(line, 0, NULL);
        assert_non_null(json);
        if (i == count - 1)
            assert_int_equal(number_of(json, "dropped"), dropped);
        json_decref(json);
    }
    assert_null(fgets(line, sizeof(line), file));
}

/* The kernel takes as much of a line as there is room for. */
static void a_full_disk_takes_whole_lines_or_none(void **state)
{
    FILE *file = tmpfile();
    off_t size;
    (void) state;

    assert_non_null(file);
    (void) signal(SIGXFSZ, SIG_IGN);
    replace_stderr(dup(fileno(file)));
    log_open("test", LOG_LEVEL_INFO);
    log_event(LOG_LEVEL_INFO, "before");
    size = size_of(file);
    let_files_grow_to((rlim_t) size + 30);
    log_event(LOG_LEVEL_INFO, "lost");
    log_event(LOG_LEVEL_INFO, "lost");
    let_files_grow_to(RLIM_INFINITY);
    assert_int_equal(size_of(file), size);
    log_event(LOG_LEVEL_INFO, "after");
    assert_whole_lines(file, 2, 2);
    (void) fclose(file);
}

/* systemd gives its services a socket as standard error. */
static void a_full_socket_drops_lines_too(void **state)
{
    int ends[2];
    json_t *json;
    (void) state;

    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
    reader = ends[0];
    replace_stderr(ends[1]);
    begin_log(LOG_LEVEL_INFO);
    (void) alarm(10);
    for (int i = 0; i < 10000; i++)
        log_event(LOG_LEVEL_INFO, "x");
    (void) alarm(0);
    empty_the_pipe();
    log_event(LOG_LEVEL_INFO, "found");
    json = read_json();
    assert_in_range(number_of(json, "dropped"), 1, 9999);
    json_decref(json);
}

/* The journal's stream, which all workers of a service share. */
static void a_worker_that_fills_the_socket_first_does_not_make_us_wait(void **state)
{
    int ends[2];
    json_t *json;
    (void) state;

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    reader = ends[0];
    replace_stderr(ends[1]);
    begin_log(LOG_LEVEL_INFO);
    another_worker_is_faster = true;
    (void) alarm(10);
    log_event(LOG_LEVEL_INFO, "lost");
    (void) alarm(0);
    another_worker_is_faster = false;
    empty_the_pipe();
    log_event(LOG_LEVEL_INFO, "found");
    json = read_json();
    assert_int_equal(number_of(json, "dropped"), 1);
    json_decref(json);
}

#define with_its_own_stderr(test) \
    cmocka_unit_test_setup_teardown(test, remember_stderr, put_stderr_back)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_its_own_stderr(a_line_tells_when_how_bad_who_and_what),
        with_its_own_stderr(the_level_has_its_name),
        with_its_own_stderr(lines_above_the_level_are_not_written),
        with_its_own_stderr(every_character_is_read_back_by_another_parser),
        with_its_own_stderr(bytes_that_are_not_utf8_are_replaced),
        with_its_own_stderr(a_long_text_is_cut_but_the_line_stays_json),
        with_its_own_stderr(a_giant_text_costs_no_more_than_its_line),
        with_its_own_stderr(a_line_that_just_fits_is_whole_and_one_byte_more_is_cut),
        with_its_own_stderr(fields_that_do_not_fit_leave_no_trace),
        with_its_own_stderr(a_giant_name_or_event_is_cut_too),
        with_its_own_stderr(a_long_program_name_is_cut),
        with_its_own_stderr(a_full_pipe_drops_lines_and_the_next_line_counts_them),
        with_its_own_stderr(a_held_line_is_written_when_it_is_told),
        with_its_own_stderr(a_forgotten_line_is_never_written),
        with_its_own_stderr(what_does_not_fit_in_the_hold_is_written_at_once),
        with_its_own_stderr(lines_dropped_while_others_wait_are_counted_in_the_next),
        with_its_own_stderr(a_worker_that_fills_the_pipe_first_does_not_make_us_wait),
        with_its_own_stderr(the_flags_of_the_shared_descriptor_stay_as_they_were),
        with_its_own_stderr(nobody_at_the_other_end_is_no_reason_to_die),
        with_its_own_stderr(a_closed_standard_error_is_no_reason_to_die),
        with_its_own_stderr(a_forked_process_tells_its_own_pid),
        with_its_own_stderr(lines_of_many_workers_never_mix),
        with_its_own_stderr(a_file_gets_the_lines_one_after_the_other),
        with_its_own_stderr(a_full_disk_takes_whole_lines_or_none),
        with_its_own_stderr(a_full_socket_drops_lines_too),
        with_its_own_stderr(a_worker_that_fills_the_socket_first_does_not_make_us_wait),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
