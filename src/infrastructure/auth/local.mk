# Authentication: who is calling.
libinfrastructure_a_SOURCES += \
    %D%/api_key_check.c %D%/api_key_check.h \
    %D%/api_key_memory.c %D%/api_key_memory.h \
    %D%/base64url.c %D%/base64url.h \
    %D%/jwks.c %D%/jwks.h \
    %D%/key_file.c %D%/key_file.h \
    %D%/numeric_date.c %D%/numeric_date.h \
    %D%/public_keys.c %D%/public_keys.h \
    %D%/token.c %D%/token.h \
    %D%/token_algorithm.c %D%/token_algorithm.h \
    %D%/token_key.c %D%/token_key.h \
    %D%/token_memory.c %D%/token_memory.h \
    %D%/token_signature.c %D%/token_signature.h
