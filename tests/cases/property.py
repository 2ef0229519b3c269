#!/usr/bin/env python3
"""Draws problems whose answer is known and asks `maxent solve --json` for it.

    property.py [MAXENT] [--count N] [--seed S] [--only KIND] [--allow SHARE] [--timeout T] [--verbose]

A support, a prior, features and lambda are drawn; the facts are E[f] under q exp(-lambda f) / Z, computed here by double-exponential rules on
pieces cut at the features' kinks and jumps [1] (or by sums), with compensated sums. Facts come as equalities, bounds that bind, bounds that do not,
values with a standard error, twice, in another unit (x scaled and shifted by up to a million), or in another order. The program must find the
density again: verdict, entropy, p at every listed point. One problem in ten is made infeasible by a fact that contradicts Jensen's inequality
or the range of a feature.

Outcomes as in run_continuous.py. Exit status 1 when one is SILENT (exit 0 and wrong) or a crash, or when more than the share --allow are not ok.
Every problem that is not ok is printed as a one-line command.

[1] H. Takahasi, M. Mori, Double exponential formulas for numerical integration, Publ. RIMS 9 (1974) 721-741.
"""
import argparse, json, math, os, random, re, subprocess, sys

INF = math.inf
EXIT = {"solved": 0, "boundary": 0, "infeasible": 3, "singular": 4, "unattained": 4, "unbounded": 4, "unfinished": 5}


# ---- rules
def finite_rule(a, b, h=1 / 12):
    out = []
    n = int(3.2 / h)
    for j in range(-n, n + 1):
        t = j * h
        u = math.pi / 2 * math.sinh(t)
        v = 1 / (1 + math.exp(-2 * u)) if u > -300 else 0.0
        w = (b - a) / 2 * (math.pi / 2) * math.cosh(t) / math.cosh(u) ** 2 * h
        x = a + (b - a) * v if v < 0.5 else b - (b - a) / (1 + math.exp(2 * u))
        if a < x < b and w > 0:
            out.append((x, w))
    return out


def half_rule(a, sign, scale, h=1 / 16):
    """x = a + sign scale exp(t - exp(-t)): for what falls exponentially; power tails are cut into decades before it."""
    out = []
    for j in range(int(-4.5 / h), int(7.5 / h) + 1):
        t = j * h
        g = math.exp(t - math.exp(-t))
        w = g * (1 + math.exp(-t)) * h
        if w > 1e-300 and a + sign * scale * g != a:
            out.append((a + sign * scale * g, scale * w))
    return out


def line_nodes(low, high, cuts, scale):
    """Pieces between cuts in the bulk, and the tails beyond it."""
    inner = sorted({c for c in cuts if low < c < high})
    if low > -INF and high < INF:
        grid = [low] + inner + [high]
    else:
        centre = inner[len(inner) // 2] if inner else (low if low > -INF else high if high < INF else 0.0)
        extra = [centre + scale * v for v in (-4, -2, -1, 0, 1, 2, 4)]
        inner = sorted(set(inner) | {v for v in extra if low < v < high})
        grid = ([low] if low > -INF else []) + inner + ([high] if high < INF else [])
    out = []
    for a, b in zip(grid, grid[1:]):
        parts = 1 if len(grid) > 8 else 3
        for j in range(parts):
            out += finite_rule(a + (b - a) * j / parts, a + (b - a) * (j + 1) / parts)
    if low == -INF:
        out += half_rule(grid[0], -1, scale)
    if high == INF:
        out += half_rule(grid[-1], 1, scale)
    return out


# ---- features: (text with u for the variable, kinks in u, growth: a rank of how it dominates at infinity, only for 'tail' features)
def bounded_features(r, low, high):
    w = high - low
    c = low + w * r.uniform(0.1, 0.9)
    pool = [("u", []), ("u^2", []), ("u^3", []), ("u^4", []), ("abs(u - %.3f)" % c, [round(c, 3)]), ("max(u - %.3f, 0)" % c, [round(c, 3)]),
            ("min(u, %.3f)" % c, [round(c, 3)]), ("sin(%.2f*u)" % r.uniform(0.5, 9), []), ("cos(%.2f*u)" % r.uniform(0.5, 9), []),
            ("exp(%.2f*u)" % r.uniform(-2, 2), []), ("(u < %.3f)" % c, [round(c, 3)]), ("(%.3f < u)*u" % c, [round(c, 3)]),
            ("log(u - %.6f)" % low if low else "log(u)", []), ("log(%.6f - u)" % high, []), ("floor(%.1f*u)" % (3 / w), None), ("sqrt(u - %.6f)" % low if low else "sqrt(u)", []),
            ("1/(1 + u^2)", []), ("atan(u)", []), ("tanh(%.1f*u)" % r.uniform(1, 6), [])]
    return pool


def jumps_of_floor(text, low, high):
    m = re.fullmatch(r"floor\(([\d.]+)\*u\)", text)
    k = float(m.group(1))
    return [j / k for j in range(math.ceil(low * k), math.floor(high * k) + 1)]


FUNCTIONS = {n: getattr(math, n) for n in ("log", "exp", "sqrt", "sin", "cos", "tanh", "atan", "cosh", "floor", "lgamma")}


def function(text, names):
    code = re.sub(r"(?<![<>!=])=(?!=)", "==", text.replace("^", "**"))
    return eval("lambda %s: float(%s)" % (", ".join(names), code), dict(FUNCTIONS, abs=abs, max=max, min=min, __builtins__={"float": float}))


class Drawn:
    """A problem: names, statements of the support (text with the user's unit), nodes [(point, weight)], features, lambda, log prior."""


def draw(r, only=None):
    kinds = ["interval"] * 4 + ["half"] * 4 + ["left"] * 1 + ["line"] * 5 + ["count"] * 2 + ["integers"] * 1 + ["prior"] * 3 + ["class"] * 2 + ["box"] * 1
    d = Drawn()
    d.kind = only or r.choice(kinds)
    d.prior, d.cuts, d.names = None, [], ["u"]
    d.shift, d.scale = (0.0, 1.0)
    gauss = lambda s=1.0: round(r.gauss(0, s), 3)
    k = r.choice([1, 1, 2, 2, 3, 4, 5])
    d.log_prior = lambda *x: 0.0
    if d.kind == "interval":
        d.low, d.high = r.choice([(0.0, 1.0), (-1.0, 1.0), (0.0, 3.0), (-2.0, 0.5), (1.0, 4.0)])
        pool = bounded_features(r, d.low, d.high)
        chosen = r.sample(pool, min(k, len(pool)))
        d.features = [c[0] for c in chosen]
        d.lam = [gauss(2 if not c[0].startswith(("log", "exp")) else 0.5) for c in chosen]
        d.lam = [-abs(l) if c[0].startswith("log") else l for c, l in zip(chosen, d.lam)]  # u^positive: integrable at the end
        for c in chosen:
            d.cuts += jumps_of_floor(c[0], d.low, d.high) if c[1] is None else c[1]
        spread = (d.high - d.low)
    elif d.kind in ("half", "left", "line", "prior"):
        d.low, d.high = (0.0, INF) if d.kind == "half" else (-INF, 0.0) if d.kind == "left" else (-INF, INF)
        a = "u" if d.kind == "half" else "-u" if d.kind == "left" else None
        c = round(r.uniform(0.3, 2), 3) * (-1 if d.kind == "left" else 1)
        if a:
            tails = [(a.replace("-u", "u"), [], 1 if a == "u" else -1), ("u^2", [], 1), ("abs(u)^1.5", [], 1), ("abs(u)^3", [], 1), ("u^4", [], 1)]
            minor = [("log(%s)" % a, [], 0), ("sqrt(%s)" % a, [], 0), ("log(1 + %s)" % a, [], 0), ("exp(%s)" % ("-u" if a == "u" else "u"), [], 0), ("(abs(u) > %.3f)" % abs(c), [c], 0),
                     ("min(abs(u), %.3f)" % abs(c), [c], 0), ("cos(u)", [], 0), ("1/(1 + u^2)", [], 0)]
        else:
            tails = [("u^2", [], 1), ("u^4", [], 1), ("u^6", [], 1), ("abs(u)", [0.0], 1), ("abs(u - %.3f)" % c, [c], 1), ("abs(u)^1.5", [0.0], 1), ("cosh(u)", [], 1), ("abs(u)^3", [0.0], 1)]
            minor = [("u", [], 0), ("(u > %.3f)" % c, [c], 0), ("sin(u)", [], 0), ("cos(2*u)", [], 0), ("exp(-u^2)", [], 0), ("atan(u)", [], 0), ("log(1 + u^2)", [], 0),
                     ("min(abs(u), 1)", [-1.0, 0.0, 1.0], 0), ("u/(1 + u^2)", [], 0), ("tanh(u)", [], 0)]
            if r.random() < 0.35:  # power moments: all up to an even one
                n = r.choice([2, 4, 4, 6])
                tails, minor, k = [("u^%d" % n, [], 1)], [("u^%d" % j if j > 1 else "u", [], 0) for j in range(1, n)], n
        top = r.choice(tails)
        chosen = [top] + [m for m in r.sample(minor, min(k - 1, len(minor)))]
        d.features = [x[0] for x in chosen]
        d.lam = [round(abs(r.gauss(0, 1)) + 0.2, 3) * top[2]]
        for x in chosen[1:]:
            d.lam.append(round(-abs(r.gauss(0, 1)), 3) if x[0].startswith("log(") and "1 +" not in x[0] else gauss(0.7))
        if top[0] in ("abs(u)",) or top[0].startswith("abs(u -"):  # the linear part must not win
            d.lam = [d.lam[0] + 1.0] + [l if f != "u" else max(-0.9, min(0.9, l)) for l, f in zip(d.lam[1:], d.features[1:])]
        if d.kind == "prior":
            d.prior, d.log_prior, more = r.choice([("exp(-u^2/2)", lambda u: -u * u / 2, []), ("1/(1 + u^2)", lambda u: -math.log(1 + u * u), []), ("exp(-abs(u))", lambda u: -abs(u), [0.0]),
                                                   ("2 + sin(u)", lambda u: math.log(2 + math.sin(u)), []), ("(u > -1)", lambda u: 0.0 if u > -1 else -INF, [-1.0])])
            d.cuts += more
        for x in chosen:
            d.cuts += x[1]
        spread = 1.0
    elif d.kind in ("count", "integers"):
        tails = [("u", 1), ("u^2", 1)] if d.kind == "count" else [("u^2", 1), ("abs(u)", 1)]
        minor = [("sqrt(u)", 0), ("log(1 + u)", 0), ("(u = 0)", 0), ("(u > 3)", 0), ("min(u, 5)", 0), ("1/(1 + u)", 0), ("lgamma(u + 1)", 0)] if d.kind == "count" else \
            [("u", 0), ("(u = 0)", 0), ("(u > 1)", 0), ("cos(u)", 0)]
        chosen = [r.choice(tails)] + r.sample(minor, min(k - 1, len(minor)))
        d.features = [x[0] for x in chosen]
        d.lam = [round(abs(r.gauss(0, 0.5)) + 0.1, 3)] + [abs(gauss(0.3)) if "lgamma" in x[0] else gauss(0.8) for x in chosen[1:]]
        if d.features[0] == "abs(u)":
            d.lam = [d.lam[0] + 0.5] + [l if f != "u" else max(-0.3, min(0.3, l)) for l, f in zip(d.lam[1:], d.features[1:])]
        if d.kind == "count" and r.random() < 0.3:
            d.prior, d.log_prior = "exp(-lgamma(u + 1))", lambda u: -math.lgamma(u + 1)
        d.nodes = [((float(j),), 1.0) for j in range(0 if d.kind == "count" else -500, 2000 if d.kind == "count" else 501)]
        d.support = "u in 0..inf" if d.kind == "count" else "u in -inf..inf"
    elif d.kind == "class":
        d.names = ["c", "u"]
        d.line = r.random() < 0.5
        pool = ["(c = 1)*u", "(c = 1)", "u", "(c = 2)*u^2", "(c = 2)*(u > 0.5)", "(c = 3)"]
        d.features = (["u^2"] if d.line else []) + r.sample(pool, min(k, 4))
        d.lam = ([round(abs(r.gauss(0, 1)) + 0.3, 3)] if d.line else []) + [abs(gauss()) if d.line and "u^2" in f else gauss() for f in d.features[1 if d.line else 0:]]
        base = line_nodes(-INF if d.line else 0.0, INF if d.line else 1.0, [0.5], 1.0)
        d.nodes = [((float(c), x), w) for c in (1, 2, 3) for x, w in base]
        d.support = "c in 1..3; u in " + ("R" if d.line else "[0, 1]")
    else:
        d.names = ["u", "v"]
        pool = ["u", "v", "u*v", "u^2", "v^2", "sin(3*u + v)", "exp(u*v)", "(u - v)^2", "abs(u - 0.5)"]
        d.features = r.sample(pool, min(k, 3))
        d.lam = [gauss(1.5) for _ in d.features]
        side = line_nodes(0.0, 1.0, [0.5], 1.0)[::1]
        side = [n for a, b in ((0, 0.5), (0.5, 1)) for n in finite_rule(a, b, 1 / 6)]
        d.nodes = [((x, y), a * b) for x, a in side for y, b in side]
        d.support = "u in [0, 1]; v in [0, 1]"
    if d.kind in ("interval", "half", "left", "line", "prior"):
        d.nodes = [((x,), w) for x, w in line_nodes(d.low, d.high, d.cuts, spread)]
        if r.random() < 0.35 and d.kind != "prior":  # another unit
            d.scale = 2.0 ** r.choice([-20, -10, -3, 3, 10, 20])  # exact, so that ends stay ends
            d.shift = r.choice([0.0, 0.0, 5.0 * d.scale, -40.0 * d.scale])
        ends = [v if abs(v) == INF else d.shift + d.scale * v for v in (d.low, d.high)]
        d.support = "x in %s%s, %s%s" % ("(" if ends[0] == -INF else "[", "-inf" if ends[0] == -INF else repr(ends[0]), "inf" if ends[1] == INF else repr(ends[1]), ")" if ends[1] == INF else "]")
    return d


def solve_here(d):
    """log Z, E f, Cov f, entropy in u, from the drawn lambda. None when the drawn problem is too hard for doubles."""
    fs = [function(f, d.names) for f in d.features]
    rows, scores = [], []
    for x, w in d.nodes:
        try:
            f = [g(*x) for g in fs]
            lq = d.log_prior(*x)
        except (OverflowError, ValueError, ZeroDivisionError):
            continue
        s = lq - math.fsum(l * v for l, v in zip(d.lam, f))
        if s != s or s == -INF:
            continue
        rows.append((f, lq, s + math.log(w)))
    top = max(s for _, _, s in rows)
    e = [math.exp(s - top) for _, _, s in rows]
    z = math.fsum(e)
    k = len(fs)
    mean = [math.fsum(a * f[i] for a, (f, _, _) in zip(e, rows)) / z for i in range(k)]
    cov = [[math.fsum(a * (f[i] - mean[i]) * (f[j] - mean[j]) for a, (f, _, _) in zip(e, rows)) / z for j in range(k)] for i in range(k)]
    d.log_z = top + math.log(z)
    elq = math.fsum(a * q for a, (_, q, _) in zip(e, rows)) / z
    d.entropy = d.log_z + math.fsum(l * m for l, m in zip(d.lam, mean)) - elq
    d.mean, d.cov = mean, cov
    d.rounding = 4e-15 * (1 + sum(abs(l * m) + abs(l) * math.sqrt(cov[i][i]) for i, (l, m) in enumerate(zip(d.lam, mean))))
    return fs


def correlation_conditioning(cov):
    """Smallest pivot of the correlation matrix: how nearly one feature is a combination of the others."""
    k = len(cov)
    if any(not cov[i][i] > 0 for i in range(k)):
        return 0.0
    a = [[cov[i][j] / math.sqrt(cov[i][i]) / math.sqrt(cov[j][j]) for j in range(k)] for i in range(k)]
    least = 1.0
    for i in range(k):
        least = min(least, a[i][i])
        if a[i][i] <= 1e-15:
            return 0.0
        for r in range(i + 1, k):
            m = a[r][i] / a[i][i]
            for j in range(i, k):
                a[r][j] -= m * a[i][j]
    return least


def in_unit(text, d):
    """A feature in the user's variable."""
    if d.kind in ("interval", "half", "left", "line", "prior"):
        inner = "x" if d.scale == 1 and d.shift == 0 else "((x - %r)/%r)" % (d.shift, d.scale) if d.shift > 0 else "((x + %r)/%r)" % (-d.shift, d.scale) if d.shift < 0 else "(x/%r)" % d.scale
        return re.sub(r"\bu\b", lambda m: inner, text)
    return text


def statements(r, d):
    """The facts in one of their forms; adds to d.slack_entropy what inexact forms may move."""
    lines = []
    for f, l, m, c in zip(d.features, d.lam, d.mean, [d.cov[i][i] for i in range(len(d.lam))]):
        t, form, what = m, r.random(), "E[%s]" % in_unit(f, d)
        if f.startswith("(") and f.endswith(")") and re.search(r"[<>=]", f) and "*" not in f:
            what = "P[%s]" % in_unit(f[1:-1], d)
        sd = math.sqrt(c)
        if form < 0.6 or l == 0:
            lines.append("%s = %r" % (what, t))
        elif form < 0.75:
            lines.append("%s %s %r" % (what, "<=" if l > 0 else ">=", t))
        elif form < 0.85:
            other = t + (-1 if l > 0 else 1) * sd * r.uniform(0.1, 1)
            lines.append("%s in [%r, %r]" % (what, min(t, other), max(t, other)))
        elif form < 0.95:
            s = float("%.2g" % (sd * r.uniform(0.05, 0.5)))
            lines.append("%s = %r +- %r" % (what, t - s * s * l, s))
        else:
            lines.append("%s = %r" % (what, t))
            lines.append("%s <= %r" % (what, t + sd))
    r.shuffle(lines)
    return lines


def spoil(r, d, lines):
    """Adds a fact that nothing can meet; the line, or None."""
    i = r.randrange(len(d.features))
    f, m, sd = in_unit(d.features[i], d), d.mean[i], math.sqrt(d.cov[i][i])
    if r.random() < 0.5:
        return ["E[%s] = %r" % (f, m), "E[(%s)^2] = %r" % (f, (m * m - sd * sd * 0.1))]
    return ["E[%s] = %r" % (f, m), "E[exp((%s)/%r)] = %r" % (f, max(abs(m), sd, 1.0), math.exp(m / max(abs(m), sd, 1.0)) * (1 - 1e-3) - 1e-3)]


def ask(maxent, text, timeout):
    try:
        r = subprocess.run([maxent, "solve", "-", "--json", "--threads", "1"], input=text.encode(), capture_output=True, timeout=timeout)
    except subprocess.TimeoutExpired:
        return None, {}, ""
    try:
        return r.returncode, json.loads(r.stdout or b"{}", parse_constant=lambda w: None), r.stderr.decode(errors="replace")
    except ValueError:
        return r.returncode, None, ""


def judge(d, fs, code, answer, words, want):
    if code is None:
        return "hang", "no answer in time"
    if answer is None or code < 0 or code > 5:
        return "crash", "status %s" % code
    if code in (1, 2):
        return "open", "refused: " + " ".join(words.split("\n")[:1])
    got = answer.get("verdict")
    if EXIT.get(got) != code:
        return "SILENT", "verdict %s, status %d" % (got, code)
    if got != want:
        return ("SILENT" if code == 0 else "open" if code == 5 else "WRONG"), "%s, expected %s: %s" % (got, want, answer.get("message", "")[:120])
    if want != "solved":
        return "ok", ""
    h = answer.get("entropy")
    true = d.entropy + math.log(d.scale)
    off = abs(h - true) if h is not None else INF
    unit = sum(abs(l) * 20 * 2.0**-53 * abs(m) for l, m in zip(d.lam, d.mean)) + 1e-14 * abs(d.shift / d.scale) * 10
    allowed = 1e-9 * max(1.0, abs(true)) + d.rounding * 20 + unit
    if not off <= allowed:
        return ("SILENT" if off > 1e-6 + 100 * (allowed - 1e-9) else "loose"), "entropy %r, expected %r" % (h, true)
    residual = (answer.get("certificate") or {}).get("residual")
    if residual is None or not residual <= 1e-10:
        return "SILENT", "residual %r" % residual
    xs, ps = [], []
    if answer.get("density") and answer["density"].get("x") and d.names == ["u"]:
        xs, ps = answer["density"]["x"], answer["density"]["p"]
    elif answer.get("states") and set(answer["states"][0]) == {"u", "p"}:
        xs, ps = [s["u"] for s in answer["states"]], [s["p"] for s in answer["states"]]
    least = correlation_conditioning(d.cov)
    worst, detail = 0.0, ""
    if least > 1e-9 and xs:
        top = max([p for p in ps if p is not None] or [1]) or 1.0
        tolerance = 1e-8 + 1e-14 * 1e3 / least + 1e-13 * abs(d.shift / d.scale)
        for x, p in zip(xs, ps):
            if x is None or p is None:
                continue
            u = (x - d.shift) / d.scale
            if d.kind not in ("count", "integers") and not d.low < u < d.high:
                continue
            if any(abs(u - c) < 1e-9 * (1 + abs(c)) + 1e-14 * abs(d.shift / d.scale) for c in d.cuts):
                continue
            try:
                lq = d.log_prior(u)
                true = math.exp(min(700.0, lq - math.fsum(l * g(u) for l, g in zip(d.lam, fs)) - d.log_z)) / d.scale if lq > -INF else 0.0
            except (OverflowError, ValueError, ZeroDivisionError):
                continue
            if abs(p - true) / (top * tolerance) > worst:
                worst, detail = abs(p - true) / (top * tolerance), "p(%r) = %r, expected %r" % (x, p, true)
        if worst > 1:
            return ("SILENT" if worst > 100 else "loose"), detail
    return "ok", ""


def main():
    a = argparse.ArgumentParser()
    a.add_argument("maxent", nargs="?", default=os.environ.get("MAXENT", "maxent")); a.add_argument("--count", type=int, default=1000)
    a.add_argument("--seed", type=int, default=1); a.add_argument("--only"); a.add_argument("--allow", type=float, default=0.0); a.add_argument("--timeout", type=float, default=20); a.add_argument("--verbose", action="store_true")
    o = a.parse_args()
    count, done, number = {}, 0, 0
    while done < o.count:
        number += 1
        r = random.Random("%d %d" % (o.seed, number))
        d = draw(r, o.only)
        try:
            fs = solve_here(d)
        except (OverflowError, ValueError, ZeroDivisionError):
            continue
        if correlation_conditioning(d.cov) < 1e-12 or not abs(d.entropy) < 50 or min(d.cov[i][i] for i in range(len(d.cov))) < 1e-20:  # features that say the same: another draw
            continue
        done += 1
        lines, want = statements(r, d), "solved"
        if r.random() < 0.1:
            want, lines = "infeasible", [l for l in lines if r.random() < 0.5 and "=" in l] + spoil(r, d, lines)
        text = "\n".join([d.support] + (["prior " + in_unit(d.prior, d)] if d.prior else []) + lines) + "\n"
        code, answer, words = ask(o.maxent, text, o.timeout)
        outcome, detail = judge(d, fs, code, answer, words, want)
        count[outcome] = count.get(outcome, 0) + 1
        if outcome != "ok" or o.verbose:
            print("%-7s #%d %-8s maxent solve -e '%s'\n        %s" % (outcome, number, d.kind, "; ".join(text.strip().split("\n")), detail), flush=True)
    print("%d problems: %s" % (done, ", ".join("%d %s" % (v, k) for k, v in sorted(count.items()))))
    bad = count.get("SILENT", 0) + count.get("crash", 0)
    other = done - bad - count.get("ok", 0)
    if 0 < other <= o.allow * done:
        print("%d without the answer, allowed while they are known: up to %g" % (other, o.allow * done))
    failed = bad + (other if other > o.allow * done else 0)
    print("%d passed, %d failed" % (done - failed, failed))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
