"""Ctrl-C and the progress line: the best so far is printed and marked, no half-written file stays."""
import os
import pty
import select
import signal
import subprocess
import time

from harness import MAXENT, check, clean, equal, main, parse, scratch

# 20 spins with all pairs: a million states and 210 facts take seconds
FACTS = "s[1..20] in {-1, 1}; E[s[i]] = i / 50 for i in 1..20; E[s[i] * s[j]] = (i * j) / 2500 + 1 / (9 + i + j) for i in 1..20, j in 1..20 if i < j"


def start(words, **named):
    return subprocess.Popen([MAXENT, "solve", "-e", FACTS, *words], env=clean({"TERM": "xterm"}), **named)


def progress_line(words=()):
    """Starts the program with standard error on a terminal and waits for the progress line."""
    master, slave = pty.openpty()
    child = start(["--json", "--threads", "1", *words], stdout=subprocess.PIPE, stderr=slave)
    os.close(slave)
    seen, until = b"", time.time() + 60
    while time.time() < until and child.poll() is None and b"residual" not in seen:
        if select.select([master], [], [], 0.05)[0]:
            try:
                seen += os.read(master, 4096)
            except OSError:  # the program has ended
                child.wait(timeout=60)
    return child, master, seen.decode()


def test_interrupt():
    with scratch() as folder:
        child, master, seen = progress_line(["-o", os.path.join(folder, "p.csv")])
        if child.poll() is not None:  # a machine so fast that it was done within a second
            child.communicate()
            return
        check("iteration" in seen and "\n" not in seen, f"the progress line: {seen!r}")
        child.send_signal(signal.SIGINT)
        out, _ = child.communicate(timeout=60)
        os.close(master)
        a = parse(out.decode())
        equal((child.returncode, a["verdict"]), (5, "unfinished"))
        check(a["certificate"]["residual"] > 0, "the residual of the best so far")
        equal(os.listdir(folder), ["p.csv"])
        with open(os.path.join(folder, "p.csv"), encoding="ascii") as file:
            equal(sum(1 for _ in file), 2**20 + 1, "the file is whole")


def test_quiet_and_pipes():
    """No progress line with --quiet, nor when standard error is no terminal."""
    master, slave = pty.openpty()
    child = start(["--quiet", "--time-limit", "2", "--json"], stdout=subprocess.PIPE, stderr=slave)
    os.close(slave)
    child.communicate(timeout=100)
    try:
        said = os.read(master, 100)
    except OSError:  # the other end is closed and nothing was written
        said = b""
    os.close(master)
    equal(said, b"", "--quiet")
    child = start(["--time-limit", "2", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    _, err = child.communicate(timeout=100)
    check(b"iteration" not in err and b"\r" not in err, err)


main(globals())
