#!/usr/bin/env python3
"""summary.py FOLDER : one table of what ran and one closing line, from the JUnit files and the list of stages in FOLDER.

SECURITY.md names the test that shows each of its claims as `PATH::NAME`; where both the Swift tests and the clients ran, a named test that did not run and pass is
a failure.
"""
import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree


PASSED: set[str] = set()


def bare(name: str) -> str:
    """A test's name without what its framework puts around it: backticks and parentheses, or parameters in brackets."""
    return re.sub(r"\(.*\)$|\[.*\]$", "", name, flags=re.S).strip("`")


def claimed() -> list[str]:
    """The tests that SECURITY.md rests on and that did not run and pass."""
    file = pathlib.Path("SECURITY.md")
    spans = re.findall(r"`([^`\n]+)::([^`\n]+)`", file.read_text()) if file.exists() else []
    return [f"{path}::{name}" for path, name in spans if bare(name) not in PASSED or not pathlib.Path(path).exists()]


def counted(files: list[pathlib.Path]) -> tuple[int, int, int]:
    """Passed, failed and skipped cases."""
    total = failed = skipped = 0
    for file in files:
        for case in ElementTree.parse(file).iter("testcase"):
            total += 1
            if case.find("failure") is not None or case.find("error") is not None:
                failed += 1
                print(f"failed: {case.get('classname')} {case.get('name')}")
            elif case.find("skipped") is not None:
                skipped += 1
                print(f"skipped: {case.get('classname')} {case.get('name')}: {case.find('skipped').get('message')}")
            else:
                PASSED.add(bare(case.get("name", "")))
    return total - failed - skipped, failed, skipped


def main(folder: pathlib.Path) -> int:
    print("== summary")
    passed = failed = skipped = 0
    for line in (folder / "stages").read_text().splitlines():
        name, status, seconds = line.split()
        # Swift Testing's report lies beside XCTest's, under a name of its own.
        good, bad, left = counted(sorted(folder.glob(f"{name}*.xml")))
        if good + bad == 0:
            good, bad = (1, 0) if status == "0" else (0, 1)
        elif status != "0" and bad == 0:
            bad = 1
            print(f"failed: {name} ended with status {status}")
        print(f"{name:10} {good:5} passed {bad:5} failed {seconds:>6} s")
        passed, failed, skipped = passed + good, failed + bad, skipped + left
    if (folder / "swift.xml").exists() and (folder / "clients.xml").exists():
        for test in claimed():
            print(f"failed: SECURITY.md rests on {test}, which did not run and pass")
            failed += 1
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
