#!/usr/bin/env python3
"""security_map.py FOLDER : every test that SECURITY.md names has run and passed, and every row of its table names one or says why it can't apply.

FOLDER holds the JUnit files of the run. In the table a test is written in backticks: `Suite/function` of a Swift test, `file/function` of a client test.
"""
import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree

HEADING = "## Attacks and their tests"
EXEMPT = "can't apply:"


def outcomes(folder: pathlib.Path) -> dict[str, str]:
    """By name what came of each test: nothing if it passed, else why it is not shown."""
    found: dict[str, str] = {}
    for file in folder.glob("*.xml"):
        for case in ElementTree.parse(file).iter("testcase"):
            skipped = case.find("skipped")
            outcome = "failed" if case.find("failure") is not None or case.find("error") is not None else ""
            if skipped is not None:
                outcome = f"skipped: {skipped.get('message') or skipped.text or 'no reason given'}"
            # Swift: "`a sentence`(argument:)" of "Target.Suite"; pytest: "test_name[parameter]" of "Tests.Clients.test_file".
            name = re.sub(r"\(.*\)$|\[.*\]$", "", case.get("name", ""), flags=re.S).strip("`")
            key = f"{case.get('classname', '').split('.')[-1]}/{name}"
            # Of a test with parameters every case counts.
            found[key] = found.get(key) or outcome
    return found


def needs_containers(test: str) -> bool:
    """Whether the test is one of the compose stack's, which have a run of their own."""
    file, _, function = test.partition("/")
    path = pathlib.Path(f"Tests/Compose/{file}.py")
    return path.exists() and re.search(rf"^def {re.escape(function)}\(", path.read_text(), flags=re.M) is not None


def main(folder: pathlib.Path) -> int:
    text = pathlib.Path("SECURITY.md").read_text()
    section = text.split(HEADING, 1)[1].split("\n## ", 1)[0]
    rows = [line for line in section.splitlines() if line.startswith("|")][2:]
    ran = outcomes(folder)
    complaints = []
    named = left = 0
    for row in rows:
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]]
        tests = re.findall(r"`([^`]+)`", cells[-1]) if EXEMPT not in cells[-1] else []
        named += len(tests)
        if not tests and EXEMPT not in cells[-1]:
            complaints.append(f"no test and no reason: {cells[0]}")
        for test in tests:
            outcome = ran.get(test) if test in ran else "skipped: make compose-test shows it" if needs_containers(test) else "did not run"
            if outcome.startswith("skipped: "):
                # A machine that can't show it says so; the test itself has told why.
                print(f"SECURITY.md: not shown here: {test}: {outcome.removeprefix('skipped: ')}")
                left += 1
            elif outcome:
                complaints.append(f"{outcome}: {test} ({cells[0]})")
    if not rows:
        complaints.append(f"no table under '{HEADING}'")
    for complaint in complaints:
        print(f"SECURITY.md: {complaint}")
    if not complaints:
        print(f"SECURITY.md: {len(rows)} rows, {named} tests, {named - left} of them ran and passed")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
