noinst_LIBRARIES += libbase.a
libbase_a_SOURCES = %D%/arena.c %D%/character.c %D%/command_line.c %D%/digits.c %D%/fault.c \
    %D%/hex.c %D%/json_out.c %D%/log.c %D%/metrics.c %D%/rfc3339.c %D%/text.c
