"""The order inside the layers: which folder may include which, no circles, one name for one file.

The linker enforces the layers (ARCHITECTURE.md). Within a layer everything links, so these tests read
the includes. Present exceptions are listed with their reasons; a list that is longer than needed fails
too, so that what was mended stays mended.
"""
import collections

from tree import ROOT, call_circles, include_circles, includes, name, tracked

# From the top down: a wing may include those below it, never those beside or above it. The files at
# the root of the layer and the store's interfaces are at the bottom: every wing may include them.
APPLICATION = [("commands", "queries"), ("reconcile",), ("inbox",), ("recovery",), ("settling",), ("audit",),
               ("store", "")]
SANDBOX = [("",), ("control",), ("stripe", "paystack"), ("webhooks",), ("faults",), ("http",), ("kit",)]

GROUND_INCLUDES_AUDIT = {           # the audit's plain values, part of an interface
    ("include/application/provider.h", "include/application/audit/authorship.h"),
    ("include/application/queries.h", "include/application/audit/audit_report.h"),
    ("include/application/store/store_api_keys.h", "include/application/audit/digest.h"),
    ("include/application/store/store_checkpoints.h", "include/application/audit/audit_checkpoint.h"),
}
SANDBOX_INCLUDES_UPWARDS = {
    # The control API makes play.c do what is due after it has moved the clock.
    ("src/sandbox/control/world_control.c", "src/sandbox/play.h"),
}


def wing(path, layer):
    """Folder of a file below the layer's own; None outside the layer."""
    parts = path.relative_to(ROOT).parts
    if parts[1] != layer:
        return None
    return parts[2] if len(parts) > 3 else ""


def upward_includes(layer, order):
    rank = {each: place for place, wings in enumerate(reversed(order)) for each in wings}
    wrong = set()
    for path in tracked((f"src/{layer}", f"include/{layer}"), (".c", ".h", ".def")):
        own = wing(path, layer)
        assert own in rank, f"{name(path)}: say in {__name__} where {own}/ stands"
        for target in includes(path):
            its = wing(target, layer)
            if its not in (None, own) and rank[its] >= rank[own] and (its, own) not in [("", "store"), ("store", "")]:
                wrong.add((name(path), name(target)))
    return wrong


def test_wings_of_the_application_include_only_downwards():
    assert upward_includes("application", APPLICATION) == GROUND_INCLUDES_AUDIT


def test_wings_of_the_sandbox_include_only_downwards():
    assert upward_includes("sandbox", SANDBOX) == SANDBOX_INCLUDES_UPWARDS


# --- Circles ----------------------------------------------------------------------------------------

def test_no_file_includes_itself_indirectly():
    assert include_circles() == []


def test_no_modules_use_each_other():
    assert call_circles() == []


# --- Names ------------------------------------------------------------------------------------------

def same_names():
    """{basename: folders} of the sources that exist more than once."""
    places = collections.defaultdict(list)
    for path in tracked(("src", "include"), (".c", ".h", ".def")):
        places[path.name].append(str(path.parent.relative_to(ROOT)))
    return {each: sorted(folders) for each, folders in places.items() if len(folders) > 1}


def is_meant(folders):
    """True for the two ends of one protocol, and for a program beside the part that it starts."""
    ends = [{f"src/infrastructure/providers/{each}", f"src/sandbox/{each}"} for each in ("stripe", "paystack")]
    return set(folders) in ends or len(folders) == 2 and "src/bin" in folders


def test_no_two_files_have_one_name():
    assert [each for each, folders in same_names().items() if not is_meant(folders)] == []
