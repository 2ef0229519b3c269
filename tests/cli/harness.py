"""What the tests of the command line share: running the program, and saying what is wrong."""
import json
import os
import re
import subprocess
import sys
import tempfile

MAXENT = os.environ["MAXENT"]
SOURCE = os.environ["MAXENT_SOURCE"]
FAST_FOOD = ["-e", "x in {1, 2, 3}", "-e", "E[x] = 1.75"]
problems = []


def clean(extra=None):
    """The environment of every run: no colours, no locale, unless asked for."""
    env = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "LANG", "TERM") and not k.startswith("LC_")}
    env["LC_ALL"] = "C"
    env.update(extra or {})
    return env


def run(*words, input=None, env=None, cwd=None, stdout=subprocess.PIPE, timeout=60):
    """Exit status, standard output and standard error, as text."""
    done = subprocess.run([MAXENT, *words], input=None if input is None else input.encode(), env=clean(env), cwd=cwd,
                          stdout=stdout, stderr=subprocess.PIPE, timeout=timeout)
    return done.returncode, (done.stdout or b"").decode(), done.stderr.decode()


def refuse(word):
    raise ValueError(word + " is not JSON")


def parse(text):
    """Strict JSON: no NaN, no Infinity, no key twice."""
    def unique(pairs):
        keys = [k for k, _ in pairs]
        if len(set(keys)) != len(keys):
            raise ValueError(f"a key twice in {keys}")
        return dict(pairs)
    return json.loads(text, parse_constant=refuse, object_pairs_hook=unique)


def answer(*words, status=0, **named):
    code, out, err = run("solve", *words, "--json", **named)
    check(code == status, f"solve {words}: exit status {code}, expected {status}; {err.strip()}")
    return parse(out) if out else {}


def check(condition, what):
    if not condition:
        frame = sys._getframe(1)
        while frame.f_back is not None and not frame.f_code.co_name.startswith("test_"):
            frame = frame.f_back
        problems.append(f"{frame.f_code.co_name}:{frame.f_lineno}: {what}")


def equal(got, expected, what=""):
    check(got == expected, f"{what}\n--- got\n{got}\n--- expected\n{expected}")


def close(got, expected, tolerance, what=""):
    ok = isinstance(got, (int, float)) and abs(got - expected) <= tolerance * max(1.0, abs(expected))
    check(ok, f"{what}: {got!r}, expected {expected!r} within {tolerance:g}")


def mask(text):
    """What differs from run to run: times, iterations, and how small a residual happens to be."""
    text = re.sub(r"\((\d+) iterations?,\s+[\d.]+\s(us|ms|s)\)", "(# iterations, # us)", text)
    text = re.sub(r"(met|more)(\s+)(to|than)(\s+)(\d\.?\d*e-\d+|0(?![.\d]))", r"\1\2\3\4#", text)
    return text


def flow(text):
    """Blanks and line ends as one blank each: for texts whose breaks depend on masked numbers."""
    return re.sub(r"\s+", " ", text).strip()


def scratch():
    return tempfile.TemporaryDirectory(prefix="maxent-")


def main(names):
    """Runs the functions test_... of the caller."""
    tests = [f for name, f in names.items() if name.startswith("test_") and callable(f)]
    for test in tests:
        try:
            test()
        except Exception as error:  # a test that stumbles is a test that fails
            problems.append(f"{test.__name__}: {type(error).__name__}: {error}")
    print("\n".join(problems) or f"{len(tests)} tests passed")
    sys.exit(1 if problems or not tests else 0)
