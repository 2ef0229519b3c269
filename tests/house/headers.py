"""Public headers: each compiles alone, first in its file, as C99, C11 and C++11, without a warning.

    headers.py C-COMPILER
"""
import os
import shutil
import subprocess
import sys
import tempfile

ROOT = os.environ["MAXENT_SOURCE"]
cc = sys.argv[1]
cxx = next((c for c in (os.environ.get("CXX"), "c++", "g++", "clang++") if c and shutil.which(c)), None)
if cxx is None:
    sys.exit("no C++ compiler")

folder = os.path.join(ROOT, "include")
headers = sorted(name for name in os.listdir(os.path.join(folder, "maxent")) if name.endswith(".h"))
wrong = 0
with tempfile.TemporaryDirectory() as scratch:
    for header in headers:
        for compiler, standard, ending in ((cc, "c99", "c"), (cc, "c11", "c"), (cxx, "c++11", "cpp")):
            source = os.path.join(scratch, "alone." + ending)
            with open(source, "w", encoding="utf-8") as file:
                file.write(f"#include <maxent/{header}>\n#include <maxent/{header}>\nint main(void);\nint main(void) {{ return 0; }}\n")
            command = [compiler, "-std=" + standard, "-pedantic", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-I", folder, source]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode != 0:
                wrong += 1
                print(f"{header} as {standard}:\n{done.stderr}")

# The umbrella names every other header, and only an installed path works: no header includes one of src/.
with open(os.path.join(folder, "maxent", "maxent.h"), encoding="utf-8") as file:
    umbrella = file.read()
for header in headers:
    if header != "maxent.h" and f"<maxent/{header}>" not in umbrella:
        wrong += 1
        print(f"maxent.h does not include {header}")

print(f"{len(headers)} headers, {wrong} problems")
sys.exit(1 if wrong or not headers else 0)
