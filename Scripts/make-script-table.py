#!/usr/bin/env python3
"""Writes Sources/ReelText/Pattern/UnicodeScripts+Table.swift from Unicode's Scripts.txt.

usage: Scripts/make-script-table.py /usr/share/unicode/Scripts.txt

The file is in the Debian package unicode-data. Take the version that utf8proc is of, so that
scripts and categories agree.
"""
import sys
import textwrap

TARGET = "Sources/ReelText/Pattern/UnicodeScripts+Table.swift"


def read(path):
    rows, version = [], ""
    for line in open(path, encoding="utf-8"):
        if line.startswith("# Scripts-"):
            version = line[len("# Scripts-"):].split(".txt")[0]
        content = line.split("#")[0].strip()
        if content:
            scalars, script = (part.strip() for part in content.split(";"))
            first, _, last = scalars.partition("..")
            rows.append((int(first, 16), int(last or first, 16), script))
    return sorted(rows), version


def main():
    rows, version = read(sys.argv[1])
    scripts = {}
    previous = None
    for first, last, script in rows:
        ranges = scripts.setdefault(script, [])
        if previous == script and ranges[-1][1] + 1 == first:
            ranges[-1] = (ranges[-1][0], last)
        else:
            ranges.append((first, last))
        previous = script
    lines = []
    for script in sorted(scripts):
        text = " ".join(
            f"{a:X}" if a == b else f"{a:X}-{b:X}" for a, b in scripts[script])
        wrapped = textwrap.wrap(f"{script} {text}", 94, break_on_hyphens=False)
        lines += ["    " + line + " \\" for line in wrapped[:-1]] + ["    " + wrapped[-1]]
    with open(TARGET, "w", encoding="utf-8") as file:
        file.write("extension UnicodeScripts {\n")
        file.write(f"  /// The scripts of Unicode {version} and their scalars. Written by\n")
        file.write("  /// `Scripts/make-script-table.py`.\n")
        file.write('  static let table = """\n')
        file.write("\n".join(lines) + "\n")
        file.write('    """\n}\n')


main()
