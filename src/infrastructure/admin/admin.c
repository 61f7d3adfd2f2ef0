#include "infrastructure/admin/admin.h"

#include <stdarg.h>
#include <stdio.h>
#include <sysexits.h>

bool admin_load_config(struct admin *admin, enum config_program program,
                       struct config *config_out)
{
    struct config_report report;

    if (config_load(admin->arena, admin->config_file, program, config_out, &report)) {
        if (report.warning[0] != '\0')
            fprintf(stderr, "payapi-admin: %s\n", report.warning);
        return true;
    }
    fprintf(stderr, "payapi-admin: %s\n", report.error);
    return false;
}

int admin_misused(const char *complaint, ...)
{
    va_list args;

    fputs("payapi-admin: ", stderr);
    va_start(args, complaint);
    vfprintf(stderr, complaint, args);
    va_end(args);
    fputs(" (payapi-admin --help)\n", stderr);
    return EX_USAGE;
}
