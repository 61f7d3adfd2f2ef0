# Tests of src/application.
