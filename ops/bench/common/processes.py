"""What the benches ask of processes: a core to run on, and what one has taken."""
import pathlib
import re
import subprocess


def on_core(core: str) -> tuple[str, ...]:
    """What to write before a command, so that it and all its threads stay on one core."""
    return ("taskset", "-c", core)


def processor_seconds(pid: int) -> float:
    """Processor time of all its threads, to the nanosecond."""
    return sum(int((task / "schedstat").read_text().split()[0]) for task in pathlib.Path(f"/proc/{pid}/task").iterdir()) / 1e9


def kernel_share(pid: int) -> tuple[int, int]:
    """Clock ticks it has taken in its own code and in the kernel."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]), int(fields[12])


def peak_megabytes(pid: int) -> float:
    return megabytes(pid, "VmHWM")


def resident_megabytes(pid: int) -> float:
    return megabytes(pid, "VmRSS")


def megabytes(pid: int, field: str) -> float:
    return int(re.search(rf"{field}:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text()).group(1)) / 1024


def stop(process: subprocess.Popen) -> None:
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
