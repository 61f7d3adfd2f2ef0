"""Each C file begins with a comment that says what it is; in these folders all do."""
import pathlib

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("folder", ["src/infrastructure/postgres", "tests/fakes"])
def test_every_file_is_titled(folder):
    files = sorted((ROOT / folder).rglob("*.c"))
    assert len(files) > 15
    assert [path.name for path in files if not path.read_text().startswith("/*")] == []
