#!/usr/bin/env python3
"""Draws problems whose answer is known and asks the library for it.

    property.py [ORACLE] [--count N] [--seed S] [--only KIND] [--allow SHARE] [--limit T] [--verdict V] [--from N] [--verbose]

A support, a prior, features and lambda are drawn (drawn.py); the facts are E[f] under q exp(-lambda f) / Z, worked out in 80-bit floating point
by rules and an expression reader that share nothing with the library (oracle.c), to 1e-15 at least, by its own check. Facts come as equalities, bounds
that bind, bounds that do not, values with a standard error, sums, conditional expectations, families, twice, in another unit (x scaled and
shifted by up to a million), in any order. The library must find the density again: verdict, entropy, p at every listed point inside the
support, the probabilities, means and standard deviations of several variables. One problem in five must get another verdict, which a theorem gives:
infeasible, unattained (with its supremum), unbounded, singular, boundary.

Outcomes: ok; loose (right, off by more than the tolerance and less than 1e-6); SILENT (exit 0 and wrong); WRONG (exit 3 or 4 with another
verdict than the true one); outside (a point of the density that is not in the support); late (the time limit was not kept); crash; open (unfinished, or
refused, where there is an answer). Exit status 1 when there is anything but ok and open, or more open than the share --allow. What is not ok
is printed as a one-line command.
"""
import argparse, json, math, os, random, re, select, subprocess, sys, time
from fractions import Fraction
import drawn
from drawn import INF, ONE_REAL, in_unit

STATUS = {"solved": 0, "boundary": 0, "infeasible": 3, "singular": 4, "unattained": 4, "unbounded": 4, "unfinished": 5}


# ---- the oracle
class Oracle:
    def __init__(self, path):
        self.path, self.process = path, None

    def start(self):
        if self.process is None or self.process.poll() is not None:
            self.process = subprocess.Popen([self.path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def worked(self):
        """Processor seconds of the process so far; infinite where the system does not tell."""
        try:
            with open("/proc/%d/stat" % self.process.pid) as f:
                fields = f.read().rsplit(")", 1)[1].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        except OSError:
            return INF

    def read(self, n=None, seconds=60.0):
        """A line, or n bytes; None when nothing comes in time or the process is gone. On a busy machine it may wait longer than it works."""
        out, before, begun = b"", self.worked(), time.monotonic()
        fd = self.process.stdout.fileno()
        while not (out.endswith(b"\n") if n is None else len(out) >= n):
            if not select.select([fd], [], [], seconds)[0]:
                if self.worked() - before < seconds / 4 and time.monotonic() - begun < 10 * seconds:
                    continue
                return None
            piece = os.read(fd, 1 if n is None else n - len(out))
            if not piece:
                return None
            out += piece
        return out

    def stop(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        self.process = None

    def say(self, text):
        self.process.stdin.write(text)
        self.process.stdin.flush()

    def facts(self, d):
        """Fills d.mean, d.exact, d.cov, d.log_z, d.entropy; False when the rules do not agree well enough."""
        self.start()
        extra = getattr(d, "extra", []) + d.watched
        lines = ["new"] + d.variable + (["logprior " + d.log_prior] if d.log_prior else []) + ["f %r %s" % (l, f) for l, f in zip(d.lam, d.features)] + ["f 0 " + f for f in extra]
        self.say(("\n".join(lines) + "\nfacts\n").encode())
        line = self.read()
        if line is None:
            self.stop()
            raise RuntimeError("the oracle has no answer to " + "; ".join(lines))
        a = json.loads(line)
        if "wrong" in a or not float(a["error"]) < 1e-15 or "nan" in line.decode() or "inf" in line.decode():
            return False
        k = len(d.lam)
        d.exact = a["mean"]
        d.mean, d.cov, d.log_z = [float(m) for m in a["mean"]], [[float(v) for v in row] for row in a["cov"]], float(a["log_z"])
        d.entropy = float(Fraction(a["log_z"]) + sum(Fraction(repr(l)) * Fraction(m) for l, m in zip(d.lam, a["mean"])) - Fraction(a["log_prior"]))
        d.extra_mean, d.extra_sd = d.mean[k:], [math.sqrt(max(0.0, d.cov[i][i])) for i in range(k, len(d.mean))]
        d.mean, d.exact, d.cov = d.mean[:k], d.exact[:k], [row[:k] for row in d.cov[:k]]
        d.rounding = 2e-16 * (1 + sum(abs(l * m) + abs(l) * math.sqrt(d.cov[i][i]) for i, (l, m) in enumerate(zip(d.lam, d.mean))))
        return True

    def solve(self, text, limit, patience):
        """(status, answer, words, processor seconds); status None when there is no answer in time, -1 after a crash."""
        self.start()
        data = text.encode()
        self.say(b"solve %d %g\n" % (len(data), limit) + data)
        line = self.read(seconds=patience)
        if line is None:
            dead = self.process.poll()
            self.stop()
            return (None if dead is None else -1), None, "no answer in %g s" % patience if dead is None else "the process ended with %s" % dead, patience
        error, length, seconds = line.split()
        body = self.read(int(length))
        if int(error):
            return 2, {}, body.decode(errors="replace"), float(seconds)
        answer = json.loads(body, parse_constant=lambda w: None)
        return STATUS.get(answer.get("verdict"), 99), answer, answer.get("message") or "", float(seconds)


# ---- judging
NAMES = {n: getattr(math, n) for n in ("log", "exp", "sqrt", "sin", "cos", "tanh", "atan", "cosh", "floor", "lgamma", "erf")}


def T(k, x):
    return math.cos(k * math.acos(max(-1.0, min(1.0, x))))


def L(k, x):
    u, v = 1.0, x
    for j in range(1, k):
        u, v = v, ((2 * j + 1) * x * v - j * u) / (j + 1)
    return v


NAMES.update(T=T, L=L, abs=abs, max=max, min=min, sign=lambda x: (x > 0) - (x < 0), pi=math.pi, __builtins__={"float": float})


def function(text):
    code = re.sub(r"(?<![<>!=])=(?!=)", "==", text.replace("^", "**"))
    return eval("lambda u: float(%s)" % code, NAMES)


def least_pivot(cov):
    """Of the correlation matrix: how nearly one feature is a combination of the others."""
    k, least = len(cov), 1.0
    if any(not cov[i][i] > 0 for i in range(k)):
        return 0.0
    a = [[cov[i][j] / math.sqrt(cov[i][i]) / math.sqrt(cov[j][j]) for j in range(k)] for i in range(k)]
    for i in range(k):
        least = min(least, a[i][i])
        if a[i][i] <= 1e-15:
            return 0.0
        for r in range(i + 1, k):
            m = a[r][i] / a[i][i]
            for j in range(i, k):
                a[r][j] -= m * a[i][j]
    return least


def density_off(d, answer, least):
    """Largest difference of the listed density from the known one, over the tolerance, and words; or 'outside'."""
    if answer.get("density") and answer["density"].get("x"):
        xs, ps = answer["density"]["x"], answer["density"]["p"]
    elif answer.get("states") and set(answer["states"][0]) == {"u", "p"}:
        xs, ps = [s["u"] for s in answer["states"]], [s["p"] for s in answer["states"]]
    else:
        return 0.0, ""
    low, high = getattr(d, "face", (getattr(d, "prior_low", d.low), getattr(d, "prior_high", d.high)))
    fs = [function(f) for f in d.features]
    prior = function(d.log_prior) if d.log_prior else lambda u: 0.0
    top = max([p for p in ps if p is not None] or [1]) or 1.0
    worst, words, coarse = 0.0, "", 1e-13 * (1 + abs(d.shift / d.scale))
    for x, p in zip(xs, ps):
        if x is None or p is None:
            continue
        if d.kind in ONE_REAL and not d.ends[0] <= x <= d.ends[1]:
            return INF, "outside: p(%r) = %r" % (x, p)
        u = (x - d.shift) / d.scale
        if not low <= u <= high:
            if p > 0 and (u < low - 1e-9 or u > high + 1e-9):
                return INF, "p(%r) = %r, expected 0" % (x, p)
            continue
        if any(abs(u - c) < 1e-9 * (1 + abs(c)) + 10 * coarse for c in d.cuts + [low, high] if abs(c) < INF) and d.kind in ONE_REAL:
            continue
        try:
            terms = [-l * g(u) for l, g in zip(d.lam, fs)] + [prior(u), -d.log_z]
            true = math.exp(min(700.0, math.fsum(terms))) / d.scale
        except (OverflowError, ValueError, ZeroDivisionError):
            continue
        near = min([abs(u - c) for c in (low, high) if abs(c) < INF] or [1.0])  # x itself is a rounded number
        allowed = max(top, true) * (1e-8 + (1e-13 + 4 * d.blur) / least) + true * 1e-15 * sum(map(abs, terms)) + true * coarse / max(near, coarse) + p * 1e3 * coarse
        if abs(p - true) / allowed > worst:
            worst, words = abs(p - true) / allowed, "p(%r) = %r, expected %r" % (x, p, true)
    return worst, words


def several_off(d, answer):
    """Class probabilities; means and standard deviations of two variables."""
    if d.kind in ("class", "classcount"):
        for s, p in zip(answer.get("states") or [], d.extra_mean):
            if not abs(s["p"] - p) < 1e-8:
                return "p(c = %r) = %r, expected %r" % (s["c"], s["p"], p)
    if d.kind in ("box", "plane", "strip"):
        for m, (a, b) in zip(answer.get("moments") or [], ((d.extra_mean[0], d.extra_mean[1]), (d.extra_mean[2], d.extra_mean[3]))):
            if not abs(m["mean"] - a) < 1e-8 * math.sqrt(b) or not abs(m["sd"] - math.sqrt(b - a * a)) < 1e-7 * math.sqrt(b):
                return "mean %r, sd %r of %s, expected %r, %r" % (m["mean"], m["sd"], m["variable"], a, math.sqrt(b - a * a))
    return ""


def judge(d, status, answer, words, want, bound=None):
    if status is None:
        return "late", words
    if status == -1 or status == 99:
        return "crash", words
    if status == 2:
        return "open", "refused: " + words.split("\n")[0]
    got = answer.get("verdict")
    if got != want:
        return ("SILENT" if status == 0 else "open" if status == 5 else "WRONG"), "%s, expected %s: %s" % (got, want, words[:160])
    if want == "unattained" and bound is not None:
        said = (answer.get("certificate") or {}).get("bound")
        if said is None or abs(said - bound) > 1e-8 * max(1.0, abs(bound)):
            return ("loose" if said is None else "WRONG"), "supremum %r, expected %r" % (said, bound)
    if want not in ("solved", "boundary") or d is None:
        return "ok", ""
    true = d.entropy + math.log(d.scale)
    h = answer.get("entropy")
    off = abs(h - true) if h is not None else INF
    units = 1e-15 * abs(d.shift / d.scale) * sum(abs(l) * (1 + abs(m)) for l, m in zip(d.lam, d.mean))  # x has no more digits
    allowed = 1e-9 * max(1.0, abs(true)) + 40 * d.rounding + units
    if not off <= allowed:
        return ("SILENT" if not off <= 1e-6 + 100 * (allowed - 1e-9) else "loose"), "entropy %r, expected %r" % (h, true)
    residual = (answer.get("certificate") or {}).get("residual")
    if residual is None or not residual <= 1e-10:
        return "SILENT", "residual %r" % residual
    for f in answer.get("facts", []):
        if f.get("achieved") is None:
            return "SILENT", "nothing achieved for %s" % f.get("text")
    least = least_pivot(d.cov)
    if d.names == ["u"] and least > 1e-9:
        worst, detail = density_off(d, answer, least)
        if worst > 1:
            return ("outside" if detail.startswith("outside") else "SILENT" if worst > 100 else "loose"), detail
    detail = several_off(d, answer) if least > 1e-9 else ""
    return ("SILENT", detail) if detail else ("ok", "")


def at_an_extreme(d):
    """Has a feature's mean been rounded to its least or largest value? Then the facts, as they are written, leave the rest no mass."""
    if d.names != ["u"]:
        return False
    low, high = max(d.low, -1e4), min(d.high, 1e4)
    places = [low + (high - low) * j / 256 for j in range(257)] + [c for c in d.cuts if low <= c <= high]
    for f, mean in zip(d.features, d.mean):
        try:
            values = [function(f)(u) for u in places]
        except (OverflowError, ValueError, ZeroDivisionError):
            continue
        if any(abs(mean - v) <= 2e-16 * abs(v) for v in (min(values), max(values))):
            return True
    return False


# ---- one problem
def make(oracle, seed, number, only, verdict):
    """(d, lines, wanted verdict, supremum), or None when this number gives no problem."""
    r = random.Random("%d %d" % (seed, number))
    want = verdict or r.choices(["solved", "infeasible", "unattained", "unbounded", "singular", "boundary"], [80, 8, 3, 3, 3, 3])[0]
    if want == "singular":
        return None, drawn.point(r), want, None
    fact, d = [], None
    if want == "boundary":
        d, fact = drawn.face(r) or (None, None)
    elif want == "unbounded":
        d = drawn.spread(r)
    else:
        d = drawn.draw(r, only)
    if d is None:
        return None
    if want == "unattained":
        d.extra = [drawn.heavier(r, d)]
        if d.extra == [None]:
            return None
    if not oracle.facts(d):
        return None
    if want != "unbounded" and (least_pivot(d.cov) < 1e-12 or not abs(d.entropy) < 50 or min(d.cov[i][i] for i in range(len(d.cov))) < 1e-20):
        return None  # features that say the same, or nothing
    if any(re.match(r"\([^()*]*[<>=][^()*]*\)|sign|floor", f) and d.cov[i][i] < 1e-6 for i, f in enumerate(d.features)):
        return None  # events that hardly happen: their probability is known to few digits
    if want != "boundary" and at_an_extreme(d):
        return None
    bound = None
    if want == "unbounded":
        d.features, d.lam, d.mean, d.exact, d.cov = ([v for i, v in enumerate(a) if i not in d.omitted] for a in (d.features, d.lam, d.mean, d.exact, d.cov))
        d.cov = [[v for i, v in enumerate(row) if i not in d.omitted] for row in d.cov]
        if least_pivot(d.cov) < 1e-6 and d.features:
            return None
    lines = drawn.statements(r, d) + fact
    if want == "infeasible":
        lines = [l for l in lines if r.random() < 0.5 and "=" in l] + drawn.spoil(r, d)
    if want == "unattained":
        value = d.extra_mean[0] + d.extra_sd[0] * r.choice([0.01, 0.1, 1.0, 5.0])
        lines.append("E[%s] %s %r" % (in_unit(d.extra[0], d), r.choice(["=", "=", ">="]), value))
        soft = any("+-" in l for l in lines)
        bound = d.entropy + math.log(d.scale) if not soft and not d.prior else None
    lines = [d.support] + (["prior " + in_unit(d.prior, d)] if d.prior else []) + lines
    return d, lines, want, bound


def main():
    a = argparse.ArgumentParser()
    a.add_argument("oracle", nargs="?", default=os.environ.get("MAXENT_ORACLE", "oracle")); a.add_argument("--count", type=int, default=1000)
    a.add_argument("--seed", type=int, default=1); a.add_argument("--only"); a.add_argument("--verdict"); a.add_argument("--allow", type=float, default=0.0)
    a.add_argument("--limit", type=float, default=5); a.add_argument("--from", type=int, default=1, dest="first"); a.add_argument("--verbose", action="store_true")
    o = a.parse_args()
    oracle = Oracle(o.oracle)
    count, kinds, done, number, worst = {}, {}, 0, o.first - 1, (0.0, 0)
    while done < o.count:
        number += 1
        made = make(oracle, o.seed, number, o.only, o.verdict)
        if made is None:
            continue
        d, lines, want, bound = made
        done += 1
        status, answer, words, seconds = oracle.solve("\n".join(lines) + "\n", o.limit, 2 * o.limit + 20)
        outcome, detail = judge(d, status, answer, words, want, bound)
        if o.limit and seconds > 1.3 * o.limit + 0.3 and outcome in ("ok", "open"):
            outcome, detail = "late", "%.1f s with a limit of %g s" % (seconds, o.limit)
        worst = max(worst, (seconds, number))
        count[outcome] = count.get(outcome, 0) + 1
        kind = d.kind if d else want
        kinds.setdefault(kind, [0, 0])[0] += 1
        kinds[kind][1] += outcome != "ok"
        if outcome != "ok" or o.verbose:
            print("%-7s #%d %s, %s, %.2f s: maxent solve -e '%s'\n        %s" % (outcome, number, kind, want, seconds, "; ".join(lines), detail), flush=True)
    print("%d problems of %d drawn: %s" % (done, number - o.first + 1, ", ".join("%d %s" % (v, k) for k, v in sorted(count.items()))))
    print("not ok: " + ", ".join("%s %d of %d" % (k, bad, n) for k, (n, bad) in sorted(kinds.items()) if bad) + "; slowest %.1f s (#%d)" % worst)
    bad = done - count.get("ok", 0) - count.get("open", 0)
    if 0 < count.get("open", 0) <= o.allow * done:
        print("%d without the answer, said so: allowed up to %g" % (count["open"], o.allow * done))
    failed = bad + (count.get("open", 0) if count.get("open", 0) > o.allow * done else 0)
    oracle.stop()
    print("%d passed, %d failed" % (done - failed, failed))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
