#!/usr/bin/env python3
"""Checks what the compiler can't: that imports follow the layers, and that unsafe code stays in the lowest one.

A target may import targets that stand above its own line in Package.swift; services never import each other; `unsafe` and its kin, the C modules
and Glibc are written in Sources/Systems only; Foundation nowhere in Sources.
"""
import pathlib
import re
import sys

LAYERS = ["Systems", "Foundations", "Platform", "Services", "strongroom"]
STANDARD = {"Swift", "Synchronization", "_Concurrency"}
IMPORT = re.compile(r"^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:public |package |internal |fileprivate |private )?import (?:struct |class |enum |protocol |func |let |var |typealias )?([A-Za-z_]\w*)")
UNSAFE = re.compile(r"\bunsafe\b|@unchecked\b|@safe\b|nonisolated\(unsafe\)")
FATAL = re.compile(r"\btry!|\bas!|\bfatalError\(")
LONGEST = 400


def without_comments_and_strings(text: str) -> str:
    """The same lines with comments and the text of string literals blanked."""
    def blank(match: re.Match) -> str:
        return re.sub(r"[^\n]", " ", match.group())
    return re.sub(r'//[^\n]*|/\*.*?\*/|"""(?:\\.|.)*?"""|"(?:\\.|[^"\\\n])*"', blank, text, flags=re.S)


def targets() -> dict[str, tuple[int, int]]:
    """Each target's layer and its place in Package.swift."""
    manifest = pathlib.Path("Package.swift").read_text()
    manifest = manifest.replace(".systemLibrary(name: ", "binding(")
    order = re.findall(r'^\s+(binding|system|foundation|platform|service)\(\s*"(\w+)"', manifest, flags=re.M)
    layer = {"binding": -1, "system": 0, "foundation": 1, "platform": 2, "service": 3}
    found = {name: (layer[kind], place) for place, (kind, name) in enumerate(order)}
    found["strongroom"] = (4, len(order))
    return found


def declared() -> dict[str, set[str]]:
    """What each target says that it depends on; the compiler lets what is reached through another pass."""
    manifest = pathlib.Path("Package.swift").read_text()
    every = set(re.findall(r'"(\w+)"', re.search(r"let everyService[^=]*=\s*\[(.*?)\]", manifest, flags=re.S).group(1)))
    found = {}
    for kind, name, rest in re.findall(r'^\s+(system|foundation|platform|service)\(\s*"(\w+)"([^)]*)\)', manifest, flags=re.M):
        found[name] = set(re.findall(r'"(\w+)"', rest)) | (every if kind == "service" else set())
    return found


def check(path: pathlib.Path, own: str, known: dict[str, tuple[int, int]], dependencies: set[str] | None) -> list[str]:
    layer, place = known[own]
    complaints = []
    text = path.read_text()
    lines = without_comments_and_strings(text).split("\n")
    if len(lines) - 1 > LONGEST:
        complaints.append(f"{path}:{LONGEST}: longer than {LONGEST} lines: two ideas in one file?")
    for number, line in enumerate(lines, start=1):
        where = f"{path}:{number}"
        if FATAL.search(line):
            complaints.append(f"{where}: ends the process where an error should be thrown")
        if layer > 0 and UNSAFE.search(line):
            complaints.append(f"{where}: unsafe code above the systems layer")
        match = IMPORT.match(line)
        if not match or match.group(1) in STANDARD:
            continue
        name = match.group(1)
        if dependencies is not None and name in known and name not in dependencies:
            complaints.append(f"{where}: {own} imports {name}, which Package.swift does not list for it")
        if name in known:
            other, other_place = known[name]
            if other == -1 and layer > 0:
                complaints.append(f"{where}: a C module is imported above the systems layer")
            elif layer == 3 and other == 3:
                complaints.append(f"{where}: a service imports another")
            elif other_place >= place:
                complaints.append(f"{where}: {own} imports {name}, which stands below it in Package.swift")
        elif layer > 0 or name != "Glibc":
            complaints.append(f"{where}: {name} may not be imported here")
    return complaints


def main() -> int:
    known = targets()
    dependencies = declared()
    complaints = []
    for path in sorted(pathlib.Path("Sources").rglob("*.swift")):
        parts = path.parts
        own = "strongroom" if parts[1] == "strongroom" else parts[2]
        if parts[1] not in LAYERS or own not in known:
            complaints.append(f"{path}: belongs to no target of Package.swift")
            continue
        complaints += check(path, own, known, dependencies.get(own))
    print("\n".join(complaints), end="\n" if complaints else "", file=sys.stderr)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
