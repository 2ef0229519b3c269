"""Ctrl-C and the progress line: the best so far is printed and marked, no half-written file stays."""
import os
import pty
import select
import signal
import subprocess
import tempfile
import time

from harness import MAXENT, answer, check, clean, equal, main, parse, run, scratch


def spins(n):
    """n spins with all pairs: 2^n states and n (n + 1) / 2 facts, which take seconds from n = 20 on."""
    return (f"s[1..{n}] in {{-1, 1}}; E[s[i]] = i / 50 for i in 1..{n}; "
            f"E[s[i] * s[j]] = (i * j) / 2500 + 1 / (9 + i + j) for i in 1..{n}, j in 1..{n} if i < j")


def start(n, words, **named):
    return subprocess.Popen([MAXENT, "solve", "-e", spins(n), *words], env=clean({"TERM": "xterm"}), **named)


def interrupt_at_progress(n, folder):
    """Runs the program with standard error on a terminal, and sends SIGINT when the progress line has been seen. The exit status, the line
    as far as it was read, and standard output, which is a file so that the program never waits for this test."""
    master, slave = pty.openpty()
    with tempfile.TemporaryFile() as out:
        child = start(n, ["--json", "--threads", "1", "-o", os.path.join(folder, "p.csv")], stdout=out, stderr=slave)
        os.close(slave)
        seen, until = b"", time.time() + 60
        while time.time() < until and child.poll() is None and b"residual" not in seen:
            if select.select([master], [], [], 0.05)[0]:
                try:
                    seen += os.read(master, 4096)
                except OSError:  # the program has ended
                    break
        child.send_signal(signal.SIGINT)  # does nothing when the program has ended
        status = child.wait(timeout=60)
        os.close(master)
        out.seek(0)
        return status, seen.decode(), out.read().decode()


def test_interrupt():
    """The signal may come when the last iteration is over: on a fast machine, or when this script had to wait for its turn. Then the answer
    stands, or the report is cut off, as by any Ctrl-C; what is to be tested is seen with more spins."""
    for n in (20, 21, 22, 23):
        with scratch() as folder:
            status, seen, out = interrupt_at_progress(n, folder)
            there = os.listdir(folder)
            if there:
                with open(os.path.join(folder, "p.csv"), encoding="ascii") as file:
                    equal(sum(1 for _ in file), 2**n + 1, "the file is whole")
            check(there in ([], ["p.csv"]), there)
            if status == -signal.SIGINT or (status == 0 and parse(out)["verdict"] == "solved"):
                continue
            check("iteration" in seen and "\n" not in seen, f"the progress line: {seen!r}")
            a = parse(out)
            equal((status, a["verdict"]), (5, "unfinished"))
            check(a["certificate"]["residual"] > 0, "the residual of the best so far")
            equal(there, ["p.csv"])
            return
    check(False, "never interrupted, though 2^23 states were solved")


def test_quiet_and_pipes():
    """No progress line with --quiet, nor when standard error is no terminal."""
    master, slave = pty.openpty()
    child = start(20, ["--quiet", "--time-limit", "2", "--json"], stdout=subprocess.PIPE, stderr=slave)
    os.close(slave)
    child.communicate(timeout=100)
    try:
        said = os.read(master, 100)
    except OSError:  # the other end is closed and nothing was written
        said = b""
    os.close(master)
    equal(said, b"", "--quiet")
    child = start(20, ["--time-limit", "2", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    _, err = child.communicate(timeout=100)
    check(b"iteration" not in err and b"\r" not in err, err)


def test_limits_while_building():
    """A limit holds while facts are evaluated too: 2^22 states times 253 facts, which are kept, take ten seconds and more; 2^24 times 300,
    which are not, a minute in every pass. What is said has the keys of any answer."""
    keys = list(answer("-e", "x in {1, 2, 3}; E[x] = 1.75"))
    for text in (spins(22), spins(24), "x in 1..200000000; E[x] = 1e7; E[log(x)] = 15",
                 "s[1..26] in {0, 1}; prior exp(lgamma(1 + s[1])); E[s[1]] = 0.3"):
        begun = time.time()
        code, out, err = run("solve", "-e", text, "--time-limit", "0.3", "--json")
        took = time.time() - begun
        a = parse(out)
        equal((code, a["verdict"], list(a)), (5, "unfinished", keys), text)
        check(0.3 <= took < 10, f"{took:.1f} s of .3 for {text}")
        check("stopped" in a["message"] and "unfinished" in err and "best so far" not in err, f"{a['message']} {err}")
        check(a["entropy"] is None and a["states"] is None and a["certificate"]["residual"] is None, a)
    begun = time.time()
    for n in (22, 24):
        code, out, err = run("solve", "-e", spins(n), "--time-limit", "0.3")
        check(code == 5 and "unfinished" in err, f"{code} {err}")
        code, out, err = run("sample", "-e", spins(n), "--time-limit", "0.3")
        check(code == 5 and out == "" and "no draws: unfinished" in err, f"{code} {err}")
    check(time.time() - begun < 20, "text and draws")


def test_interrupt_while_building():
    """Ctrl-C when the progress line says that facts are evaluated."""
    master, slave = pty.openpty()
    with tempfile.TemporaryFile() as out:
        child = start(22, ["--json", "--threads", "1"], stdout=out, stderr=slave)
        os.close(slave)
        seen, until = b"", time.time() + 60
        while time.time() < until and child.poll() is None and b"evaluating" not in seen and b"residual" not in seen:
            if select.select([master], [], [], 0.05)[0]:
                seen += os.read(master, 4096)
        child.send_signal(signal.SIGINT)
        status = child.wait(timeout=20)
        os.close(master)
        if b"evaluating" not in seen and b"residual" in seen:  # built within a second
            return
        out.seek(0)
        a = parse(out.read().decode())
        check(b"evaluating the facts" in seen, seen)
        equal((status, a["verdict"], a["facts"]), (5, "unfinished", []))


main(globals())
