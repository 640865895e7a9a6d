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


def passed(folder: pathlib.Path) -> set[str]:
    names = set()
    for file in folder.glob("*.xml"):
        for case in ElementTree.parse(file).iter("testcase"):
            if any(case.find(outcome) is not None for outcome in ("failure", "error", "skipped")):
                continue
            # Swift: "`a sentence`(argument:)" of "Target.Suite"; pytest: "test_name[parameter]" of "Tests.Clients.test_file".
            name = re.sub(r"\(.*\)$|\[.*\]$", "", case.get("name", ""), flags=re.S).strip("`")
            names.add(f"{case.get('classname', '').split('.')[-1]}/{name}")
    return names


def main(folder: pathlib.Path) -> int:
    text = pathlib.Path("SECURITY.md").read_text()
    section = text.split(HEADING, 1)[1].split("\n## ", 1)[0]
    rows = [line for line in section.splitlines() if line.startswith("|")][2:]
    ran = passed(folder)
    complaints = []
    named = 0
    for row in rows:
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]]
        tests = re.findall(r"`([^`]+)`", cells[-1]) if EXEMPT not in cells[-1] else []
        named += len(tests)
        if not tests and EXEMPT not in cells[-1]:
            complaints.append(f"no test and no reason: {cells[0]}")
        complaints += [f"did not run and pass: {test} ({cells[0]})" for test in tests if test not in ran]
    if not rows:
        complaints.append(f"no table under '{HEADING}'")
    for complaint in complaints:
        print(f"SECURITY.md: {complaint}")
    if not complaints:
        print(f"SECURITY.md: {len(rows)} rows, {named} tests, all of them ran")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
