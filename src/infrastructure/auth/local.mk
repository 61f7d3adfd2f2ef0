# Who is calling.
libinfrastructure_a_SOURCES += \
    %D%/base64url.c %D%/base64url.h \
    %D%/token.c %D%/token.h
