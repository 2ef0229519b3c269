"""Every command in README.md, docs/*.md and the manual pages is run.

In Markdown these are the lines that begin with "$ " in blocks fenced as ```console, in manual pages those between .EX and .EE. They
run in an empty folder in which `examples` is the project's and `maxent` is the program. Where lines follow a command, they are its
output: compared with numbers that differ from run to run masked and blanks run together; a line "..." stands for any lines.
Commands of make, and of the shell for installing, are not run, but a target of make must exist.
"""
import glob
import os
import re
import subprocess

from harness import MAXENT, SOURCE, check, clean, flow, main, mask, scratch

# what a reader must install or that would run this test again
NOT_RUN = ("make", "sudo ", "apt", "git ", "cc ", "cmake", "ctest", "gcc ")


def markdown(path):
    """(line, command, expected output) of every command."""
    with open(path, encoding="utf-8") as file:
        lines = file.read().split("\n")
    inside, commands = False, []
    for number, line in enumerate(lines, 1):
        if line.startswith("```"):
            inside = line.strip() == "```console"
        elif inside and line.startswith("$ "):
            commands.append([number, line[2:], []])
        elif inside and commands and commands[-1][1].endswith("\\"):
            commands[-1][1] = commands[-1][1][:-1] + line.strip()
        elif inside and commands:
            commands[-1][2].append(line)
    return [(n, c, "\n".join(o).strip("\n")) for n, c, o in commands]


def manual(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    found = []
    for block in re.findall(r"^\.EX\n(.*?)^\.EE", text, re.M | re.S):
        for line in block.split("\n"):
            if line.startswith("$ "):
                found.append((0, line[2:].replace("\\-", "-").replace("\\(aq", "'").replace("\\e", "\\"), ""))
    return found


def matches(output, expected):
    pieces = [re.escape(flow(mask(piece))) for piece in re.split(r"^\s*\.\.\.$", expected, flags=re.M)]
    return re.fullmatch(r"\s*" + r"(?:\s.*|)\s*".join(p for p in pieces) + r"\s*", flow(mask(output)), re.S) is not None


def test_commands():
    with open(os.path.join(SOURCE, "Makefile"), encoding="utf-8") as file:
        targets = set(re.findall(r"^([a-z]+):", file.read(), re.M))
    count = 0
    with scratch() as folder:
        os.symlink(os.path.join(SOURCE, "examples"), os.path.join(folder, "examples"))
        os.mkdir(os.path.join(folder, "bin"))
        os.symlink(os.path.abspath(MAXENT), os.path.join(folder, "bin", "maxent"))
        env = clean({"LC_ALL": "C.UTF-8", "PATH": os.path.join(folder, "bin") + ":" + os.environ["PATH"]})
        pages = [os.path.join(SOURCE, "README.md")] + sorted(glob.glob(os.path.join(SOURCE, "docs", "*.md")))
        found = [(p, *c) for p in pages for c in markdown(p)]
        found += [(p, *c) for p in sorted(glob.glob(os.path.join(SOURCE, "man", "*.[13]"))) for c in manual(p)]
        for path, number, command, expected in found:
            where = f"{os.path.relpath(path, SOURCE)}:{number}: {command}"
            if command.startswith("make"):
                for target in command.split("#")[0].split()[1:]:
                    check(target in targets or "=" in target, f"{where}: no such target")
            if command.startswith(NOT_RUN):
                continue
            count += 1
            done = subprocess.run(["bash", "-c", command], cwd=folder, env=env, stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
            output = done.stdout.decode() + done.stderr.decode()
            check(done.returncode == 0, f"{where}: exit status {done.returncode}\n{output}")
            if expected:
                check(matches(output, expected), f"{where}\n--- got\n{output}\n--- shown\n{expected}")
    check(count >= 10, f"only {count} commands found")


def test_the_program_in_the_readme():
    """It is examples/readme.c, which the build compiles and tests/examples runs."""
    with open(os.path.join(SOURCE, "README.md"), encoding="utf-8") as file:
        blocks = re.findall(r"^```c\n(.*?)^```", file.read(), re.M | re.S)
    with open(os.path.join(SOURCE, "examples", "readme.c"), encoding="utf-8") as file:
        program = file.read()
    check(len(blocks) == 1 and program.endswith(blocks[0]), "README.md and examples/readme.c differ")


main(globals())
