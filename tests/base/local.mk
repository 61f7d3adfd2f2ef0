# Tests of src/base. Jansson reads back what the log and the text wrote.
check_PROGRAMS += %D%/test_arena %D%/test_digits %D%/test_json_out %D%/test_log %D%/test_metrics %D%/test_rfc3339 \
    %D%/test_text
%C%_test_arena_LDADD = libbase.a $(CMOCKA_LIBS)
%C%_test_digits_LDADD = libbase.a $(CMOCKA_LIBS)
%C%_test_json_out_LDADD = libbase.a $(JANSSON_LIBS) $(CMOCKA_LIBS)
%C%_test_log_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=poll
%C%_test_log_LDADD = libbase.a $(JANSSON_LIBS) $(CMOCKA_LIBS)
%C%_test_metrics_LDADD = libbase.a $(CMOCKA_LIBS)
%C%_test_rfc3339_LDADD = libbase.a $(CMOCKA_LIBS)
%C%_test_text_LDADD = libbase.a $(JANSSON_LIBS) $(CMOCKA_LIBS)
