# Tests of src/domain.
