"""Layers: a stage includes only its own headers and those of the stages before it; cli/ and examples/ see only include/."""
import os
import re
import sys

ROOT = os.environ["MAXENT_SOURCE"]
ORDER = ["base", "data", "problem", "facts", "solve", "distribution", "report", "entropy", "model"]
MAY = {stage: set(ORDER[: i + 1]) for i, stage in enumerate(ORDER)}
MAY["entropy"] = {"base", "data", "entropy"}  # measures need no problem

# Folders of a stage: those that know nothing of others of their stage but these, and of what lies at its top.
INNER = {
    "solve/dual": {"solve/dual"},
    "solve/ends": {"solve/ends"},
    "solve/cells": {"solve/cells"},
    "solve/finite": {"solve/finite", "solve/dual"},
    "model/events": {"model/events"},
    "model/fit": {"model/fit", "model/events"},
    "model/file": {"model/file", "model/events"},
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)
wrong = []


def sources(folder):
    for where, folders, files in os.walk(os.path.join(ROOT, folder)):
        folders.sort()
        for name in sorted(files):
            if name.endswith((".c", ".h")):
                yield os.path.relpath(os.path.join(where, name), ROOT)


def includes(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        for kind, name in INCLUDE.findall(file.read()):
            yield kind, name


for path in sources("src"):
    stage = path.split("/")[1]
    if stage not in MAY:
        wrong.append(f"{path}: '{stage}' is not a stage")
        continue
    for kind, name in includes(path):
        first = name.split("/")[0]
        if kind == '"' and "/" not in name:
            wrong.append(f'{path}: "{name}" is written with its stage: "{stage}/{name}"')
        elif kind == '"' and first not in MAY[stage]:
            wrong.append(f'{path}: "{name}" comes after the stage {stage}')
        inner, other = path[4:].rpartition("/")[0], name.rpartition("/")[0]
        if kind == '"' and inner in INNER and other.startswith(stage + "/") and other not in INNER[inner]:
            wrong.append(f'{path}: "{name}" is not for {inner}')

for folder in ("cli", "examples"):
    for path in sources(folder):
        for kind, name in includes(path):
            own = os.path.exists(os.path.join(ROOT, os.path.dirname(path), name))
            if kind == '"' and not own:
                wrong.append(f'{path}: "{name}" is neither its own header nor a public one')

for path in sources("include"):
    for kind, name in includes(path):
        if kind == '"' or (name.startswith("maxent/") and not os.path.exists(os.path.join(ROOT, "include", name))):
            wrong.append(f"{path}: includes {name}")

print("\n".join(wrong) or "every include goes to an earlier stage")
sys.exit(1 if wrong else 0)
