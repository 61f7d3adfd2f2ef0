noinst_LIBRARIES += libinfrastructure.a
libinfrastructure_a_SOURCES =
