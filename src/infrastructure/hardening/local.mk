# What a process gives up before it reads foreign bytes.
libinfrastructure_a_SOURCES += \
    %D%/harden.c %D%/harden.h %D%/parts.h \
    %D%/landlock.c %D%/limits.c %D%/seccomp.c
