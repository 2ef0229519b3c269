"""Symbols: what the libraries export, and what they must not ask the system for.

    symbols.py libmaxent.so libmaxent.a
"""
import re
import subprocess
import sys

shared, static = sys.argv[1:]
wrong = []

# Put in by compilers that instrument; not ours.
FOREIGN = re.compile(r"__(asan|ubsan|odr_asan|sancov|llvm|gcov|covrec|prof|start|stop|profc|profd)|.*\.(gcov|prof)|gcov")


def nm(*arguments):
    text = subprocess.run(["nm", *arguments], check=True, capture_output=True, text=True).stdout
    for line in text.splitlines():
        fields = line.split()
        if len(fields) >= 2 and len(fields[-2]) == 1:
            yield fields[-2], fields[-1].split("@")[0]


exported = {name for kind, name in nm("-D", "--defined-only", shared) if not FOREIGN.match(name)}
for name in sorted(exported):
    if not name.startswith("maxent_"):
        wrong.append(f"libmaxent.so exports {name}")

archive = {name for kind, name in nm("-g", "--defined-only", static) if kind.isupper() and not FOREIGN.match(name)}
for name in sorted(archive):
    if not name.startswith(("maxent_", "mx_")):
        wrong.append(f"libmaxent.a defines {name}; names shared between files begin with mx_")
for name in sorted(name for name in archive if name.startswith("maxent_") and name not in exported):
    wrong.append(f"{name} is defined but not exported: MAXENT_API is missing")

# The library never prints, exits, aborts, or reads the environment, and keeps no hidden state.
FORBIDDEN = """printf vprintf puts putchar perror stderr exit _Exit abort getenv secure_getenv setlocale srand rand random drand48
    system strtok asctime localtime gmtime signal atexit alloca""".split()
for kind, name in nm("-u", static):
    if name in FORBIDDEN:
        wrong.append(f"libmaxent.a calls {name}")

# No global mutable state: nothing of ours in .data, .bss or thread-local storage.
ALLOWED = set()
table = subprocess.run(["objdump", "-t", static], check=True, capture_output=True, text=True).stdout
for line in table.splitlines():
    match = re.match(r"[0-9a-f]+ (.{7}) (\.data|\.bss|\.tdata|\.tbss|\*COM\*)(\.\S+)?\t[0-9a-f]+\s+(?:\.hidden )?(\S+)$", line)
    if match and "O" in match[1] and not (match[3] or "").startswith(".rel.ro"):
        name = match[4]
        if not FOREIGN.match(name) and name.split(".")[0] not in ALLOWED:
            wrong.append(f"libmaxent.a keeps global mutable state: {name} in {match[2]}")

print("\n".join(wrong) or f"{len(exported)} functions exported, all maxent_*")
sys.exit(1 if wrong or not exported else 0)
