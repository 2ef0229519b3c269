"""The map: src/README.md names every file under src/ and cli/, and nothing that is not there."""
import os
import re
import sys

ROOT = os.environ["MAXENT_SOURCE"]


def there(folder):
    for where, _, files in os.walk(os.path.join(ROOT, folder)):
        for name in files:
            if name.endswith((".c", ".h")):
                yield os.path.relpath(os.path.join(where, name), ROOT)


with open(os.path.join(ROOT, "src", "README.md"), encoding="utf-8") as file:
    text = file.read()

# Lines of the map: "- `base/memory.c` ..." (of src/) or "- `cli/main.c` ...", several names apart by commas.
named = set()
for line in re.findall(r"^- (`.*)$", text, re.M):
    head = re.match(r"`[^`]+`(?:, `[^`]+`)*", line).group(0)
    for name in re.findall(r"`([^`]+)`", head):
        named.add(name if name.startswith("cli/") else "src/" + name)

files = set(there("src")) | set(there("cli"))
for name in sorted(files - named):
    print(f"{name} is not on the map, src/README.md")
for name in sorted(named - files):
    print(f"src/README.md names {name}, which is not there")
sys.exit(1 if files ^ named else 0)
