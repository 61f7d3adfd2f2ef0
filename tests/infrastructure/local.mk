# Tests of src/infrastructure.
