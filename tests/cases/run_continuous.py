#!/usr/bin/env python3
"""Runs `maxent solve --json` on continuous and countable cases with known answers (continuous.json) and judges what comes back.

    run_continuous.py [MAXENT] [CASES.json] [--only SUBSTRING] [--quick] [--timeout S] [--verbose] [--known FILE]

Judged against answers in 50 digits: verdict and exit status, entropy, the supremum of an unattained problem, the family's name, lambda, and
the density at every point that the answer lists, which is compared with exp(-lambda f) / Z of the known lambda, worked out here.

Outcomes: ok; loose (right, but off by more than the tolerance and less than 1e-6); SILENT (exit 0 and wrong); WRONG (exit 3 or 4 and another
verdict than the true one); open (unfinished, or a refusal, where there is an answer); crash; hang. Exit status 0 only when all are ok, apart from
the cases in the list of known failures, which are printed with their reasons; a known failure that is mended fails, to be struck off.
--quick takes every third case. Standard library alone.

Tolerances: entropy 1e-9 of max(1, |H|), density 1e-8 of its maximum, each plus what half a unit in the last place of the targets moves.
"""
import argparse, json, math, os, re, subprocess, sys

HERE = os.path.dirname(os.path.abspath(__file__))
EXIT = {"solved": 0, "boundary": 0, "infeasible": 3, "singular": 4, "unattained": 4, "unbounded": 4, "unfinished": 5}


def T(k, x):
    return math.cos(k * math.acos(x))


def L(k, x):
    u, v = 1.0, x
    for j in range(1, int(k)):
        u, v = v, ((2 * j + 1) * x * v - j * u) / (j + 1)
    return v


SPACE = {n: getattr(math, n) for n in ("log", "exp", "sqrt", "sin", "cos", "cosh", "floor", "lgamma", "pi")}
SPACE.update(T=T, L=L, abs=abs, max=max, min=min, __builtins__={})


def compiled(text):
    text = re.sub(r"(?<![<>!=])=(?!=)", "==", text.replace("^", "**"))
    return compile(text, text, "eval")


def value(code, x):
    try:
        return float(eval(code, SPACE, {"x": x}))
    except (ValueError, ZeroDivisionError, OverflowError):
        return math.nan


def densities_off(expected, xs, ps):
    """Largest difference of ps from the known density, over the tolerance, and words for it."""
    codes, lam, log_z = [compiled(f) for f in expected["features"]], [float(v) for v in expected["lambdas"]], float(expected["log_z"])
    prior, log_prior = expected.get("prior"), None
    if prior and re.fullmatch(r"exp\([^()]*(\([^()]*\)[^()]*)*\)", prior):  # its logarithm is what it says
        prior, log_prior = None, compiled(prior[4:-1])
    prior = compiled(prior) if prior else None
    worst, words, top = 0.0, "", max(ps)
    for x, p in zip(xs, ps):
        f = [value(c, x) for c in codes]
        q = value(prior, x) if prior else 1.0
        s = value(log_prior, x) if log_prior else math.log(q) if q > 0 else -math.inf
        if not all(map(math.isfinite, f + [q])):
            continue
        terms = [-l * v for l, v in zip(lam, f)] + [-log_z, s]
        true = math.exp(min(math.fsum(terms), 700.0)) if q > 0 else 0.0
        rounding = 1e-15 * sum(abs(v) for v in terms if math.isfinite(v)) * true
        allowed = 1e-8 * top + float(expected.get("p_slack", 0)) + 20 * rounding
        if abs(p - true) / allowed > worst:
            worst, words = abs(p - true) / allowed, "p(%r) = %r, expected %r" % (x, p, true)
    return worst, words


def judge(case, code, answer):
    e, got = case["expected"], answer.get("verdict")
    if got not in EXIT or code != EXIT[got]:
        return ("SILENT" if code == 0 else "crash"), "verdict %s with exit status %d" % (got, code)
    want = [e["verdict"]] + e.get("acceptable", [])
    if got not in want:
        kind = "SILENT" if code == 0 else "open" if got == "unfinished" else "WRONG"
        return kind, "%s, expected %s: %s" % (got, "/".join(want), answer.get("message", "")[:110])
    certificate = answer.get("certificate") or {}
    if got == "unattained" and e.get("supremum") is not None:
        bound = certificate.get("bound")
        if bound is None or abs(bound - float(e["supremum"])) > 1e-8:
            return "loose" if bound is None else "WRONG", "supremum %r, expected %s" % (bound, e["supremum"])
    if got not in ("solved", "boundary"):
        return "ok", ""
    residual = certificate.get("residual")
    if residual is None or not residual <= 1e-10:
        return "SILENT", "residual %r" % residual
    for f in answer.get("facts", []):
        low, high, sd = f.get("lower"), f.get("upper"), f.get("sd")
        if f.get("achieved") is None or f["achieved"] != f["achieved"]:
            return "SILENT", "no value achieved of %s" % f.get("text")
    if got != e["verdict"]:
        return "ok", ""
    worst, detail = 0.0, ""
    if e.get("entropy") is not None:
        h, true = answer.get("entropy"), float(e["entropy"])
        if h is None or h != h:
            return "SILENT", "no entropy"
        scale = max(1.0, abs(true))
        off, slack = abs(h - true), float(e.get("slack", 0))
        if off > max(1e-6 * scale, slack):
            return "SILENT", "entropy %r, expected %s" % (h, e["entropy"])
        worst, detail = off / (1e-9 * scale + slack), "entropy off by %.1e" % off
    listed, states = answer.get("density"), answer.get("states")
    if "features" in e:
        xs, ps = ([], [])
        if listed and listed.get("x"):
            xs, ps = listed["x"], listed["p"]
        elif states and set(states[0]) == {"x", "p"}:
            xs, ps = [s["x"] for s in states], [s["p"] for s in states]
        xs, ps = zip(*[(x, p) for x, p in zip(xs, ps) if x is not None and p is not None]) if xs else ((), ())
        if ps:
            ratio, words = densities_off(e, xs, ps)
            if ratio > 1e4:
                return "SILENT", words
            if ratio > worst:
                worst, detail = ratio, words
    if "density" in e and states:
        known = {s["x"]: s["p"] for s in states if "x" in s}
        for x, p in e["density"]:
            if x in known and abs(known[x] - float(p)) > 1e-10 + float(e.get("slack", 0)):
                return "SILENT", "p(%r) = %r, expected %s" % (x, known[x], p)
    if e.get("family") and worst <= 1:
        name = (answer.get("family") or {}).get("name")
        if name != e["family"]:
            return "loose", "family %s, expected %s" % (name, e["family"])
    return ("ok", "") if worst <= 1 else ("loose", detail)


def run(maxent, text, timeout):
    try:
        r = subprocess.run([maxent, "solve", "-", "--json", "--threads", "1"], input=text.encode(), capture_output=True, timeout=timeout)
    except subprocess.TimeoutExpired:
        return None, None, "no answer in %g s" % timeout
    try:
        answer = json.loads(r.stdout or b"{}", parse_constant=lambda w: None)
    except ValueError:
        return r.returncode, None, "output is no JSON"
    return r.returncode, answer, r.stderr.decode(errors="replace").strip().split("\n")[0][-120:]


def outcome_of(maxent, case, timeout):
    code, answer, words = run(maxent, case["text"], timeout)
    if code is None:
        return "hang", words
    if code < 0 or code > 5 or answer is None:
        return "crash", "status %d, %s" % (code, words)
    if code in (1, 2):
        return ("ok", "") if "refused" in [case["expected"]["verdict"]] else ("open", "refused: " + words)
    return judge(case, code, answer)


def main():
    a = argparse.ArgumentParser()
    a.add_argument("maxent", nargs="?", default=os.environ.get("MAXENT", "maxent")); a.add_argument("cases", nargs="?", default=os.path.join(HERE, "continuous.json"))
    a.add_argument("--only"); a.add_argument("--quick", action="store_true"); a.add_argument("--timeout", type=float, default=20)
    a.add_argument("--verbose", action="store_true"); a.add_argument("--known", default=os.path.join(HERE, "continuous_known.txt"))
    o = a.parse_args()
    known = {}
    if os.path.exists(o.known):
        for line in open(o.known, encoding="utf-8"):
            if line.strip() and not line.startswith("#"):
                id, _, reason = line.strip().partition(" ")
                known[id] = reason.strip()
    count, failed = {}, 0
    for n, case in enumerate(json.load(open(o.cases))["cases"]):
        id = case["id"]
        if o.only and o.only not in id or o.quick and (n % 3 or id in known):
            continue
        outcome, detail = outcome_of(o.maxent, case, o.timeout)
        count[outcome] = count.get(outcome, 0) + 1
        if id in known and outcome != "ok":
            print("known    %-40s %s (%s)" % (id, known[id], outcome), flush=True)
        elif outcome != "ok" or id in known or o.verbose:
            print("%-8s %-40s %s" % (outcome, id, detail or ("is mended: strike it off the list" if id in known else "")), flush=True)
        failed += (outcome != "ok") != (id in known)
    total = sum(count.values())
    print("%d of %d ok%s" % (count.get("ok", 0), total, "".join(", %d %s" % (v, k) for k, v in sorted(count.items()) if k != "ok")))
    print("%d passed, %d failed" % (total - failed, failed))
    sys.exit(0 if failed == 0 and total else 1)


if __name__ == "__main__":
    main()
