#!/usr/bin/env python3
"""Runs `maxent solve --json` on cases with known answers and judges what comes back, trusting none of the program's words.

    run.py [MAXENT] [CASES.json] [--only SUBSTRING] [--timeout S] [--lift] [--verbose] [--keep FOLDER]

From the raw problem (exact fractions of the printed doubles) and the returned p and lambda it recomputes the residual of every fact,
the sum, the gap D(lambda) - H(p) (40 digits), and of an infeasible answer that the direction separates every state from the
facts. Then it compares verdict, entropy, p and zeros with the case's answer (tests/cases/exact.py, 80 digits).

Outcomes: ok; loose (right, but off by more than the tolerance and less than 1e-6, or a proof that does not check); SILENT (exit 0 and
wrong); verdict (another verdict, said openly); refused (exit 1 or 2); crash; hang. Exit status 0 only when all are ok. Standard library.

--lift repeats every state until there are 500,000 feature values, so that the way for large problems is taken: the same verdict and lambda,
p spread evenly over the copies (checked), the entropy more by the logarithm of their number.

Tolerances: entropy and p 1e-10 (plus what half an ulp of the targets moves); residual 1e-12 of max(|tau|, sd), or what the printed
doubles of p can carry: n * 2^-53 * max |f|; gap 1e-9 max(1, |H|).
"""
import argparse, csv, decimal, json, math, os, re, subprocess, sys, tempfile
from fractions import Fraction as Q
from decimal import Decimal

HERE = os.path.dirname(os.path.abspath(__file__))
EXIT = {"solved": 0, "boundary": 0, "infeasible": 3, "singular": 4, "unattained": 4, "unbounded": 4, "unfinished": 5}
decimal.getcontext().prec = 50
decimal.getcontext().Emax, decimal.getcontext().Emin = decimal.MAX_EMAX, decimal.MIN_EMIN


def states_of(case):
    s = case["states"]
    if isinstance(s, dict):
        return [[s["first"] + s["step"] * j] for j in range(s["count"])]
    return [v if isinstance(v, list) else [v] for v in s]


def number(v):
    return repr(float(v))


def text_of(case, folder, copies=1):
    """The case in the facts language; a table file when there are several variables, rows, or repeated states."""
    lines, facts, names, states = [], case["facts"], case["vars"], states_of(case)
    prior = case.get("prior")
    rows = any("row" in f and "text" not in f for f in facts)
    repeated = len({tuple(s) for s in states}) < len(states)
    if len(names) == 1 and not rows and not repeated and copies == 1:
        values = [s[0] for s in states]
        if len(values) > 2 and values == [values[0] + j for j in range(len(values))] and values[0] == int(values[0]) and abs(values[0]) < 1e9:
            lines.append("%s in %d..%d" % (names[0], values[0], values[-1]))
        else:
            lines.append("%s in {%s}" % (names[0], ", ".join(map(number, values))))
        if prior:
            lines.append("prior {%s}" % ", ".join(map(number, prior)))
    else:
        with open(os.path.join(folder, "states.csv"), "w", newline="") as out:
            w = csv.writer(out)
            w.writerow(names + ["row%d" % i for i in range(len(facts))] + ["weight"])
            table = [[number(v) for v in s] + [number(f["row"][j]) if "row" in f and "text" not in f else 0 for f in facts]
                     + [number(prior[j]) if prior else 1] for j, s in enumerate(states)]
            for copy in range(copies):
                w.writerows(table)
        lines.append('states "states.csv"')
        if prior:
            lines.append("prior weight")
    for i, f in enumerate(facts):
        what = "E[%s]" % (f["f"] if "f" in f else "row%d" % i)
        if "text" in f:
            lines.append(f["text"])
        elif "sd" in f:
            lines.append("%s = %s +- %s" % (what, f["target"], f["sd"]))
        elif "target" in f:
            lines.append("%s = %s" % (what, f["target"]))
        elif f["upper"] is None:
            lines.append("%s >= %s" % (what, f["lower"]))
        elif f["lower"] is None:
            lines.append("%s <= %s" % (what, f["upper"]))
        else:
            lines.append("%s in [%s, %s]" % (what, f["lower"], f["upper"]))
    return "\n".join(lines) + "\n"


def chebyshev(k, x):
    a, b = Q(1), x
    for _ in range(int(k)):
        a, b = b, 2 * x * b - a
    return a


TRANSCENDENT = re.compile(r"\b(log|exp|sqrt|sin|cos|atan)\b")


def row_of(fact, names, states):
    """Feature values, exact where the expression is rational, else doubles (their rounding is allowed for)."""
    if "row" in fact:
        return [Q(v) for v in fact["row"]]
    text = re.sub(r"(?<![\w.])(\d+\.?\d*(?:e[-+]?\d+)?)", r'N("\1")', fact["f"])
    text = re.sub(r"(?<![<>!])=", "==", text.replace("^", "**")).replace("<==", "<=").replace(">==", ">=")
    text = re.sub(r'\*\*N\("(\d+)"\)', r"**\1", text)
    kind = float if TRANSCENDENT.search(fact["f"]) else Q
    space = {"N": lambda s: kind(float(s)), "abs": abs, "min": min, "max": max, "T": chebyshev}
    for name in ("log", "exp", "sqrt", "sin", "cos", "atan"):
        space[name] = getattr(math, name)
    code = compile(text, fact["f"], "eval")
    return [Q(eval(code, {"__builtins__": {}}, dict(space, **{n: kind(v) for n, v in zip(names, s)}))) for s in states]


def bounds_of(fact):
    if "target" in fact:
        t = Q(float(fact["target"]))
        return t, t
    return tuple(None if fact[w] is None else Q(float(fact[w])) for w in ("lower", "upper"))


def half_ulp(fact):
    texts = [fact.get(w) for w in ("target", "lower", "upper")]
    return max([Q(math.ulp(float(t))) / 2 if t and Q(t) != Q(float(t)) else Q(0) for t in texts])


def to_decimal(v):
    v = Q(v)
    return Decimal(v.numerator) / Decimal(v.denominator)


def log_sum(case, rows, lam, live):
    """log sum_x q exp(-lambda . f(x)) over the live states, in 50 digits."""
    prior, scores = case.get("prior"), []
    for x in live:
        s = -sum((Q(l) * r[x] for l, r in zip(lam, rows)), Q(0))
        scores.append(to_decimal(s) + (Decimal(prior[x]).ln() if prior else 0))
    top = max(scores)
    return top + sum((s - top).exp() for s in scores).ln()


def check_direction(case, rows, answer, direction):
    """An infeasible answer's direction d: min over states of d . f minus the largest d . tau must be > 0. '' when it is."""
    if not direction or len(direction) != len(rows):
        return "no direction"
    prior = case.get("prior")
    live = [x for x in range(len(rows[0])) if not prior or prior[x] > 0]
    top = Q(0)
    for d, f in zip(direction, case["facts"]):
        if d:
            if "sd" in f:
                return "direction uses a soft fact"
            lower, upper = bounds_of(f)
            bound = upper if d > 0 else lower
            if bound is None:
                return "direction uses an absent bound"
            top += Q(d) * bound
    least = min(sum((Q(d) * r[x] for d, r in zip(direction, rows) if d), Q(0)) for x in live)
    return "" if least > top else "direction does not separate: %.3g" % float(least - top)


def fold(answer, path, n, copies):
    """Puts p of a lifted answer, from its CSV file, back on the n states; '' or what is wrong."""
    with open(path, newline="") as f:
        lines = csv.reader(f)
        p = [float(line[-1]) for line in lines if line and line[-1] != "p"]
    if len(p) != n * copies:
        return "%d probabilities for %d states" % (len(p), n * copies)
    for x in range(n):
        group = p[x::n]
        if max(group) - min(group) > 1e-13 * max(group) + 1e-300:
            return "copies of state %d differ: %r and %r" % (x, min(group), max(group))
    answer["states"] = [{"p": math.fsum(p[x::n])} for x in range(n)]
    answer["entropy"] -= math.log(copies)
    return ""


def judge(case, code, answer, tolerance=0.0):
    """(outcome, detail). tolerance: a residual that the solver may leave though it could do better (lifted cases)."""
    e, got = case["expected"], answer.get("verdict")
    want = [e["verdict"]] + e.get("acceptable", [])
    if got not in EXIT or code != EXIT[got]:
        return "SILENT" if code == 0 else "crash", "verdict %s with exit status %d" % (got, code)
    if got not in want:
        return ("SILENT" if code == 0 else "verdict"), "%s, expected %s" % (got, "/".join(want))
    states = states_of(case)
    n = len(states)
    rows = [row_of(f, case["vars"], states) for f in case["facts"]]
    certificate = answer.get("certificate") or {}
    if got == "infeasible":
        trouble = check_direction(case, rows, answer, certificate.get("direction"))
        return ("loose", trouble) if trouble else ("ok", "")
    if got not in ("solved", "boundary"):
        return "ok", ""
    listed = answer.get("states")
    if not listed:
        if n <= 10000:
            return "SILENT", "no states"
        p = None
    else:
        p = [s["p"] for s in listed]
        if len(p) != n or not all(isinstance(v, (int, float)) and 0 <= v <= 1 + 1e-12 for v in p):
            return "SILENT", "p is not a distribution over the %d states" % n
    worst, detail = 0.0, ""

    def note(ratio, words):
        nonlocal worst, detail
        if not ratio <= worst:
            worst, detail = (ratio if ratio == ratio else math.inf), words

    # the answer itself
    slack = 20 * float(e.get("entropy_half_ulp") or 0)
    for f, l in zip(case["facts"], answer.get("facts", [])):
        slack += tolerance * abs(l.get("lambda") or 0) * max(abs(float(f.get(w) or 0)) for w in ("target", "lower", "upper"))
    compare = got == e["verdict"] and "entropy" in e
    if compare:
        h = answer.get("entropy")
        if h is None or h != h:
            return "SILENT", "no entropy"
        off = min(abs(h - float(e[w])) for w in ("entropy", "entropy_of_doubles") if w in e)
        scale = max(1.0, abs(float(e["entropy"])))
        if off > max(1e-6 * scale, slack):
            return "SILENT", "entropy %r, expected %s" % (h, e["entropy"])
        note(off / (1e-10 * scale + slack), "entropy off by %.1e" % off)
        if "relative_entropy" in e and answer.get("relative_entropy") is not None:
            off = abs(answer["relative_entropy"] - float(e["relative_entropy"]))
            note(off / (1e-10 * max(1.0, abs(float(e["relative_entropy"]))) + slack), "relative entropy off by %.1e" % off)
    if p is None:
        return ("ok", "") if worst <= 1 else ("loose", detail)
    if compare:
        known = dict(enumerate(e["p"])) if "p" in e else {int(x): v for x, v in e.get("p_sample", {}).items()}
        slack = 20 * float(e.get("p_half_ulp") or 0)
        off = max([abs(p[x] - float(v)) for x, v in known.items()] or [0])
        if off > max(1e-6, slack):
            return "SILENT", "p off by %.1e" % off
        note(off / (1e-10 + slack), "p off by %.1e" % off)
        for x, v in known.items():  # small probabilities keep their digits
            v = float(v)
            if v > 1e-290 and abs(p[x] - v) > 1e-5 * v + 20 * float(e.get("p_half_ulp") or 0) + 1e-15 * (v < 1e-16) + 5 * tolerance:
                note(2, "p of state %d is %r, expected %r" % (x, p[x], v))
        wrong = [x for x, v in known.items() if v == "0" and p[x] != 0]
        if wrong:
            note(2, "state %d should be exactly 0, is %r" % (wrong[0], p[wrong[0]]))
        if e.get("zeros") is not None and sum(v == 0 for v in p) < e["zeros"]:
            note(2, "%d zeros, expected %d" % (sum(v == 0 for v in p), e["zeros"]))
    # the sum and the residuals, from p as printed
    exact = [Q(v) for v in p]
    total = sum(exact)
    note(abs(float(total - 1)) / max(1e-14, n * 2.0**-53), "p sums to 1 %+.1e" % float(total - 1))
    claimed, honest, lam = certificate.get("residual"), 0.0, [f.get("lambda") for f in answer.get("facts", [])]
    soft_terms = Decimal(0)
    for i, (f, r) in enumerate(zip(case["facts"], rows)):
        mean = sum((a * b for a, b in zip(exact, r)), Q(0))
        lower, upper = bounds_of(f)
        if "sd" in f:
            if i < len(lam) and lam[i] is not None:  # E f - tau = sd^2 lambda
                lower = upper = lower + Q(float(f["sd"])) ** 2 * Q(lam[i])
            else:
                continue
        gap = max(lower - mean if lower is not None else Q(0), mean - upper if upper is not None else Q(0), Q(0))
        size = max(abs(v) for v in r) if r else Q(0)
        square = sum((a * (b - mean) ** 2 for a, b in zip(exact, r)), Q(0))
        bound = lower if upper is None else upper if lower is None else max(abs(lower), abs(upper))
        big = max(abs(bound or Q(0)), Q(1, 10**9) * size, Q(to_decimal(square).sqrt()))
        if big == 0:
            note(0 if gap == 0 else 2, "fact %d is off" % (i + 1))
            continue
        residual = float(gap / big)
        rounding = float((n * Q(1, 2**53) * sum(abs(a * b) for a, b in zip(exact, r)) + 2 * half_ulp(f)) / big)
        if TRANSCENDENT.search(f.get("f", "")):
            rounding += float(4 * Q(1, 2**52) * size / big)
        honest = max(honest, residual - rounding)
        if residual > 1e-6 + rounding:
            return "SILENT", "fact %d is off by %.1e of its scale" % (i + 1, residual)
        note(residual / (case.get("residual_limit", 1e-12) + rounding), "fact %d is off by %.1e of its scale" % (i + 1, residual))
    if claimed is None or claimed != claimed:
        note(2, "residual %s" % claimed)
    elif honest > 1e-11 and claimed < honest / 100:
        note(2, "claims a residual of %.1e, has %.1e" % (claimed, honest))
    # the gap: D(lambda) on the face of p minus H(p), as relative entropies
    if len(lam) == len(rows) and all(l is not None for l in lam) and n <= 2000:
        live = [x for x in range(n) if p[x] > 0]
        prior = case.get("prior")
        dual = log_sum(case, rows, lam, live)
        for l, f in zip(lam, case["facts"]):
            lower, upper = bounds_of(f)
            if l:
                bound = upper if l > 0 else lower
                if bound is None:
                    note(2, "lambda %r on an absent bound" % l)
                    continue
                dual += to_decimal(Q(l) * bound)
                if "sd" in f:
                    dual += to_decimal(Q(l) ** 2 * Q(float(f["sd"])) ** 2 / 2)
        h = -sum((to_decimal(exact[x]) * (to_decimal(exact[x]).ln() - (Decimal(prior[x]).ln() if prior else 0)) for x in live), Decimal(0))
        for l, f, r in zip(lam, case["facts"], rows):
            if "sd" in f:  # the objective is H - (E f - tau)^2 / (2 sd^2)
                mean = sum((a * b for a, b in zip(exact, r)), Q(0))
                h -= to_decimal((mean - bounds_of(f)[0]) ** 2 / (2 * Q(float(f["sd"])) ** 2))
        gap = float(dual - h)
        carried = sum(abs(l) * float(abs((bounds_of(f)[0] if bounds_of(f)[0] is not None else bounds_of(f)[1]) or 0)) for l, f in zip(lam, case["facts"]) if l)
        allowed = 1e-9 * max(1.0, abs(float(h))) + 1e-14 * carried
        note(abs(gap) / allowed, "gap %.1e" % gap)
    return ("ok", "") if worst <= 1 else ("loose", detail)


def main():
    a = argparse.ArgumentParser()
    a.add_argument("maxent", nargs="?", default=os.environ.get("MAXENT", "maxent")); a.add_argument("cases", nargs="?", default=os.path.join(HERE, "finite.json")); a.add_argument("--only")
    a.add_argument("--timeout", type=float, default=20); a.add_argument("--verbose", action="store_true"); a.add_argument("--keep")
    a.add_argument("--lift", action="store_true")
    o = a.parse_args()
    count = {}
    for case in json.load(open(o.cases))["cases"]:
        if o.only and o.only not in case["id"]:
            continue
        n, k = len(states_of(case)), len(case["facts"])
        if o.lift and (n > 200 or k == 0 or case["id"].endswith("1e-12")):  # 1e-12 is what the large way promises
            continue
        copies = -(-500000 // (n * k)) if o.lift else 1
        with tempfile.TemporaryDirectory() as folder:
            if o.keep:
                folder = os.path.join(o.keep, case["id"])
                os.makedirs(folder, exist_ok=True)
            path = os.path.join(folder, "problem.facts")
            with open(path, "w") as f:
                f.write(text_of(case, folder, copies))
            try:
                out = os.path.join(folder, "p.csv")
                r = subprocess.run([o.maxent, "solve", path, "--json"] + (["--output", out] if o.lift else []), capture_output=True,
                                   timeout=o.timeout)
                try:
                    answer = json.loads(r.stdout or b"{}", parse_constant=lambda w: None)
                except ValueError:
                    answer = None
                if r.returncode < 0 or r.returncode > 5:
                    outcome, detail = "crash", "status %d" % r.returncode
                elif r.returncode in (1, 2):
                    outcome, detail = "refused", r.stderr.decode(errors="replace").strip().split("\n")[0][-120:]
                elif answer is None:
                    outcome, detail = "crash", "output is no JSON"
                elif re.search(rb"\bnan\b|\binf\b|NaN|Infinity", re.sub(rb'"(\\.|[^"\\])*"', b"", r.stdout)):
                    outcome, detail = "crash", "NaN or infinity in the output"
                else:
                    wrong = fold(answer, out, n, copies) if o.lift and answer.get("entropy") is not None else ""
                    outcome, detail = ("SILENT", wrong) if wrong else judge(case, r.returncode, answer, 1e-12 if o.lift else 0.0)
            except subprocess.TimeoutExpired:
                outcome, detail = "hang", "no answer in %g s" % o.timeout
        count[outcome] = count.get(outcome, 0) + 1
        if outcome != "ok" or o.verbose:
            print("%-8s %-40s %s" % (outcome, case["id"], detail), flush=True)
    total = sum(count.values())
    print("%d of %d ok%s" % (count.get("ok", 0), total, "".join(", %d %s" % (v, k) for k, v in sorted(count.items()) if k != "ok")))
    print("%d passed, %d failed" % (count.get("ok", 0), total - count.get("ok", 0)))
    sys.exit(0 if count.get("ok", 0) == total and total else 1)


if __name__ == "__main__":
    main()
