#!/usr/bin/env python3
"""summary.py FOLDER : one table of what ran and one closing line, from the JUnit files and the list of stages in FOLDER."""
import collections
import pathlib
import sys
import xml.etree.ElementTree as ElementTree


def counted(files: list[pathlib.Path]) -> tuple[int, int, int]:
    """Passed, failed and skipped cases; names those that failed, and says why others were skipped."""
    total = failed = 0
    skipped = collections.Counter()
    for file in files:
        try:
            cases = list(ElementTree.parse(file).iter("testcase"))
        except ElementTree.ParseError:
            continue  # the run ended before its report was written; its status says so
        for case in cases:
            total += 1
            if case.find("failure") is not None or case.find("error") is not None:
                failed += 1
                print(f"failed: {case.get('classname')} {case.get('name')}")
            elif (skip := case.find("skipped")) is not None:
                # pytest gives the reason as an attribute, Swift Testing as text.
                skipped[case.get("classname"), skip.get("message") or skip.text] += 1
    for (name, reason), count in skipped.items():
        print(f"skipped: {count} of {name}: {reason}")
    return total - failed - skipped.total(), failed, skipped.total()


def main(folder: pathlib.Path) -> int:
    print("== summary")
    passed = failed = skipped = 0
    for line in (folder / "stages").read_text().splitlines():
        name, status, seconds = line.split()
        good, bad, left = counted([folder / f"{name}.xml"] if (folder / f"{name}.xml").exists() else [])
        log = folder / f"{name}.log"
        said = log.read_text(errors="replace").splitlines() if log.exists() else []
        if good + bad == 0:
            # A stage that is one check: it says so itself where the machine can't show it.
            reasons = [line for line in said if line.startswith("SKIPPED ")]
            print("".join(f"{line}\n" for line in reasons), end="")
            good, bad, left = (0, 1, 0) if status != "0" else (0, 0, 1) if reasons else (1, 0, 0)
        elif status != "0" and bad == 0:
            bad = 1
            print(f"failed: {name} ended with status {status}")
        print(f"{name:10} {good:5} passed {bad:5} failed {seconds:>6} s")
        if bad:
            print("".join(f"    {line}\n" for line in said[-12:]), end="")
        passed, failed, skipped = passed + good, failed + bad, skipped + left
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
