/* Reads options, and prints help and version. */
#include <config.h>

#include "base/command_line.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

/*
 * getopt_long's return value for the first option: above all characters, which short options
 * return.
 */
#define LONG_OPTION 256
#define TABLE_SIZE  (COMMAND_LINE_OPTIONS_MAX + 3)

enum { SHOW_HELP = LONG_OPTION + COMMAND_LINE_OPTIONS_MAX, SHOW_VERSION };

/* Writes the caller's options, then our own. */
static void fill_table(const struct option *options, struct option table_out[static TABLE_SIZE])
{
    int count = 0;

    for (; options != NULL && options[count].name != NULL; count++) {
        assert(count < COMMAND_LINE_OPTIONS_MAX);
        table_out[count] = options[count];
        table_out[count].val = LONG_OPTION + count;
    }
    table_out[count++] = (struct option) { "help", no_argument, NULL, SHOW_HELP };
    table_out[count++] = (struct option) { "version", no_argument, NULL, SHOW_VERSION };
    table_out[count] = (struct option) { NULL, 0, NULL, 0 };
}

/*
 * optopt is 0 after an unknown long option, a character after a short one, else a known one's val.
 */
__attribute__((noreturn)) static void complain(const struct command_line *line, int answer,
                                               char **argv)
{
    const char *given = argv[optind - 1];
    int name_size = (int) strcspn(given, "=");

    if (optopt == 0)
        command_line_misused(line, "unknown option %.*s", name_size, given);
    if (optopt < LONG_OPTION)
        command_line_misused(line, "unknown option -%c", optopt);
    if (answer == ':')
        command_line_misused(line, "%s needs a value", given);
    command_line_misused(line, "%.*s takes no value", name_size, given);
}

static size_t first_word(const char *text)
{
    return strcspn(text, " ");
}

__attribute__((noreturn)) static void show_version(const struct command_line *line)
{
    printf("%.*s %s\n", (int) first_word(line->program), line->program, PACKAGE_VERSION);
    exit(EXIT_SUCCESS);
}

int command_line_next(const struct command_line *line, int argc, char **argv)
{
    struct option table[TABLE_SIZE];
    int answer;

    fill_table(line->options, table);
    opterr = 0;                         /* we print our own messages */
    answer = getopt_long(argc, argv, line->stops_at_command ? "+:h" : ":h", table, NULL);
    if (answer == '?' || answer == ':')
        complain(line, answer, argv);
    if (answer == 'h' || answer == SHOW_HELP) {
        fputs(line->help, stdout);
        exit(EXIT_SUCCESS);
    }
    if (answer == SHOW_VERSION)
        show_version(line);
    return answer == -1 ? -1 : line->options[answer - LONG_OPTION].val;
}

void command_line_no_options(const struct command_line *line, int argc, char **argv)
{
    int option = command_line_next(line, argc, argv);

    assert(option == -1);
}

void command_line_end(const struct command_line *line, int argc, char **argv)
{
    if (optind < argc)
        command_line_misused(line, "unexpected argument '%s'", argv[optind]);
}

const char *command_line_argument(const struct command_line *line, int argc, char **argv,
                                  const char *name)
{
    if (optind == argc)
        command_line_misused(line, "%s is missing", name);
    optind++;
    command_line_end(line, argc, argv);
    return argv[optind - 1];
}

const char *command_line_word(const struct command_line *line, const char *name,
                              const char *words)
{
    if (!bytes_are_one_of(bytes_of(optarg), words))
        command_line_misused(line, "%s must be one of: %s", name, words);
    return optarg;
}

void command_line_misused(const struct command_line *line, const char *complaint, ...)
{
    va_list args;

    fprintf(stderr, "%.*s: ", (int) first_word(line->program), line->program);
    va_start(args, complaint);
    vfprintf(stderr, complaint, args);
    va_end(args);
    fprintf(stderr, " (%s --help)\n", line->program);
    exit(COMMAND_LINE_MISUSED);
}
