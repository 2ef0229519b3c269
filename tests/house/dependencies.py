"""scripts/dependencies.sh: silent when all is there; else says what and why, installs, or stops with the list.

The package managers are stand-ins on a private PATH that write down how they were called, so nothing is installed.
"""
import os
import shutil
import subprocess
import sys
import tempfile

SCRIPT = os.path.join(os.environ["MAXENT_SOURCE"], "scripts", "dependencies.sh")
TOOLS = ["sh", "mktemp", "rm", "awk", "cat", "env", "true"]
failures = 0


def check(condition, what, seen):
    global failures
    if not condition:
        failures += 1
        print(f"FAILED: {what}\n{seen}")


def run(groups, **programs):
    """Runs the script where only TOOLS and the given stand-ins exist; returns status, both outputs, the log of calls."""
    with tempfile.TemporaryDirectory() as folder:
        for tool in TOOLS:
            os.symlink(shutil.which(tool), os.path.join(folder, tool))
        log = os.path.join(folder, "log")
        for name, body in programs.items():
            path = os.path.join(folder, name.replace("_", "-"))
            with open(path, "w", encoding="utf-8") as file:
                file.write(f'#!/bin/sh\necho "{name.replace("_", "-")} $*" >> {log}\n{body}\n')
            os.chmod(path, 0o755)
        done = subprocess.run([SCRIPT, *groups], env={"PATH": folder}, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        calls = open(log, encoding="utf-8").read() if os.path.exists(log) else ""
        return done.returncode, done.stdout, done.stderr, calls


# Here, where the tests run, everything that building and testing needs is there: nothing is said and nobody is called.
done = subprocess.run([SCRIPT, "build", "test"], capture_output=True, text=True)
check(done.returncode == 0 and not done.stdout and not done.stderr, "silent when all is there", done)

ROOT, USER = "echo 0", "echo 1000"

status, out, err, calls = run(["build"])
check(status == 1 and "no package manager" in err and "zlib: reads .gz files" in err and "cmake" in err, "no manager", err)

status, out, err, calls = run(["build"], apt_get="exit 0", id=USER)
check(status == 1 and "rights of root" in err and "apt-get install" in err and "libzstd-dev" in err, "no rights", err)
check("apt-get" not in calls, "without rights apt-get is not called", calls)

status, out, err, calls = run(["build"], apt_get="exit 0", id=USER, sudo="[ $1 = -n ] && exit 1; exit 0")
check(status == 1 and "password" in err and "apt-get" not in calls, "sudo that asks, nobody there", err + calls)

status, out, err, calls = run(["build"], apt_get="exit 0", id=USER, sudo='[ "$1" = -n ] && shift; exec "$@"')
check(status == 0 and "apt-get" in calls and "sudo -n env" in calls, "sudo that does not ask", out + err + calls)

status, out, err, calls = run(["build"], apt_get="exit 0", id=ROOT)
check(status == 0, "root", out + err)
check(out.index("zlib: reads .gz files") < out.index("Installing"), "says what and why before it installs", out)
check("update" not in calls and "zlib1g-dev" in calls, "no update where the list is good", calls)

status, out, err, calls = run(["build"], apt_get='case "$*" in *--simulate*) exit 100 ;; esac', id=ROOT)
lines = [line for line in calls.splitlines() if line.startswith("apt-get")]
check(status == 0 and " update" in lines[1] and "install" in lines[2], "update where the list is not good", calls)

status, out, err, calls = run(["build"], apt_get="exit 100", id=ROOT)
check(status == 1 and "list of packages could not be fetched" in err and "zstd" in err, "no network", err)

for manager, package in (("dnf", "libzstd-devel"), ("pacman", "zstd"), ("apk", "zstd-dev"), ("zypper", "libzstd-devel"), ("brew", "zstd")):
    status, out, err, calls = run(["build", "test"], **{manager: "exit 0", "id": ROOT})
    check(status == 0 and package in calls and "cmocka" in calls, manager, out + err + calls)

status, out, err, calls = run(["nonsense"])
check(status == 2 and "usage" in err, "wrong usage", err)

print(f"{failures} failures")
sys.exit(1 if failures else 0)
