"""Who used the processors, and how much memory: from /proc, for whole families of processes."""
import os
import re
import resource
import time
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")
PROCESSORS = os.cpu_count()
DISTURBED = 0.05                # of the processors, used by strangers: the numbers are not ours alone


def name():
    """What the figures are true of: "2 cores of AMD EPYC 7B13, 8 GB"."""
    model = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.M)
    memory_kib = int(re.search(r"^MemTotal: +(\d+)", Path("/proc/meminfo").read_text(), re.M)[1])
    return f"{PROCESSORS} cores of {model[1] if model else 'a processor without a name'}, {memory_kib / 2**20:.0f} GiB"


def stat_fields(pid):
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()


def families(leaders):
    """{leader: every living descendant and itself}"""
    children = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            children.setdefault(int(stat_fields(entry.name)[1]), []).append(int(entry.name))
        except (OSError, IndexError):
            continue

    def all_of(pid):
        return [pid] + [each for child in children.get(pid, []) for each in all_of(child)]
    return {leader: all_of(leader) for leader in leaders}


def cpu_of(pid):
    """Seconds on a processor, to the nanosecond, of all threads, also of those that have ended; 0 without a process.

    The number of the process's clock: glibc's clock_getcpuclockid, include/linux/posix-timers.h (CPUCLOCK_SCHED).
    """
    try:
        return time.clock_gettime(~pid << 3 | 2)
    except OSError:
        return 0


def cpu_of_reaped(pid):
    """Seconds of its children that have ended, and of theirs."""
    try:
        fields = stat_fields(pid)
    except OSError:
        return 0
    return (int(fields[13]) + int(fields[14])) / TICK


def cpu_of_family(pids):
    """With those that have ended: their seconds are their parent's, which is asked after its children."""
    return sum(cpu_of(pid) + cpu_of_reaped(pid) for pid in reversed(pids))


def processors():
    """Seconds that all processors worked, and that the host took away."""
    fields = [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
    return (sum(fields[:3]) + sum(fields[5:8])) / TICK, fields[7] / TICK


def pss_kib(pid):
    """None where the kernel does not tell: a worker's memory is root's to read."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return None
    return int(re.search(r"^Pss: +(\d+) kB", text, re.M)[1])


def private_kib(pid):
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return None
    return sum(int(kib) for kib in re.findall(r"^Private_(?:Clean|Dirty): +(\d+) kB", text, re.M))


def mean(values):
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


class Slice:
    """CPU seconds by part while the block runs; parts is {name: [leader pid, ...]}."""

    def __init__(self, parts, ours=()):
        self.parts = parts
        self.ours = list(ours)          # of other instances: not strangers, but not in this slice

    def readings(self):
        leaders = [pid for pids in self.parts.values() for pid in pids] + self.ours
        living = families(leaders)
        parts = {name: sum(cpu_of_family(living[leader]) for leader in pids)
                 for name, pids in self.parts.items()}
        known = sum(parts.values()) + sum(cpu_of_family(living[leader]) for leader in self.ours)
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
            usage = resource.getrusage(who)
            known += usage.ru_utime + usage.ru_stime
        return parts, known, processors()

    def __enter__(self):
        self.before, self.began = self.readings(), time.monotonic()
        return self

    def __exit__(self, *_):
        parts, known, (busy, stolen) = self.readings()
        seconds = time.monotonic() - self.began
        self.cpu = {name: parts[name] - self.before[0][name] for name in parts}
        spent = PROCESSORS * seconds
        self.strangers = max(0, busy - self.before[2][0] - (known - self.before[1])) / spent
        self.steal = (stolen - self.before[2][1]) / spent


def verdict(slices):
    """One line about whether the figures can be trusted."""
    worst = max(each.strangers for each in slices)
    steal = max(each.steal for each in slices)
    load = Path("/proc/loadavg").read_text().split()[0]
    told = (f"others used up to {worst:.0%} of the {PROCESSORS} processors during a slice"
            f" (stolen by the host {steal:.0%}), load average {load}")
    return ("DISTURBED: " if worst > DISTURBED else "undisturbed: ") + told, worst > DISTURBED
