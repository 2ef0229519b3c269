"""Manual pages: mandoc finds nothing wrong, and each command's page describes exactly the options that --help lists."""
import os
import re
import subprocess
import sys

ROOT = os.environ["MAXENT_SOURCE"]
MAXENT = os.environ["MAXENT"]
FOLDER = os.path.join(ROOT, "man")
wrong = []


def output(*command):
    return subprocess.run(command, capture_output=True, text=True).stdout


def options(text):
    return set(re.findall(r"(?<![\w-])--[a-z][a-z0-9-]*", text))


pages = sorted(os.listdir(FOLDER))
for page in pages:
    wrong += output("mandoc", "-T", "lint", "-W", "warning", os.path.join(FOLDER, page)).splitlines()

overview = output(MAXENT, "--help").split("commands:")[1].split("\n\n")[0]
for command in re.findall(r"^  ([a-z]+) ", overview, re.M):
    if command == "help":
        continue
    page = f"maxent-{command}.1"
    if page not in pages:
        wrong.append(f"man/{page} is missing")
        continue
    text = re.sub(".\b", "", output("mandoc", "-T", "utf8", os.path.join(FOLDER, page)))
    described = options(text[text.index("OPTIONS") :] if "OPTIONS" in text else text)
    listed = options(output(MAXENT, command, "--help").split("options:")[1])
    wrong += [f"man/{page} does not describe {name}" for name in sorted(listed - described)]
    wrong += [f"man/{page} describes {name}, which --help does not list" for name in sorted(described - listed)]

print("\n".join(wrong) or f"{len(pages)} pages")
sys.exit(1 if wrong or not pages else 0)
