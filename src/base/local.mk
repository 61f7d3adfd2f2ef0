noinst_LIBRARIES += libbase.a
libbase_a_SOURCES = %D%/arena.c %D%/fault.c %D%/log.c %D%/text.c
