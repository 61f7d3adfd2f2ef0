"""A few of ./dev incidents, on the shared instance: health and log report them, and they heal by themselves."""
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "incidents"))

from incidents import INCIDENTS, play, told  # noqa: E402

PLAYED = ["database frozen", "standby gone", "wrong webhook secret", "clock off", "log disk full"]
PATIENCE_S = 120                # for a busy machine; ./dev incidents checks the time


@pytest.mark.parametrize("incident", [each for each in INCIDENTS if each.name in PLAYED], ids=lambda each: each.name)
def test_an_incident_is_said_and_heals(payapi, incident):
    outcome = play(payapi, incident, within_s=PATIENCE_S, healed_within_s=PATIENCE_S)
    assert not outcome.faults, "; ".join(outcome.faults) + "\n" + told(outcome)
