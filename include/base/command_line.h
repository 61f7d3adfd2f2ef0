/*
 * command_line.h - parses a program's options, in the same way for all programs.
 *
 * -h and --help print the help, --version prints the version; both go to standard output and end
 * the program with status 0. A wrong command line ends it with COMMAND_LINE_MISUSED, after one line
 * on standard error that names what is wrong. Source: getopt_long(3); sysexits(3) for the status.
 */
#ifndef PAYAPI_BASE_COMMAND_LINE_H
#define PAYAPI_BASE_COMMAND_LINE_H

#include <getopt.h>
#include <stdbool.h>

#define COMMAND_LINE_MISUSED     64     /* EX_USAGE, for every program */
#define COMMAND_LINE_OPTIONS_MAX 16     /* of a program or command, without help and version */

/* Everything is borrowed. */
struct command_line {
    const char          *program;       /* as it is called: "payapi-admin", "payapi-admin token" */
    const char          *help;          /* the whole text, with a line break at its end */
    const struct option *options;       /* an empty one at the end; NULL: none */
    bool                 stops_at_command;      /* leave what follows the first argument */
};

/*
 * Returns the next option's val, with its value in optarg; -1 when there are no more, and
 * argv[optind] is then the first argument. Set optind to 0 before reading a second command line in
 * the same process.
 */
int command_line_next(const struct command_line *line, int argc, char **argv);
/*
 * That option's value, borrowed from argv, which must be one of the words (with a space between
 * them). The error message calls it name: "--status".
 */
const char *command_line_word(const struct command_line *line, const char *name,
                              const char *words);
/* Reads the command line of a program or command that has no options of its own. */
void command_line_no_options(const struct command_line *line, int argc, char **argv);

/*
 * Called after the options. Both functions end the program when more arguments are left than they
 * take.
 */
void command_line_end(const struct command_line *line, int argc, char **argv);
/* The one argument, borrowed from argv; the error message names it when it is missing. */
const char *command_line_argument(const struct command_line *line, int argc, char **argv,
                                  const char *name);

/* Prints what is wrong with the command line, and ends the program. */
void command_line_misused(const struct command_line *line, const char *complaint, ...)
    __attribute__((noreturn, format(printf, 2, 3)));

#endif
