"""The sqitch project as a later release would have it: ours with further changes, only for tests."""
import pathlib
import shutil

ROOT = pathlib.Path(__file__).resolve().parents[2]


def with_changes(folder, reverts=None, **scripts):
    """scripts: NAME=DEPLOY_SCRIPT in order; reverts: {NAME: REVERT_SCRIPT} where one is needed."""
    sql = folder / "sql"
    shutil.copytree(ROOT / "sql", sql)
    for name, script in scripts.items():
        (sql / "deploy" / f"{name}.sql").write_text(script)
        (sql / "revert" / f"{name}.sql").write_text((reverts or {}).get(name, "SELECT 1;\n"))
        (sql / "verify" / f"{name}.sql").write_text("SELECT 1;\n")
        with open(sql / "sqitch.plan", "a") as plan:
            plan.write(f"{name} 2027-01-01T00:00:00Z payapi <maintainers@payapi.invalid> # Next.\n")
    return sql


def changes(sql=ROOT / "sql"):
    """The names of the changes, in the order of the plan."""
    lines = (sql / "sqitch.plan").read_text().splitlines()
    return [line.split()[0] for line in lines if line and line[0] not in "%#@"]


def released():
    """The changes that the last release has: {NAME: DIGEST}."""
    lines = (ROOT / "sql/released").read_text().splitlines()
    return dict(line.split() for line in lines if not line.startswith("#"))
