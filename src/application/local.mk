noinst_LIBRARIES += libapplication.a
libapplication_a_SOURCES =
