#!/usr/bin/env python3
"""Makes finite.json: small hard problems on finite supports with answers from exact.py (rationals and 80 digits). Run by hand:

    python3 -m venv v && v/bin/pip install mpmath gmpy2 && v/bin/python generate.py > finite.json      (about ten minutes, fixed seeds)

Each case: id; vars; states (lists of doubles, or {"first", "step", "count"} for first + step * j); prior; facts, each with f (an
expression over vars) or row (feature values), or text (a whole statement, with the row that makes it linear), and target, or
lower/upper, or target and sd. States, priors and rows are exactly the printed doubles and expressions are exact in them.

A target that is not a double stands for every number within half an ulp of its double: `expected.verdict` is that of the decimal as
written, and where the double itself, or another number in that box, would be judged differently and a careful solver could be
excused, `acceptable` lists those verdicts too. Entropy in nats, lambda with p = q exp(-lambda f) / Z. `*_half_ulp`: first-order
change of the answer when every target moves by half an ulp. p: all states, or p_sample {index: p} when there are many.
"""
import json, math, random, re, sys
from gmpy2 import mpq
from mpmath import mp, mpf, nstr, matrix, lu_solve
import mpmath
from exact import solve, to_mp, INF

CASES, SEEN = [], set()
R = random.Random(20250)


def Q(v):
    """The exact value of a double."""
    a, b = float(v).as_integer_ratio()
    return mpq(a, b)


def decimal(text):
    """The exact value of a decimal as written."""
    m = re.fullmatch(r"(-?)(\d*)\.?(\d*)(?:[eE]([-+]?\d+))?", text)
    sign, whole, part, power = m.groups()
    v = mpq(int((whole + part) or "0"), 1) * mpq(10) ** (int(power or 0) - len(part))
    return -v if sign else v


def short(v):
    return repr(float(v))


def half_ulp(text):
    """Half the spacing of doubles at the target; 0 when the decimal is a double."""
    return mpq(0) if decimal(text) == Q(float(text)) else Q(math.ulp(float(text))) / 2


TRANSCENDENT = re.compile(r"\b(log|exp|sqrt|sin|cos|atan|erf|log2|log10|tanh)\b")


def evaluate(f, names, state):
    """The exact value of an expression at a state: rational when it has no log and the like, else mpf."""
    text = re.sub(r"(?<![\w.])(\d+\.?\d*(?:e[-+]?\d+)?)", r'N("\1")', f)
    text = re.sub(r"(?<![<>!])=", "==", text.replace("^", "**")).replace("<==", "<=").replace(">==", ">=").replace("!==", "!=")
    text = re.sub(r'\*\*N\("(\d+)"\)', r"**\1", text)
    number = to_mp if TRANSCENDENT.search(f) else (lambda v: v)

    def T(k, x):
        a, b = mpq(1), x
        for _ in range(int(k)):
            a, b = b, 2 * x * b - a
        return a

    space = {"N": lambda s: number(Q(float(s))), "abs": abs, "min": min, "max": max, "T": T, "floor": lambda v: mpq(math.floor(v)),
             "sign": lambda v: (v > 0) - (v < 0)}
    for name in ("log", "exp", "sqrt", "sin", "cos", "atan", "erf", "tanh", "log10"):
        space[name] = getattr(mpmath, name)
    space["log2"] = lambda v: mpmath.log(v) / mpmath.log(2)
    for name, v in zip(names, state):
        space[name] = number(Q(v))
    v = eval(text, {"__builtins__": {}}, space)
    return mpq(int(v)) if isinstance(v, (bool, int)) else v


def listed(states):
    if isinstance(states, dict):
        return [[states["first"] + states["step"] * j] for j in range(states["count"])]
    return states


def eq(f, target, **more):
    return dict(f=f, target=target if isinstance(target, str) else short(target), **more)


def row(values, target):
    return dict(row=[float(v) for v in values], target=target if isinstance(target, str) else short(target))


def between(f, lower, upper):
    return dict(f=f, lower=None if lower is None else short(lower), upper=None if upper is None else short(upper))


def soft(f, target, sd):
    return dict(f=f, target=short(target), sd=short(sd))


def add(id, states, facts, prior=None, vars=("x",), lp=None, strict=None, digits=80, accept=(), note=None):
    """Solves a case and appends it. lp: by default for at most 40 states with rational rows. strict: the only verdict to accept."""
    assert id not in SEEN, id
    SEEN.add(id)
    facts = [dict(f) for f in facts]
    mp.dps = digits
    if not isinstance(states, dict):
        states = [[float(v) for v in (s if isinstance(s, (list, tuple)) else [s])] for s in states]
    points = listed(states)
    n = len(points)
    rows = []
    for f in facts:
        if "row" in f:
            rows.append([Q(v) for v in f["row"]])
        else:
            rows.append([evaluate(f["f"], vars, s) for s in points])
    rational = all(isinstance(v, type(mpq(1))) for r in rows for v in r)
    if lp is None:
        lp = n <= 40
    lp = lp and rational
    prior_exact = [Q(v) for v in prior] if prior else None

    def kinds(exact):
        value = (lambda t: None if t is None else decimal(t)) if exact else (lambda t: None if t is None else Q(float(t)))
        return [("soft", value(f["target"]), value(f["sd"])) if "sd" in f else ("eq", value(f["target"])) if "target" in f
                else ("in", value(f["lower"]), value(f["upper"])) for f in facts]

    box = [max([half_ulp(f[w]) for w in ("target", "lower", "upper") if f.get(w)] or [mpq(0)]) if "sd" not in f else mpq(0)
           for f in facts]
    written, exact_doubles = solve(n, prior_exact, rows, kinds(True), lp), None
    if written is None:
        print("no answer for", id, file=sys.stderr)
        return
    acceptable = set(accept)
    if any(box):
        exact_doubles = solve(n, prior_exact, rows, kinds(False), lp)
        if lp and not strict:
            if exact_doubles:
                acceptable.add(exact_doubles["verdict"])
            acceptable.add(solve(n, prior_exact, rows, kinds(True), lp, box)["verdict"])
            if len(acceptable | {written["verdict"]}) > 1:  # between an interior and nothing lies a face
                acceptable.add("boundary")
    verdict = strict or written["verdict"]
    acceptable.discard(verdict)
    e = dict(verdict=verdict)
    if acceptable:
        e["acceptable"] = sorted(acceptable)
    if written["verdict"] != "infeasible":
        w = written
        points_p = w["p"]
        e["entropy"] = nstr(w["entropy"], 22)
        if prior:
            e["relative_entropy"] = nstr(w["relative"], 22)
        if n <= 64:
            e["p"] = [nstr(v, 20) if v else "0" for v in points_p]
        else:
            e["p_sample"] = {str(x): nstr(points_p[x], 20) for x in sorted({0, 1, n // 7, n // 3, n // 2, n - 2, n - 1})}
        if w["unique"]:
            e["lambda"] = [nstr(v, 20) for v in w["lam"]]
        if len(w["face"]) < n:
            e["zeros"] = n - len(w["face"])
        moved = [i for i in w["keep"] if box[i]]
        if moved:
            e["entropy_half_ulp"] = nstr(sum(abs(w["lam"][i]) * to_mp(box[i]) for i in moved), 3)
            change = mpf(0)
            columns = {}
            m, H = len(w["keep"]), w["H"]
            unit = [1 / mpmath.sqrt(H[j, j]) for j in range(m)]
            for i in moved:  # d lambda / d target_i, from H with a unit diagonal
                b = matrix(m, 1)
                b[w["keep"].index(i)] = unit[w["keep"].index(i)]
                columns[i] = [v * u for v, u in zip(lu_solve(matrix([[H[a, c] * unit[a] * unit[c] for c in range(m)] for a in range(m)]), b), unit)]
            mean = [sum(to_mp(rows[i][x]) * points_p[x] for x in w["face"]) for i in w["keep"]]
            for x in w["face"]:
                change = max(change, sum(abs(points_p[x] * sum((to_mp(rows[j][x]) - m) * c for j, m, c in zip(w["keep"], mean, columns[i])))
                                         * to_mp(box[i]) for i in moved))
            e["p_half_ulp"] = nstr(change, 3)
            if exact_doubles and exact_doubles["verdict"] == w["verdict"] and abs(exact_doubles["entropy"] - w["entropy"]) > 1e-11:
                e["entropy_of_doubles"] = nstr(exact_doubles["entropy"], 22)
    case = dict(id=id, vars=list(vars), states=states if isinstance(states, dict) else [s if len(s) > 1 else s[0] for s in states],
                facts=facts, expected=e)
    if prior:
        case["prior"] = [float(v) for v in prior]
    if note:
        case["note"] = note
    CASES.append(case)


def image(rows, p):
    """Exact expectations of rows under p, as decimals: p must be dyadic with few bits for them to be doubles."""
    return [sum(Q(v) * w for v, w in zip(r, p)) for r in rows]


def dyadic(n, bits, zeros=()):
    """A random p of multiples of 2^-bits, positive except at zeros."""
    live = [x for x in range(n) if x not in zeros]
    cuts = [1] * len(live)
    for _ in range(2**bits - len(live)):
        cuts[min(int(R.random() ** 2 * len(live)), len(live) - 1)] += 1
    p = [mpq(0)] * n
    for x, c in zip(live, cuts):
        p[x] = mpq(c, 2**bits)
    return p


def exact_text(v):
    """A decimal that is exactly v when v is a double, else the nearest double's."""
    return short(float(v))


def dice():
    die = range(1, 7)
    for m in ("1.5", "2", "3.5", "4.5", "5.5", "1.75", "5.9"):
        add("die_mean_%s" % m, die, [eq("x", m)])
    for k in range(3, 16):
        add("die_mean_6-1e-%d" % k, die, [eq("x", 6 - 10.0 ** -k)])
        if k % 2:
            add("die_mean_1+1e-%d" % k, die, [eq("x", 1 + 10.0 ** -k)])
    add("die_mean_ulp_below_6", die, [eq("x", math.nextafter(6, 0))])
    add("die_mean_ulp_above_1", die, [eq("x", math.nextafter(1, 2))])
    add("die_mean_6", die, [eq("x", "6")])
    add("die_mean_1", die, [eq("x", "1")])
    add("die_mean_ulp_above_6", die, [eq("x", math.nextafter(6, 7))], accept=["boundary"])
    add("die_mean_ulp_below_1", die, [eq("x", math.nextafter(1, 0))], accept=["boundary"])
    for m in ("7", "0.5", "6.001", "6.000000001", "6.0000000000001", "0.999999999", "-6", "1e300", "-1e-300", "1e9"):
        add("die_mean_out_%s" % m, die, [eq("x", m)])
    tenths = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
    add("tenths_mean_0.6", tenths, [eq("x", "0.6")], strict="boundary", note="states and target round alike")
    add("tenths_mean_0.1", tenths, [eq("x", "0.1")], strict="boundary")
    add("tenths_mean_0.35", tenths, [eq("x", "0.35")])
    add("tenths_mean_0.61", tenths, [eq("x", "0.61")])
    add("powers_mean_15.9", [1, 2, 4, 8, 16], [eq("x", "15.9")])
    add("powers_mean_1.0001", [1, 2, 4, 8, 16], [eq("x", "1.0001")])
    add("symmetric_mean_0", range(-3, 4), [eq("x", "0")])
    add("symmetric_mean_tiny", range(-3, 4), [eq("x", "1e-12")])
    add("symmetric_mean_1e-300", range(-3, 4), [eq("x", "1e-300")])
    add("gap_die_mean_in_gap", [1, 2, 1000, 1001], [eq("x", "500")])
    add("gap_die_mean_1000.9999", [1, 2, 1000, 1001], [eq("x", "1000.9999")])
    add("coin_0.9999999999", [0, 1], [eq("x", "0.9999999999")])
    add("coin_1e-12", [0, 1], [eq("x", "1e-12")])
    add("coin_1e-300", [0, 1], [eq("x", "1e-300")], digits=800)
    add("coin_5e-324", [0, 1], [eq("x", "5e-324")], digits=900, accept=["boundary"])
    add("coin_0", [0, 1], [eq("x", "0")])
    add("coin_1", [0, 1], [eq("x", "1")])
    add("coin_-1e-300", [0, 1], [eq("x", "-1e-300")])


def variances():
    die = range(1, 7)
    for a, w in ((2, 0.25), (3, 0.5), (1, 0.125), (5, 0.75)):
        m, s = a + w, (1 - w) * a * a + w * (a + 1) ** 2
        for d, name in ((0, "at"), (1e-3, "in_1e-3"), (1e-6, "in_1e-6"), (1e-9, "in_1e-9"), (-1e-3, "out_1e-3"), (-1e-9, "out_1e-9"),
                        (-1e-12, "out_1e-12")):
            if d in (0, 1e-6, -1e-9) or a in (2, 3):
                add("var_min_mean_%s_%s" % (m, name), die, [eq("x", m), eq("x^2", s + d)])
    for m in (3.5, 2.25, 5.5):
        s = 7 * m - 6
        for d, name in ((0, "at"), (-1e-3, "in_1e-3"), (-1e-9, "in_1e-9"), (1e-3, "out_1e-3"), (1e-9, "out_1e-9")):
            add("var_max_mean_%s_%s" % (m, name), die, [eq("x", m), eq("x^2", s + d)])
    for a in (1, 4, 6):
        add("delta_at_%d" % a, die, [eq("x", float(a)), eq("x^2", float(a * a))])
        add("delta_at_%d_out" % a, die, [eq("x", float(a)), eq("x^2", a * a - 1e-6)])
    # faces of the cyclic polytope: k moments on a lattice; Gale's evenness says which supports are faces
    for name, grid, support in (("k3_1_45", 7, (1, 4, 5)), ("k3_23_7", 7, (2, 3, 7)), ("k4_23_56", 8, (2, 3, 5, 6)), ("k5_1_34_67", 8, (1, 3, 4, 6, 7)),
                                ("k6_23_56_89", 10, (2, 3, 5, 6, 8, 9)), ("k4_1_56_10", 10, (1, 5, 6, 10)), ("k2_far", 12, (1, 12)),
                                ("k8_4_pairs", 12, (1, 2, 4, 5, 7, 8, 10, 11))):
        k = int(name[1])
        p = dyadic(grid, 6, [x for x in range(grid) if x + 1 not in support])
        rows = [[float((x + 1) ** j) for x in range(grid)] for j in range(1, k + 1)]
        t = image(rows, p)
        add("cyclic_%s" % name, range(1, grid + 1), [eq("x^%d" % (j + 1), t[j]) for j in range(k)])
        if k <= 5:
            out = [eq("x^%d" % (j + 1), t[j]) for j in range(k)]
            out[-1] = eq("x^%d" % k, float(t[-1]) * (1 + 1e-9))
            add("cyclic_%s_last_up_1e-9" % name, range(1, grid + 1), out)
            out[-1] = eq("x^%d" % k, float(t[-1]) * (1 - 1e-9))
            add("cyclic_%s_last_down_1e-9" % name, range(1, grid + 1), out)


def offsets():
    for o in (1e3, 1e6, 1e9, -1e9, 1e12):
        add("offset_%g_mean" % o, [o + x for x in range(1, 7)], [eq("x", o + 4.5)])
        add("offset_%g_near" % o, [o + x for x in range(1, 7)], [eq("x", o + 5.9375)])
        add("offset_%g_end" % o, [o + x for x in range(1, 7)], [eq("x", o + 6)])
        add("offset_%g_out" % o, [o + x for x in range(1, 7)], [eq("x", o + 6.5)])
    for o in (1e3, 1e6, 5e7):
        p = dyadic(6, 5)
        xs = [o + x for x in range(1, 7)]
        t = image([xs, [x * x for x in xs]], p)
        add("offset_%g_two_moments" % o, xs, [eq("x", t[0]), eq("x^2", t[1])])
    add("centred_1e9", [1e9 + x for x in range(1, 7)], [eq("x - 1e9", "4.5"), eq("(x - 1e9)^2", "23")])
    for s in (1e-8, 1e8, 1e-150, 1e150, 1e-300, 1e300, 1e-308, 2.0 ** 1020):
        add("scale_%g" % s, [s * x for x in (1, 2, 3)], [eq("x", s * 1.75)])
        add("scale_%g_out" % s, [s * x for x in (1, 2, 3)], [eq("x", s * 3.5)])
    p = dyadic(8, 7)
    xs = [float(x) for x in range(8)]
    for i, (a, b, c) in enumerate(((1e8, 1e-8, 1), (1e-8, 1, 1e8), (1e-100, 1e100, 1))):
        rows = [[a * x for x in xs], [b * x * x for x in xs], [c * (x == 3) for x in xs]]
        t = image(rows, p)
        add("mixed_scales_%d" % i, range(8), [row(r, v) for r, v in zip(rows, t)])
    add("wide_states", [0, 1e-8, 1, 1e8], [eq("x", "1e7")])
    add("wide_states_tiny", [0, 1e-8, 1, 1e8], [eq("x", "1e-9")])
    add("huge_and_small", [-1e300, 0, 1, 1e300], [eq("x", "1")])
    add("max_double", [-1.7e308, 0, 1.7e308], [eq("x", "1e308")])
    add("subnormal", [0, 5e-324, 1e-323, 1.5e-323], [eq("x", "1e-323")], digits=120, accept=["boundary"])


def priors():
    die = range(1, 7)
    for i, q in enumerate(([1, 2, 3, 4, 5, 6], [0.1, 0.2, 0.3, 0.2, 0.1, 0.1], [1e-300, 1, 1, 1, 1, 1], [1e300, 1, 1, 1, 1, 1e-300],
                           [1e-20, 1e-15, 1e-10, 1e-5, 1, 1e5], [5e-324, 1, 1, 1, 1, 1e308])):
        for m in ("3.5", "1.25", "5.75"):
            add("prior_%d_mean_%s" % (i, m), die, [eq("x", m)], prior=q)
        if i in (1, 3):
            add("prior_%d_no_facts" % i, die, [], prior=q)
            add("prior_%d_end" % i, die, [eq("x", "1")], prior=q)
    q = [0, 1, 1, 0, 1, 0]
    for m in ("2", "5", "3", "2.5", "4.999999", "1.5", "5.5", "5.000000001"):
        add("prior_zeros_mean_%s" % m, die, [eq("x", m)], prior=q)
    add("prior_zeros_moments_face", die, [eq("x", "2.5"), eq("x^2", "6.5")], prior=q)
    add("prior_zeros_moments_out", die, [eq("x", "2.5"), eq("x^2", "6.375")], prior=q)
    add("prior_one_state_left", die, [eq("x", "4")], prior=[0, 0, 0, 1, 0, 0], accept=["solved"])
    add("prior_one_state_left_out", die, [eq("x", "4.5")], prior=[0, 0, 0, 1, 0, 0])
    add("prior_tiny_only_way", die, [eq("x", "5.5")], prior=[1, 1, 1, 1, 1e-300, 1e-300])
    add("prior_tiny_end", die, [eq("x", "6")], prior=[1, 1, 1, 1, 1, 1e-300])


def redundant():
    die = range(1, 7)
    add("same_fact_twice", die, [eq("x", "4.5"), eq("x", "4.5")])
    add("fact_and_double", die, [eq("x", "4.5"), eq("2*x", "9")])
    add("fact_and_tenth", die, [eq("x", "4.7"), eq("x/8", "0.5875")], strict="solved", note="4.7 / 8 is 0.5875 in decimals")
    add("fact_and_third", die, [eq("x", "4.5"), eq("3*x", "13.5"), eq("x - 3", "1.5")])
    for d in ("1e-3", "1e-6", "1e-9", "1e-12"):
        add("same_fact_off_by_%s" % d, die, [eq("x", "4.5"), eq("x", 4.5 + float(d))])
        add("double_off_by_%s" % d, die, [eq("x", "4.5"), eq("2*x", 9 - float(d))])
    add("sum_of_two", die, [eq("x", "4.5"), eq("x^2", "22.5"), eq("x + x^2", "27")])
    add("sum_of_two_decimals", die, [eq("x", "4.3"), eq("x^2", "20.9"), eq("x + x^2", "25.2")], strict="solved")
    add("sum_of_two_off", die, [eq("x", "4.3"), eq("x^2", "20.9"), eq("x + x^2", "25.201")])
    add("sum_of_two_off_1e-9", die, [eq("x", "4.3"), eq("x^2", "20.9"), eq("x + x^2", "25.200000001")])
    add("one_is_one", die, [eq("1", "1"), eq("x", "4.5")])
    add("one_is_0.9", die, [eq("1", "0.9"), eq("x", "4.5")])
    add("one_is_1+1e-9", die, [eq("1", "1.000000001"), eq("x", "4.5")])
    add("zero_is_zero", die, [eq("0*x", "0"), eq("x", "4.5")])
    add("zero_is_1e-12", die, [eq("0*x", "1e-12"), eq("x", "4.5")])
    add("constant_7", die, [eq("7 + 0*x", "7")])
    add("all_indicators", die, [eq("x = %d" % i, v) for i, v in enumerate(("0.1", "0.2", "0.1", "0.3", "0.2", "0.1"), 1)], strict="solved")
    add("all_indicators_over", die, [eq("x = %d" % i, v) for i, v in enumerate(("0.1", "0.2", "0.1", "0.3", "0.2", "0.11"), 1)])
    add("all_indicators_over_1e-9", die, [eq("x = %d" % i, v) for i, v in enumerate(("0.1", "0.2", "0.1", "0.3", "0.2", "0.100000001"), 1)])
    add("thirds", [1, 2, 3], [eq("x = 1", "0.3333333333333333"), eq("x = 2", "0.3333333333333333"), eq("x = 3", "0.3333333333333333")],
        strict="solved", note="thirds to double precision: their sum is one ulp short")
    add("thirds_to_5_digits", [1, 2, 3], [eq("x = 1", "0.33333"), eq("x = 2", "0.33333"), eq("x = 3", "0.33333")])
    add("more_facts_than_states", [1, 2, 3], [eq("x", "2"), eq("x^2", "4.5"), eq("x^3", "11"), eq("x^4", "28.5")])
    add("more_facts_than_states_off", [1, 2, 3], [eq("x", "2"), eq("x^2", "4.5"), eq("x^3", "11"), eq("x^4", "28.501")])
    for eps in ("1e-3", "1e-6", "1e-9"):
        e = float(eps)
        p = dyadic(6, 6)
        xs = [float(x) for x in die]
        t = sum(Q(x) * w for x, w in zip(xs, p))
        s = sum((Q(x) + Q(e) * Q(x) * Q(x)) * w for x, w in zip(xs, p))
        add("near_parallel_%s" % eps, die, [eq("x", t), eq("x + %s*x^2" % eps, s)])
        add("near_parallel_%s_out" % eps, die, [eq("x", t), eq("x + %s*x^2" % eps, s + 40 * Q(e))])
    add("near_constant", die, [eq("1 + 1e-9*x", 1 + 4.5e-9)])


def densities():
    return {"flat": lambda u: 1, "ramp": lambda u: 0.1 + u, "bump": lambda u: math.exp(-20 * (u - 0.4) ** 2) + 0.05,
            "two": lambda u: math.exp(-90 * (u - 0.2) ** 2) + 0.6 * math.exp(-120 * (u - 0.75) ** 2) + 0.01}


def powers():
    for name, density in densities().items():
        for n, k, low in ((21, 2, 0), (51, 4, 0), (51, 6, 0), (101, 8, 0), (33, 6, -1), (65, 10, -1), (101, 12, -1)):
            step = (1 - low) / (n - 1)
            xs = [low + step * j for j in range(n)]
            w = [Q(density((x - low) / (1 - low))) for x in xs]
            z = sum(w)
            t = [sum(a * Q(x) ** j for a, x in zip(w, xs)) / z for j in range(1, k + 1)]
            add("powers_%s_%d_on_%d_from_%d" % (name, k, n, low), dict(first=float(low), step=step, count=n),
                [eq("x^%d" % (j + 1), float(v)) for j, v in enumerate(t)], digits=100, lp=False)
        for k in (8, 16, 20):
            n, step = 65, 2 / 64
            xs = [-1 + step * j for j in range(n)]
            w = [Q(density((x + 1) / 2)) for x in xs]
            z = sum(w)
            t = [sum(a * evaluate("T(%d, x)" % j, ["x"], [x]) for a, x in zip(w, xs)) / z for j in range(1, k + 1)]
            add("chebyshev_%s_%d" % (name, k), dict(first=-1.0, step=step, count=n),
                [eq("T(%d, x)" % (j + 1), float(v)) for j, v in enumerate(t)], digits=100, lp=False)
    add("powers_14_on_0..100", dict(first=0.0, step=1.0, count=101), [eq("(x/100)^%d" % j, float(sum(Q(x / 100) ** j for x in range(101)) / 101
        * (1 + (j == 2) * mpq(1, 1000)))) for j in range(1, 4)], lp=False)


def functions():
    add("log_1..50", range(1, 51), [eq("log(x)", "1.5")], lp=False)
    add("log_1..1000", dict(first=1.0, step=1.0, count=1000), [eq("log(x)", "1")], lp=False)
    add("log_and_mean", range(1, 41), [eq("log(x)", "2"), eq("x", "10")], lp=False)
    add("log_and_mean_near_jensen", range(1, 41), [eq("log(x)", "2.29"), eq("x", "10")], lp=False)
    add("exp_0..20", range(0, 21), [eq("exp(x)", "1000")], lp=False)
    add("exp_0..30_tiny", range(0, 31), [eq("exp(x)", "1.0001")], lp=False)
    add("abs_about_3", range(0, 11), [eq("abs(x - 3)", "1.25")])
    add("abs_zero", range(0, 11), [eq("abs(x - 3)", "0")])
    add("tails", range(1, 21), [eq("x > 15", "0.05"), eq("x", "8")])
    add("tail_certain", range(1, 21), [eq("x > 15", "1"), eq("x", "17")])
    add("tail_certain_mean_out", range(1, 21), [eq("x > 15", "1"), eq("x", "15.5")])
    add("tail_zero", range(1, 21), [eq("x > 15", "0"), eq("x", "12")])
    add("tail_1.5", range(1, 21), [eq("x > 15", "1.5")])
    add("tail_negative", range(1, 21), [eq("x > 15", "-0.001")])
    add("sqrt_mean", range(0, 26), [eq("sqrt(x)", "3"), eq("x", "11")], lp=False)
    add("sqrt_mean_variance_tiny", range(0, 26), [eq("sqrt(x)", "3.31"), eq("x", "11")], lp=False)
    add("max_min", range(1, 13), [eq("max(x, 7)", "8"), eq("min(x, 7)", "5.5")])
    add("poisson_like", range(0, 41), [eq("x", "7"), eq("x*log(x + 1)", "16")], lp=False)
    add("sin_cos", dict(first=0.0, step=0.125, count=50), [eq("sin(x)", "0.5"), eq("cos(x)", "0.25")], lp=False)
    add("atan_fact", range(-10, 11), [eq("atan(x)", "0.7")], lp=False)


def table(id, shape, margins, targets, prior=None, **more):
    """All one-way (or given) margins of a table: vars a, b, c; margins: list of variable index tuples; targets: dict by cell."""
    names = "abc"[:len(shape)]
    states = [[]]
    for s in shape:
        states = [t + [float(v)] for t in states for v in range(s)]
    facts = []
    for m, cells in zip(margins, targets):
        for cell, t in cells:
            facts.append(eq(" and ".join("%s = %d" % (names[v], c) for v, c in zip(m, cell)) if len(m) > 1 else "%s = %d" % (names[m[0]], cell[0]), t))
    for f in facts:  # evaluate by hand: `and` is not Python's on rationals
        terms = [t.split(" = ") for t in f["f"].split(" and ")]
        f["row"] = [float(all(s[names.index(a)] == float(b) for a, b in terms)) for s in states]
        f["text"] = "P[%s] = %s" % (f.pop("f"), f["target"])
    add(id, states, facts, prior=prior, vars=list(names), **more)


def one_way(values):
    return [((i,), v) for i, v in enumerate(values)]


def tables():
    M = [(0,), (1,)]
    table("table_2x2", (2, 2), M, [one_way(("0.3", "0.7")), one_way(("0.6", "0.4"))], strict="solved")
    table("table_2x2_seed", (2, 2), M, [one_way(("0.3", "0.7")), one_way(("0.6", "0.4"))], prior=[1, 2, 3, 4], strict="solved")
    table("table_2x3_seed", (2, 3), M, [one_way(("0.25", "0.75")), one_way(("0.5", "0.375", "0.125"))], prior=[1, 2, 3, 4, 5, 6])
    table("table_3x3_decimals", (3, 3), M, [one_way(("0.2", "0.3", "0.5")), one_way(("0.1", "0.3", "0.6"))], prior=[8, 17, 15, 9, 8, 21, 1, 8, 13],
          strict="solved")
    table("table_4x4", (4, 4), M, [one_way(("0.1", "0.2", "0.3", "0.4")), one_way(("0.4", "0.35", "0.15", "0.1"))], strict="solved",
          prior=[1 + (7 * i) % 11 for i in range(16)])
    table("table_3x3_margins_clash_1e-3", (3, 3), M, [one_way(("0.2", "0.3", "0.5")), one_way(("0.1", "0.3", "0.601"))])
    table("table_3x3_margins_clash_1e-9", (3, 3), M, [one_way(("0.2", "0.3", "0.5")), one_way(("0.1", "0.3", "0.600000001"))])
    table("table_3x3_margin_zero", (3, 3), M, [one_way(("0.25", "0.75", "0")), one_way(("0.5", "0.25", "0.25"))])
    table("table_2x2_margin_negative", (2, 2), M, [one_way(("-0.25", "1.25")), one_way(("0.5", "0.5"))])
    # structural zeros: the prior forbids cells
    table("zeros_3x3_solved", (3, 3), M, [one_way(("0.25", "0.5", "0.25")), one_way(("0.25", "0.25", "0.5"))], prior=[0, 1, 1, 1, 0, 1, 1, 1, 1])
    table("zeros_3x3_triangle", (3, 3), M, [one_way(("0.25", "0.5", "0.25")), one_way(("0.25", "0.5", "0.25"))], prior=[1, 0, 0, 1, 1, 0, 1, 1, 1])
    table("zeros_3x3_propagates", (3, 3), M, [one_way(("0.5", "0.25", "0.25")), one_way(("0.5", "0.375", "0.125"))], prior=[1, 0, 0, 1, 1, 1, 1, 1, 1])
    table("zeros_3x3_infeasible", (3, 3), M, [one_way(("0.625", "0.25", "0.125")), one_way(("0.5", "0.375", "0.125"))], prior=[1, 0, 0, 1, 1, 1, 1, 1, 1])
    table("zeros_3x3_infeasible_1e-9", (3, 3), M, [one_way((0.5 + 2.0 ** -30, 0.25 - 2.0 ** -30, "0.25")), one_way(("0.5", "0.375", "0.125"))],
          prior=[1, 0, 0, 1, 1, 1, 1, 1, 1])
    table("zeros_3x3_barely", (3, 3), M, [one_way((0.5 - 2.0 ** -30, 0.25 + 2.0 ** -30, "0.25")), one_way(("0.5", "0.375", "0.125"))],
          prior=[1, 0, 0, 1, 1, 1, 1, 1, 1])
    table("zeros_4x4_blocks", (4, 4), M, [one_way(("0.25",) * 4), one_way(("0.25",) * 4)], prior=[1, 2, 0, 0, 3, 1, 0, 0, 0, 0, 5, 1, 0, 0, 1, 1])
    table("zeros_4x4_blocks_clash", (4, 4), M, [one_way(("0.25",) * 4), one_way(("0.5", "0.25", "0.125", "0.125"))],
          prior=[1, 2, 0, 0, 3, 1, 0, 0, 0, 0, 5, 1, 0, 0, 1, 1])
    table("zeros_4x4_chain", (4, 4), M, [one_way(("0.125", "0.375", "0.25", "0.25")), one_way(("0.125", "0.375", "0.25", "0.25"))],
          prior=[1, 0, 0, 0, 1, 1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 1], note="triangular: one row after the other is forced onto the diagonal")
    table("zeros_permutation", (3, 3), M, [one_way(("0.25", "0.25", "0.5")), one_way(("0.5", "0.25", "0.25"))], prior=[0, 1, 1, 0, 0, 1, 1, 0, 0])
    P3 = [(0, 1), (0, 2), (1, 2)]
    for seed in range(4):
        p = dyadic(8, 7)
        cells = lambda m: [((i, j), sum(p[x] for x in range(8) if ((x >> (2 - m[0])) & 1, (x >> (2 - m[1])) & 1) == (i, j)))
                           for i in (0, 1) for j in (0, 1)]
        table("pairs_2x2x2_%d" % seed, (2, 2, 2), P3, [cells(m) for m in P3])
    for seed, zeros in enumerate(((0, 7), (1, 6), (3,), (0, 3, 5, 6), (0, 1), (2, 5, 7))):
        p = dyadic(8, 7, zeros)
        table("pairs_2x2x2_zeros_%d" % seed, (2, 2, 2), P3, [cells(m) for m in P3])
    table("pairs_2x2x2_impossible", (2, 2, 2), P3, [[((0, 0), "0.05"), ((1, 1), "0.05"), ((0, 1), "0.45"), ((1, 0), "0.45")]] * 3)
    for seed in range(3):
        q = dyadic(27, 9)
        three = lambda m: [((i, j), sum(q[x] for x in range(27) if ((x // 3 ** (2 - m[0])) % 3, (x // 3 ** (2 - m[1])) % 3) == (i, j)))
                           for i in range(3) for j in range(3)]
        table("pairs_3x3x3_%d" % seed, (3, 3, 3), P3, [three(m) for m in P3])


def spins():
    def pattern(n):
        return [[1.0 if (x >> (n - 1 - i)) & 1 else -1.0 for i in range(n)] for x in range(2**n)]

    def names(n):
        return ["s%d" % (i + 1) for i in range(n)]

    def pairs(n):
        return [(i, j) for i in range(n) for j in range(i + 1, n)]

    for n in (2, 3, 4, 5):
        for seed in range(2):
            p, S = dyadic(2**n, 8 if n > 2 else 5), pattern(n)
            f = names(n) + ["s%d*s%d" % (i + 1, j + 1) for i, j in pairs(n)]
            t = [sum(w * Q(s[i]) for w, s in zip(p, S)) for i in range(n)] + [sum(w * Q(s[i] * s[j]) for w, s in zip(p, S)) for i, j in pairs(n)]
            add("ising_%d_%d" % (n, seed), S, [eq(a, b) for a, b in zip(f, t)], vars=names(n))
    for n, c in ((3, "-0.9"), (3, "-0.34"), (3, "-0.3333333333333333"), (3, "-0.25"), (4, "-0.34"), (4, "-0.3"), (5, "-0.21"), (5, "-0.2"), (5, "-0.1875")):
        add("frustrated_%d_%s" % (n, c), pattern(n), [eq("s%d*s%d" % (i + 1, j + 1), c) for i, j in pairs(n)], vars=names(n),
            strict="boundary" if (n, c) == (5, "-0.2") else None, note="the least common correlation of n spins is -1/(n-1), or -1/n for odd n")
    add("frustrated_3_half", pattern(3), [eq("s1*s2", "0.5"), eq("s2*s3", "0.5"), eq("s1*s3", "0")], vars=names(3),
        note="s1 s2 + s2 s3 - s1 s3 <= 1 with equality")
    add("frustrated_3_half_over", pattern(3), [eq("s1*s2", "0.5"), eq("s2*s3", "0.5"), eq("s1*s3", -1e-9)], vars=names(3))
    for both, name in (("0.8", "boundary"), ("0.9", "all"), ("0.85", "inside"), ("0.7", "out"), ("0.799999999", "out_1e-9"), ("0.800000001", "in_1e-9")):
        S = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
        add("two_events_%s" % name, S, [eq("a", "0.9"), eq("b", "0.9"), eq("a*b", both)], vars=["a", "b"],
            strict="boundary" if name in ("boundary", "all") else None)
    add("aligned_pair", pattern(3), [eq("s1*s2", "1"), eq("s3", "0.5")], vars=names(3))
    add("all_aligned", pattern(4), [eq("s1*s2", "1"), eq("s2*s3", "1"), eq("s3*s4", "1"), eq("s1", "0.25")], vars=names(4))
    add("all_aligned_clash", pattern(4), [eq("s1*s2", "1"), eq("s2*s3", "1"), eq("s3*s4", "1"), eq("s1*s4", "0.5")], vars=names(4))
    add("strong_field", pattern(4), [eq("s%d" % (i + 1), "0.999999") for i in range(4)], vars=names(4))


def conditionals():
    S = [[float(a), float(b)] for a in (1, 2, 3, 4) for b in (0, 1)]

    def given(text, g, b, value):
        v = Q(float(value))
        rows = [float((Q(float(g(s))) - v) if b(s) else mpq(0)) for s in S]
        assert all(Q(r) == ((Q(float(g(s))) - v) if b(s) else 0) for r, s in zip(rows, S)), text
        return dict(text="%s = %s" % (text, value), row=rows, target="0.0")

    high = lambda s: s[0] > 2
    add("given_prob", S, [given("P[b = 1 | a > 2]", lambda s: s[1] == 1, high, "0.25")], vars=["a", "b"])
    add("given_prob_mean", S, [given("P[b = 1 | a > 2]", lambda s: s[1] == 1, high, "0.25"), eq("a", "3")], vars=["a", "b"])
    add("given_mean", S, [given("E[a | b = 1]", lambda s: s[0], lambda s: s[1] == 1, "3.5"), eq("b", "0.125")], vars=["a", "b"])
    add("given_certain", S, [given("P[b = 1 | a > 2]", lambda s: s[1] == 1, high, "1"), eq("b", "0.5")], vars=["a", "b"])
    add("given_mean_end", S, [given("E[a | b = 1]", lambda s: s[0], lambda s: s[1] == 1, "4"), eq("b", "0.5")], vars=["a", "b"])
    add("given_mean_out", S, [given("E[a | b = 1]", lambda s: s[0], lambda s: s[1] == 1, "4.5"), eq("b", "0.5")], vars=["a", "b"])
    add("given_mean_out_empties", S, [given("E[a | b = 1]", lambda s: s[0], lambda s: s[1] == 1, "4.5")], vars=["a", "b"],
        note="can only hold where b = 1 never happens: p(b = 1) = 0, a boundary as a linear fact")
    add("given_clash", S, [given("P[b = 1 | a > 2]", lambda s: s[1] == 1, high, "0.75"), given("P[b = 1 | a <= 2]", lambda s: s[1] == 1, lambda s: s[0] <= 2, "0.75"),
                           eq("b", "0.5")], vars=["a", "b"])
    add("given_total", S, [given("P[b = 1 | a > 2]", lambda s: s[1] == 1, high, "0.75"), given("P[b = 1 | a <= 2]", lambda s: s[1] == 1, lambda s: s[0] <= 2, "0.25"),
                           eq("b", "0.5")], vars=["a", "b"])


def intervals():
    die = range(1, 7)
    for i, (l, u) in enumerate(((4, 5), (2, 3), (3, 4), (None, 3), (4, None), (None, 4), (3, None), (6, None), (None, 1), (6, 7), (0, 1),
                               (4.5, 4.5), (3.5, 4), (6.5, 7), (None, 0.5), (5.999999999, None), (-1e300, 1e300), (6.000000001, None), (3.4, 3.5))):
        add("interval_mean_%d" % i, die, [between("x", l, u)])
    for i, facts in enumerate((
            [between("x", 4, 5), between("x^2", 15, 16)], [between("x", 4, 5), between("x^2", None, 14)], [between("x", 4, None), between("x^2", None, 16)],
            [between("x", 4, None), between("x^2", None, 17)], [eq("x", "4.5"), between("x^2", 21, 23)], [eq("x", "4.5"), between("x^2", None, 20.5)],
            [eq("x", "4.5"), between("x^2", None, 20.25)], [eq("x", "4.5"), between("x^2", 30, None)], [eq("x", "4.5"), between("x^2", 25.5, None)],
            [eq("x", "4.5"), between("x^2", 25.500000001, None)],
            [between("x = 6", None, 0.25), eq("x", "4.5")], [between("x = 6", None, 0.0), eq("x", "4.5")], [between("x = 6", None, 0.0), eq("x", "5")],
            [between("x = 6", None, 0.0), between("x", 5.25, None)], [between("x > 3", 0.75, None), between("x < 3", 0.125, None)],
            [between("x", 4, None), between("x", None, 4.5)], [between("x", 4.5, None), between("x", None, 4.5)], [between("x", 5, None), between("x", None, 4.5)],
            [between("x", 4, None), between("x", 4.25, None), between("x", 4.5, None)],
            [between("x", 3, None), between("x^2", None, 12), between("x = 1", 0.25, None), between("x = 6", 0.125, 0.25)])):
        add("intervals_%d" % i, die, facts)
    add("interval_prior", die, [between("x", None, 2.5)], prior=[1, 2, 3, 4, 5, 6])
    add("interval_prior_slack", die, [between("x", None, 5)], prior=[1, 2, 3, 4, 5, 6])
    add("interval_prior_zero", die, [between("x", 4.5, None)], prior=[1, 1, 1, 1, 0, 0])
    add("interval_prior_zero_end", die, [between("x", 4, None)], prior=[1, 1, 1, 1, 0, 0])


def softs():
    die = range(1, 7)
    for m in (4.5, 3.5, 6, 7, 100):
        for s in (0.001, 0.1, 10):
            if (m, s) != (100, 0.001):
                add("soft_%g_sd_%g" % (m, s), die, [soft("x", m, s)])
    add("soft_and_hard", die, [eq("x", "4.5"), soft("x^2", 25, 0.5)])
    add("soft_two_clash", die, [soft("x", 4, 0.125), soft("x", 5, 0.25)])
    add("soft_and_hard_clash", die, [eq("x", "4"), soft("x", 5, 0.25)])
    add("soft_and_interval", die, [between("x", None, 4), soft("x", 5, 0.25)])
    add("soft_and_interval_slack", die, [between("x", None, 4.99), soft("x", 4.5, 0.25)])
    add("soft_hard_boundary", die, [eq("x > 4", "0"), soft("x", 5, 0.25)])
    add("soft_hard_infeasible", die, [eq("x", "6.5"), soft("x^2", 20, 1)])
    add("soft_tiny_sd", die, [soft("x", 4.5, 1e-8)])
    add("soft_huge_sd", die, [soft("x", 4.5, 1e8)])
    add("soft_prior_tiny", die, [soft("x", 6, 0.0625)], prior=[1, 1, 1, 1, 1e-20, 1e-20])


def corners():
    add("one_state", [3], [eq("x", "3")], accept=["boundary"])
    add("one_state_no_facts", [3], [], accept=["boundary"])
    add("one_state_wrong", [3], [eq("x", "3.5")])
    add("one_state_zero", [0], [eq("x", "0")], accept=["boundary"])
    twice = [[1.0, 0.0], [1.0, 1.0], [2.0, 2.0], [3.0, 3.0], [3.0, 4.0], [3.0, 5.0]]
    add("duplicates_mean", twice, [eq("x", "1.75")], vars=["x", "y"])
    add("duplicates_end", twice, [eq("x", "3")], vars=["x", "y"], note="three states share the face equally")
    add("two_states", [0, 1], [eq("x", "0.125"), eq("x^2", "0.125")])
    add("two_states_clash", [0, 1], [eq("x", "0.125"), eq("x^2", "0.25")])
    add("no_facts_100", dict(first=1.0, step=1.0, count=100), [], lp=False)
    for n in (1000, 5000, 20000):
        add("large_mean_%d" % n, dict(first=1.0, step=1.0, count=n), [eq("x", float(n // 8))], lp=False, digits=40)
        add("large_mean_%d_near_end" % n, dict(first=1.0, step=1.0, count=n), [eq("x", float(n - 1.5))], lp=False, digits=40)
    add("large_two_moments", dict(first=0.0, step=1.0, count=2000), [eq("x", "700"), eq("x^2", "600000")], lp=False, digits=40)
    add("large_three", dict(first=0.0, step=0.001, count=3000), [eq("x", "1.25"), eq("x^2", "2"), eq("x > 2", "0.1875")], lp=False, digits=40)
    add("large_mean_ulp", dict(first=1.0, step=1.0, count=1000), [eq("x", math.nextafter(1000, 0))], lp=False, digits=60)


def nested():
    S = [[float(a), float(b), float(c)] for a in range(4) for b in range(4) for c in range(2)]
    v = ["x", "y", "z"]
    add("nested_two", S, [eq("x", "3"), eq("x*y", "9")], vars=v)
    add("nested_three", S, [eq("x", "3"), eq("y", "0"), eq("z", "1")], vars=v)
    add("nested_slope_1e-6", S, [eq("x", "3"), eq("y - 1e-6*x", -3e-6)], vars=v)
    add("nested_then_mean", S, [eq("x + y", "6"), eq("z", "0.25")], vars=v)
    add("nested_then_out", S, [eq("x + y", "6"), eq("x*y", "8.5")], vars=v)
    add("nested_given_face", S, [eq("x", "3"), eq("(x = 3)*(y > 1)", "1"), eq("y", "2.75"), eq("z", "0.5")], vars=v)
    add("nested_pair_sum", S, [eq("x + y", "0.25"), eq("x*y", "0"), eq("x^2 + y^2", "0.25")], vars=v)
    add("nested_edges", S, [eq("x*(3 - x)", "0"), eq("y*(3 - y)", "0"), eq("x*y", "4.5"), eq("x", "1.5")], vars=v)
    add("nested_edges_tight", S, [eq("x*(3 - x)", "0"), eq("y*(3 - y)", "0"), eq("x*y", "4.5"), eq("x", "1.5"), eq("y", "1.5")], vars=v)
    add("nested_edges_out", S, [eq("x*(3 - x)", "0"), eq("y*(3 - y)", "0"), eq("x*y", "4.500001"), eq("x", "1.5"), eq("y", "1.5")], vars=v)
    for d in (1e-3, 1e-6, 1e-9):
        add("nested_near_%g" % d, S, [eq("x", 3 - d), eq("y", d), eq("x*y", 3 * d - d * d)], vars=v)


def clashes():
    """k facts of which every k - 1 can be met, and all together miss by a margin; and the same just met, and just inside."""
    for k in (2, 3, 4, 5, 6):
        for margin in (0.25, 1e-3, 1e-6, 1e-9):
            n = k + 5
            # random integer rows, then the last makes a d.f with minimum 0 on at least k states: f_k = g - sum of the others, g >= 0
            rows = [[float(R.randint(-4, 4)) for _ in range(n)] for _ in range(k - 1)]
            g = [float(max(0, x - k + 1)) for x in range(n)]
            rows.append([gx - sum(r[x] for r in rows) for x, gx in enumerate(g)])
            p = dyadic(n, 5, range(k, n))
            t = image(rows, p)
            add("clash_%d_by_%g" % (k, margin), range(n), [row(r, v) for r, v in zip(rows, t[:-1] + [t[-1] - Q(margin)])])
            if margin in (1e-3, 1e-9):
                add("clash_%d_just_in_%g" % (k, margin), range(n), [row(r, v) for r, v in zip(rows, t[:-1] + [t[-1] + Q(margin)])])
            if margin == 0.25:
                add("clash_%d_exactly" % k, range(n), [row(r, v) for r, v in zip(rows, t)])


def mixtures():
    for seed in range(40):
        n, k = R.randint(4, 16), R.randint(1, 7)
        rows = [[float(R.choice((0, 1)) if R.random() < 0.3 else R.randint(-5, 9)) * 10.0 ** (R.randint(-3, 3) if seed % 4 == 3 else 0)
                 for _ in range(n)] for _ in range(k)]
        zeros = R.sample(range(n), R.randint(1, n // 2)) if seed % 2 else ()
        t = image(rows, dyadic(n, 8, zeros))
        if seed % 8 == 5:
            t[0] += (max(rows[0]) - min(rows[0])) * Q(R.choice((1e-9, 1e-3, 0.25)))
        prior = [R.choice((1, 2, 0.5, 1e-6, 1e6)) for _ in range(n)] if seed % 3 == 1 else None
        facts = [row(r, v) for r, v in zip(rows, t)]
        if seed % 5 == 4 and k > 1:
            v = float(facts[-1].pop("target"))
            facts[-1].update(lower=short(v - 0.5), upper=short(v + 0.25))
        add("mixture_%02d" % seed, range(n), facts, prior=prior)


def faces():
    """Random polytopes with many ties: p on a face, just inside it, just outside it, on a vertex, on an edge; exact doubles throughout."""
    for seed in range(24):
        n, k = R.randint(8, 28), R.randint(2, 8)
        rows = [[float(R.randint(0, 2 + 3 * (seed % 3 == 0))) for _ in range(n)] for _ in range(k)]
        if seed % 4 == 2:
            rows = [[v * 2.0 ** R.choice((-20, 0, 20)) for v in r] for r in rows]
        d = [R.randint(-2, 2) or 1 for _ in range(k)]
        height = [sum(Q(a) * Q(r[x]) for a, r in zip(d, rows)) for x in range(n)]
        low = min(height)
        face = [x for x in range(n) if height[x] == low]
        on = dyadic(n, 8, [x for x in range(n) if x not in face]) if len(face) > 1 else [mpq(x == face[0]) for x in range(n)]
        inner = dyadic(n, 8)
        prior = [R.choice((1, 1, 3, 2.0 ** -30, 1e9)) for _ in range(n)] if seed % 3 == 1 else None
        for name, e in (("on", 0), ("in_2^-12", mpq(1, 2**12)), ("in_2^-30", mpq(1, 2**30)), ("out_2^-12", -mpq(1, 2**12)), ("out_2^-30", -mpq(1, 2**30))):
            if name in ("on", "in_2^-30") or seed % 3 == 0 or (seed + len(name)) % 3 == 0:
                p = [a + e * (b - a) for a, b in zip(on, inner)]
                add("face_%02d_%s" % (seed, name), range(n), [row(r, t) for r, t in zip(rows, image(rows, p))], prior=prior)
    for seed in range(6):  # far from full rank, some of the facts by a hair inconsistent
        n, k = 12, 9
        base = [[float(R.randint(-3, 6)) for _ in range(n)] for _ in range(3)]
        rows = base + [[float(a * base[0][x] + b * base[1][x] + c * base[2][x] + e) for x in range(n)]
                       for a, b, c, e in ([R.randint(-3, 3) for _ in range(4)] for _ in range(k - 3))]
        t = image(rows, dyadic(n, 7))
        if seed % 3 == 2:
            t[-1] += mpq(1, 2**R.choice((10, 25, 33)))
        add("rank_3_of_9_%d" % seed, range(n), [row(r, v) for r, v in zip(rows, t)])


def larger():
    """More facts, and more states than a linear program over the rationals likes: interior by construction."""
    for seed, (n, k) in enumerate(((60, 20), (60, 30), (100, 40), (200, 12), (64, 50), (40, 38))):
        rows = [[float(R.randint(-50, 50)) for _ in range(n)] for _ in range(k)]
        add("larger_%dx%d" % (n, k), range(n), [row(r, v) for r, v in zip(rows, image(rows, dyadic(n, 10)))], lp=False)
    for seed in range(3):
        n, k = 80, 10
        rows = [[round(math.exp(R.gauss(0, 1.5)) * 1024) / 1024 * 10.0 ** R.choice((-3, 0, 3)) for _ in range(n)] for _ in range(k)]
        add("heavy_tails_%d" % seed, range(n), [row(r, v) for r, v in zip(rows, image(rows, dyadic(n, 9)))], lp=False)


def lattices():
    """Two to four moments of long lattices, at, just inside and just outside the smallest variance that a lattice allows."""
    for n, a, w in ((101, 37, 0.25), (101, 99, 0.5), (33, 7, 0.125)):
        m, s = a + w, (1 - w) * a * a + w * (a + 1) ** 2
        for name, e in (("at", 0), ("in_2^-10", 2.0 ** -10), ("in_2^-24", 2.0 ** -24), ("out_2^-24", -2.0 ** -24)):
            if n == 33 or name != "at":
                add("lattice_%d_var_min_%s_%d" % (n, name, a), dict(first=0.0, step=1.0, count=n), [eq("x", m), eq("x^2", s + e)],
                    lp=n == 33 or name[0] == "o")
    for n, support in ((33, (4, 5, 20, 21)), (33, (0, 11, 12, 32)), (25, (3, 4, 24))):
        p = dyadic(n, 6, [x for x in range(n) if x not in support])
        inner = [mpq(1, n)] * n
        k = 4 if len(support) == 4 else 3
        rows = [[float(x) ** j for x in range(n)] for j in range(1, k + 1)]
        add("lattice_%d_%s" % (n, "_".join(map(str, support))), dict(first=0.0, step=1.0, count=n),
            [eq("x^%d" % (j + 1), v) for j, v in enumerate(image(rows, p))], lp=True)
        mixed = [a * (1 - mpq(1, 2**20)) + b * mpq(1, 2**20) for a, b in zip(p, dyadic(n, 8))]
        add("lattice_%d_%s_in_2^-20" % (n, "_".join(map(str, support))), dict(first=0.0, step=1.0, count=n),
            [eq("x^%d" % (j + 1), v) for j, v in enumerate(image(rows, mixed))], lp=False)


def wide_tables():
    """5 x 5 tables with random structural zeros and margins of a p that may be zero elsewhere too; 6 spins on few patterns."""
    for seed in range(16):
        shape = (5, 5) if seed % 2 else (4, 6)
        n = shape[0] * shape[1]
        holes = R.sample(range(n), R.randint(3, n // 2))
        p = dyadic(n, 9, set(holes) | set(R.sample(range(n), R.randint(0, n // 3) if seed % 3 else 0)))
        margins = [[((i,), sum(p[i * shape[1] + j] for j in range(shape[1]))) for i in range(shape[0])],
                   [((j,), sum(p[i * shape[1] + j] for i in range(shape[0]))) for j in range(shape[1])]]
        if seed % 5 == 4:
            margins[0][0] = ((0,), margins[0][0][1] + mpq(1, 2**30))
        table("wide_table_%02d" % seed, shape, [(0,), (1,)], margins, prior=[0 if x in holes else R.choice((1, 2, 5)) for x in range(n)])
    S = [[1.0 if (x >> (4 - i)) & 1 else -1.0 for i in range(5)] for x in range(32)]
    names = ["s%d" % (i + 1) for i in range(5)]
    pairs = [(i, j) for i in range(5) for j in range(i + 1, 5)]
    for seed, atoms in enumerate((2, 4, 8, 12, 16, 24)):
        p = dyadic(32, 8, R.sample(range(32), 32 - atoms))
        e = mpq(1, 2**26) if seed % 2 else 0
        p = [a * (1 - e) + b * e for a, b in zip(p, dyadic(32, 8))]
        t = [sum(w * Q(s[i]) for w, s in zip(p, S)) for i in range(5)] + [sum(w * Q(s[i] * s[j]) for w, s in zip(p, S)) for i, j in pairs]
        add("ising_5_of_%d_patterns%s" % (atoms, "_in" if e else ""), S,
            [eq(a, b) for a, b in zip(names + ["s%d*s%d" % (i + 1, j + 1) for i, j in pairs], t)], vars=names)


def bands():
    """Random mixtures of equalities, two- and one-sided intervals and soft facts; some degenerate (a bound exactly at the free answer)."""
    for seed in range(30):
        n, k = R.randint(5, 12), R.randint(2, 5)
        rows = [[float(R.randint(-4, 6)) for _ in range(n)] for _ in range(k)]
        t = image(rows, dyadic(n, 6, R.sample(range(n), 2) if seed % 4 == 3 else ()))
        free = image(rows, [mpq(1, n)] * n)
        facts = []
        for i, (r, v) in enumerate(zip(rows, t)):
            v, kind = float(v), R.randint(0, 5)
            f = dict(row=r)
            if kind == 0 or (i == 0 and seed % 2):
                f.update(target=short(v))
            elif kind == 1:
                f.update(target=short(v + R.choice((-1, 0, 2))), sd=short(R.choice((0.001, 0.25, 4))))
            elif kind == 2:
                f.update(lower=None, upper=short(v + R.choice((0, 0.125, 1e-6, 3))))
            elif kind == 3:
                f.update(lower=short(v - R.choice((0, 0.125, 1e-6, 3))), upper=None)
            elif kind == 4:
                f.update(lower=short(v - 0.25), upper=short(v + 0.5))
            else:
                f.update(lower=None, upper=short(float(free[i])))
            facts.append(f)
        add("bands_%02d" % seed, range(n), facts, prior=[R.choice((1, 4, 1e-8)) for _ in range(n)] if seed % 3 == 2 else None)


# Answers that no vector of doubles p meets to 1e-12 of the scale, with what is met and why.
LIMITS = {
    "face_07_in_2^-30": (1e-10, "probabilities of 1e-10 hang on sums of terms of size 1, whose rounding is 1e-16"),
    "bands_05": (1e-10, "multipliers of 1e6 on features of size 1: log p is known to 1e-10"),
}


def main():
    wanted = sys.argv[1:]
    for part in (dice, variances, offsets, priors, redundant, functions, tables, spins, conditionals, intervals, softs, corners, nested, clashes,
                 mixtures, powers, faces, larger, lattices, wide_tables, bands):
        if not wanted or part.__name__ in wanted:
            R.seed(part.__name__)
            before = len(CASES)
            part()
            print("%s: %d cases" % (part.__name__, len(CASES) - before), file=sys.stderr, flush=True)
    for c in CASES:
        if c["id"] in LIMITS:
            c["residual_limit"], c["residual_note"] = LIMITS[c["id"]]
    print('{"format": "finite cases v1; see generate.py",\n"cases": [')
    print(",\n".join(json.dumps(c) for c in CASES))
    print("]}")


if __name__ == "__main__":
    main()
