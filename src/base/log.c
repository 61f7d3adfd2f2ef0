/* Writes each log line as one JSON object, and holds lines back while a transaction is open. */
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/character.h"
#include "base/digits.h"
#include "base/metrics.h"
#include "base/rfc3339.h"

/*
 * A line of at most PIPE_BUF bytes enters a pipe whole or not at all, even with other writers. The
 * last TAIL_BYTES are reserved for the end of a truncated line, so that it is still JSON.
 */
#define LINE_BYTES 4096
#define TAIL       ",\"truncated\":true}\n"
#define TAIL_BYTES (sizeof("\"" TAIL) - 1)

_Static_assert(LINE_BYTES <= PIPE_BUF, "a log line must be written in one piece");

struct line {
    char   data[LINE_BYTES];
    size_t size;
    bool   truncated;           /* nothing more is added */
};

#define PROGRAM_MAX 32
#define HELD_BYTES  (4 * LINE_BYTES)

static char           program_name[PROGRAM_MAX] = "payapi";
static enum log_level level_max = LOG_LEVEL_INFO;
static int            log_fd = STDERR_FILENO;
static bool           is_socket;
static bool           is_file;                  /* always ready: needs no poll */
static bool           torn;                     /* the file ends with half a line */
static int64_t        dropped;
static bool           holding;
static char           held[HELD_BYTES];         /* whole lines */
static size_t         held_size;

static void begin(struct line *line, enum log_level level, const char *event);
static void add_text(struct line *line, const char *name, const char *text);
static void add_number(struct line *line, const char *name, int64_t number);
static void end(struct line *line);
static bool hold(const struct line *line);
static bool write_now(const char *line, size_t size);
static int  open_own_pipe(void);
static bool leads_to_socket(int fd);

void log_open(const char *program, enum log_level level)
{
    (void) snprintf(program_name, sizeof(program_name), "%s", program);
    level_max = level;
    torn = false;
    if (log_fd != STDERR_FILENO)
        (void) close(log_fd);
    log_fd = open_own_pipe();
    is_socket = leads_to_socket(log_fd);
}

/* While lines are held, none carries the number of dropped lines. */
static void count(bool written)
{
    if (!written) {
        dropped++;
        metrics_add(METRIC_LOG_DROPPED, 1, METRIC_VALUES(program_name));
    } else if (!holding) {
        dropped = 0;
    }
}

void log_write(enum log_level level, const char *event, const struct log_field *fields,
               int field_count)
{
    const int errno_of_caller = errno;
    struct line line;

    if (level > level_max)
        return;
    begin(&line, level, event);
    for (int i = 0; i < field_count; i++) {
        if (fields[i].text != NULL)
            add_text(&line, fields[i].name, fields[i].text);
        else
            add_number(&line, fields[i].name, fields[i].number);
    }
    end(&line);
    if (!hold(&line))
        count(write_now(line.data, line.size));
    errno = errno_of_caller;
}

/* --- The line ----------------------------------------------------------------------------- */

static const char *const level_names[] = {
    [LOG_LEVEL_ERROR] = "error",
    [LOG_LEVEL_WARN]  = "warn",
    [LOG_LEVEL_INFO]  = "info",
    [LOG_LEVEL_DEBUG] = "debug",
};

/* Appends all of data or nothing, and nothing more after the first piece that did not fit. */
static void put(struct line *line, const char *data, size_t size)
{
    if (line->truncated || size > LINE_BYTES - TAIL_BYTES - line->size) {
        line->truncated = true;
        return;
    }
    memcpy(line->data + line->size, data, size);
    line->size += size;
}

static void put_string(struct line *line, const char *string)
{
    put(line, string, strlen(string));
}

/* Appends the first character of text; returns how many bytes of text it took. */
static size_t put_character(struct line *line, const char *text)
{
    const unsigned char *c = (const unsigned char *) text;
    const size_t length = character_size(text);
    char escaped[8];

    if (length == 0) {
        put_string(line, "\\ufffd");
        return 1;
    }
    if (*c < 0x20) {
        (void) snprintf(escaped, sizeof(escaped), "\\u%04x", (unsigned int) *c);
        put_string(line, escaped);
    } else if (*c == '"' || *c == '\\') {
        put(line, (const char[]) { '\\', *text }, 2);
    } else {
        put(line, text, length);
    }
    return length;
}

/* The number of bytes of plain ASCII, which need no escape; at most room. */
static size_t plain_size(const char *text, size_t room)
{
    size_t size = 0;

    while (size < room && text[size] >= 0x20 && text[size] < 0x7f && text[size] != '"'
           && text[size] != '\\')
        size++;
    return size;
}

static void put_characters(struct line *line, const char *text)
{
    while (*text != '\0' && !line->truncated) {
        size_t plain = plain_size(text, LINE_BYTES - TAIL_BYTES - line->size);

        if (plain > 0) {
            put(line, text, plain);
            text += plain;
        } else {
            text += put_character(line, text);
        }
    }
}

/* Appends ,"name": and the start of the value; a name that does not fit leaves no trace. */
static bool begin_field(struct line *line, const char *name, const char *value_start)
{
    const size_t mark = line->size;

    put_string(line, ",\"");
    put_characters(line, name);
    put_string(line, "\":");
    put_string(line, value_start);
    if (line->truncated)
        line->size = mark;
    return !line->truncated;
}

static void add_text(struct line *line, const char *name, const char *text)
{
    if (!begin_field(line, name, "\""))
        return;
    put_characters(line, text);
    put_string(line, "\"");
    if (line->truncated)
        line->data[line->size++] = '"';         /* TAIL_BYTES has room for it */
}

static void add_number(struct line *line, const char *name, int64_t number)
{
    char digits[DIGITS_TEXT_MAX];

    (void) digits_print(number, digits);
    (void) begin_field(line, name, digits);
}

static pid_t own_pid;                            /* 0: not asked for in this process */

static void forget_pid(void)
{
    own_pid = 0;
}

/* Asks the kernel once in each process: glibc makes a system call of every getpid(). */
static pid_t pid_of_writer(void)
{
    static bool children_forget;

    if (own_pid != 0)
        return own_pid;
    if (!children_forget && pthread_atfork(NULL, NULL, forget_pid) != 0)
        abort();
    children_forget = true;
    own_pid = getpid();
    return own_pid;
}

static void begin(struct line *line, enum log_level level, const char *event)
{
    struct timespec now;
    char ts[RFC3339_TEXT_MAX];

    (void) clock_gettime(CLOCK_REALTIME, &now);
    rfc3339_print(now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000, ts);
    line->size = 0;
    line->truncated = false;
    put_string(line, "{\"ts\":\"");
    put_string(line, ts);
    put_string(line, "\"");
    add_text(line, "level", level_names[level]);
    add_text(line, "program", program_name);
    add_number(line, "pid", pid_of_writer());
    if (dropped > 0 && !holding)
        add_number(line, "dropped", dropped);
    add_text(line, "event", event);
}

static void end(struct line *line)
{
    const char *tail = line->truncated ? TAIL : "}\n";

    memcpy(line->data + line->size, tail, strlen(tail));
    line->size += strlen(tail);
}

/* --- Holding ------------------------------------------------------------------------------ */

static bool hold(const struct line *line)
{
    if (!holding || line->size > HELD_BYTES - held_size)
        return false;
    memcpy(held + held_size, line->data, line->size);
    held_size += line->size;
    return true;
}

void log_hold(void)
{
    holding = true;
    held_size = 0;
}

void log_tell(void)
{
    const int errno_of_caller = errno;

    for (size_t at = 0, size; at < held_size; at += size) {
        size = (size_t) ((char *) memchr(held + at, '\n', held_size - at) - held) + 1 - at;
        count(write_now(held + at, size));
    }
    log_forget();
    errno = errno_of_caller;
}

void log_forget(void)
{
    holding = false;
    held_size = 0;
}

/* --- Writing ------------------------------------------------------------------------------ */

/*
 * A full disk took only the beginning of a line: removes it, unless somebody has written after it.
 * If it cannot be removed, the next line begins on a line of its own.
 */
static void take_back(ssize_t written)
{
    struct stat status;
    off_t end = lseek(log_fd, 0, SEEK_CUR);

    torn = end < written || fstat(log_fd, &status) != 0 || status.st_size != end
        || ftruncate(log_fd, end - written) != 0 || lseek(log_fd, end - written, SEEK_SET) < 0;
}

static bool write_to_file(const char *line, size_t size)
{
    ssize_t written;

    if (torn && write(log_fd, "\n", 1) != 1)
        return false;
    torn = false;
    written = write(log_fd, line, size);
    if (written > 0 && written < (ssize_t) size)
        take_back(written);
    return written == (ssize_t) size;
}

/* Tries once: waiting for a full pipe would hold up a payment for the sake of its log line. */
static bool write_now(const char *line, size_t size)
{
    struct pollfd fd = { .fd = log_fd, .events = POLLOUT };

    if (is_file)
        return write_to_file(line, size);

    if (poll(&fd, 1, 0) != 1 || (fd.revents & POLLOUT) == 0)
        return false;
    if (is_socket)
        return send(log_fd, line, size, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t) size;
    return write(log_fd, line, size) == (ssize_t) size;
}

/*
 * Several workers share one pipe: another may fill it between our poll and our write, and then a
 * blocking write would wait. Opening the pipe again gives us an open file description of our own,
 * which may be non-blocking without changing anything for the others. A socket (systemd's journal)
 * is written with MSG_DONTWAIT instead. Terminals and files stay as they are.
 */
static int open_own_pipe(void)
{
    struct stat status;
    int fd;

    is_file = false;
    if (fstat(STDERR_FILENO, &status) != 0)
        return STDERR_FILENO;
    is_file = S_ISREG(status.st_mode);
    if (!S_ISFIFO(status.st_mode))
        return STDERR_FILENO;
    fd = open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    return fd >= 0 ? fd : STDERR_FILENO;
}

static bool leads_to_socket(int fd)
{
    struct stat status;

    return fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode);
}
