# Fuzz targets, built by ./dev fuzz and ./dev test with clang's libFuzzer (--enable-fuzzing).
# tests/fuzz/fuzz.h says what belongs to one.
FUZZ_TARGETS = \
    %D%/fuzz_api_key \
    %D%/fuzz_card_number \
    %D%/fuzz_fastcgi_body \
    %D%/fuzz_foreign_json \
    %D%/fuzz_form \
    %D%/fuzz_idempotency_key \
    %D%/fuzz_json_body \
    %D%/fuzz_live_ticket \
    %D%/fuzz_mask_json \
    %D%/fuzz_moment \
    %D%/fuzz_money \
    %D%/fuzz_order \
    %D%/fuzz_paystack_event \
    %D%/fuzz_paystack_reply \
    %D%/fuzz_paystack_signature \
    %D%/fuzz_public_keys \
    %D%/fuzz_query \
    %D%/fuzz_request \
    %D%/fuzz_stripe_event \
    %D%/fuzz_stripe_reply \
    %D%/fuzz_stripe_signature \
    %D%/fuzz_token

EXTRA_PROGRAMS = $(FUZZ_TARGETS)
EXTRA_LIBRARIES = libfuzz.a
libfuzz_a_SOURCES = %D%/fuzz.c %D%/fuzz.h %D%/paystack_account.c %D%/paystack_account.h \
    %D%/stripe_account.c %D%/stripe_account.h

# The default of programs that say nothing of their own: these alone.
LDADD = libfuzz.a libinfrastructure.a libapplication.a libinfrastructure.a libapplication.a \
    libdomain.a libbase.a $(FUZZER) \
    $(FCGI_LIBS) $(LIBJWT_LIBS) $(LIBPQ_LIBS) $(CURL_LIBS) $(JANSSON_LIBS) $(CRYPTO_LIBS)

fuzz-targets: $(FUZZ_TARGETS)
.PHONY: fuzz-targets

CLEANFILES += $(FUZZ_TARGETS) libfuzz.a
EXTRA_DIST += %D%/corpus
