# What the application's tests link in place of the infrastructure.
check_LIBRARIES += libfakes.a
libfakes_a_SOURCES = \
    %D%/fake_store.c %D%/fake_store.h %D%/fake_provider.c %D%/fake_provider.h \
    %D%/fake_crash.c %D%/fake_crash.h %D%/fake_answer.c %D%/fake_entropy.c %D%/fake_digest.c \
    %D%/fake_authorship.c \
    %D%/fake_store_parts.h %D%/fake_store_disputes.c %D%/fake_store_missed.c
