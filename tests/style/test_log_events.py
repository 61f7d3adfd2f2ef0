"""An operator who reads an error in the log finds it in docs/operations.md, with what to do."""
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
OPERATIONS = (ROOT / "docs/operations.md").read_text()
HEAD = re.compile(r"\blog_event\(\s*([^;]*?)\s*,\s*(?=LOG_(?:TEXT|NUMBER)\()")


def error_events():
    """Events that a call of log_event may log as errors. A call whose level is computed elsewhere counts."""
    found = set()
    for path in sorted((ROOT / "src").rglob("*.c")):
        for head in HEAD.findall(path.read_text()):
            level = head.split(",", 1)[0]
            if "LOG_LEVEL_ERROR" in level or "LOG_LEVEL_" not in level:
                found |= set(re.findall(r'"([a-z_]+)"', head))
    return found


def test_each_error_in_the_log_says_what_to_do():
    calm = {"payment_changed", "provider_answers_again", "reconciled", "health_restored"}    # the same call's good news
    events = error_events()
    assert len(events) > 20 and calm <= events
    assert sorted(event for event in events - calm if f"`{event}`" not in OPERATIONS) == []
