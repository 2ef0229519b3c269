"""What docs/conventions.md says about the looks of a file, as far as a machine can tell."""
import os
import re
import sys

ROOT = os.environ["MAXENT_SOURCE"]
COLUMNS = 140  # 130 is what we aim at; a line that reads better whole may run over a little
wrong = []

# Files over 600 lines, each with its reason.
LONG = {}

for folder in ("include", "src", "cli", "tests", "bench", "examples"):
    for where, folders, files in os.walk(os.path.join(ROOT, folder)):
        folders[:] = sorted(f for f in folders if f != "corpus")
        for name in sorted(files):
            if not name.endswith((".c", ".h")):
                continue
            path = os.path.relpath(os.path.join(where, name), ROOT)
            with open(os.path.join(ROOT, path), encoding="utf-8") as file:
                text = file.read()
            lines = text.split("\n")
            if not text.startswith("/*"):
                wrong.append(f"{path}:1: no essay on top")
            if not text.endswith("\n") or text.endswith("\n\n"):
                wrong.append(f"{path}:{len(lines)}: does not end with one newline")
            if len(lines) > 600 and folder in ("src", "cli", "include") and path not in LONG:
                wrong.append(f"{path}: {len(lines)} lines; over 600 needs a reason")
            for number, line in enumerate(lines, 1):
                if len(line) > COLUMNS:
                    wrong.append(f"{path}:{number}: {len(line)} columns")
                if "\t" in line:
                    wrong.append(f"{path}:{number}: a tab")
                if line != line.rstrip():
                    wrong.append(f"{path}:{number}: space at the end")
                if re.search(r"\b(TODO|FIXME|XXX)\b", line):
                    wrong.append(f"{path}:{number}: {line.strip()}")

print("\n".join(wrong) or "nothing to say")
sys.exit(1 if wrong else 0)
