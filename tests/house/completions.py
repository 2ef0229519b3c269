"""Completions: bash, zsh and fish offer exactly the subcommands and options that --help lists."""
import os
import re
import subprocess
import sys

ROOT = os.environ["MAXENT_SOURCE"]
MAXENT = os.environ["MAXENT"]
wrong = []


def help_of(*words):
    return subprocess.run([MAXENT, *words, "--help"], check=True, capture_output=True, text=True).stdout


def read(name):
    with open(os.path.join(ROOT, "completions", name), encoding="utf-8") as file:
        return file.read()


bash, zsh, fish = read("maxent.bash"), read("_maxent"), read("maxent.fish")
commands = re.findall(r"^  ([a-z]+) ", help_of().split("commands:")[1].split("\n\n")[0], re.M)
commands.remove("help")

for command in commands:
    text = help_of(command).split("options:")[1]
    options = set(re.findall(r"^\s+(?:-\w, |-\w |)\s*(--[a-z][a-z0-9-]*)", text, re.M))
    if not options:
        wrong.append(f"{command} --help lists no options")
    offered = {
        "maxent.bash": set(re.findall(r"--[a-z][a-z0-9-]*", re.search(rf"^\s*{command}\) options='([^']*)'", bash, re.M)[1])),
        "_maxent": set(re.findall(r"--[a-z][a-z0-9-]*(?=[=\[}])", re.search(rf"^_maxent_{command}\(\) \{{(.*?)^\}}", zsh, re.M | re.S)[1])),
        "maxent.fish": {
            "--" + name
            for condition, name in re.findall(r"-n '__fish_seen_subcommand_from ([a-z ]+)'.* -l ([a-z0-9-]+)", fish)
            if command in condition.split()
        },
    }
    for name, set_ in offered.items():
        for option in sorted(options - set_):
            wrong.append(f"{name}: {command} lacks {option}")
        for option in sorted(set_ - options):
            wrong.append(f"{name}: {command} offers {option}, which --help does not list")

print("\n".join(wrong) or f"the same for {', '.join(commands)}")
sys.exit(1 if wrong or not commands else 0)
