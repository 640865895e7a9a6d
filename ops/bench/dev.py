#!/usr/bin/env python3
"""What `strongroom dev` costs: dev_ready_ms (a start with data, until it is ready), dev_idle_mb (resident, five seconds later, nobody asking), clean_build_s.

Best of three starts: a start is about waiting for nothing, and a busy machine only adds to it.
"""
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests/Clients"))
import cluster  # noqa: E402
from common.processes import resident_megabytes  # noqa: E402


def main() -> None:
    with cluster.Folder() as folder:
        cluster.start(folder).interrupt()
        starts, idle = [], 0.0
        for _ in range(3):
            running = cluster.start(folder)
            starts.append(running.ready_seconds)
            time.sleep(5)
            idle = resident_megabytes(running.process.pid)
            running.interrupt()
    print(f"bench dev_ready_ms {min(starts) * 1000:.0f} 500")
    print(f"bench dev_idle_mb {idle:.0f} 60")
    with tempfile.TemporaryDirectory() as scratch:
        started = time.monotonic()
        subprocess.run(
            ["ops/scripts/build", "strongroom", "--scratch-path", scratch], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        print(f"bench clean_build_s {time.monotonic() - started:.0f} 90")


if __name__ == "__main__":
    main()
