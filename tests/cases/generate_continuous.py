#!/usr/bin/env python3
"""Makes continuous.json: problems on continuous and countable supports with answers from continuum.py (mpmath). Run by hand:

    python3 -m venv v && v/bin/pip install mpmath gmpy2 && v/bin/python generate_continuous.py > continuous.json   (some minutes)

Each case: id; text (the problem in the facts language); expected: verdict, acceptable (others that a careful judge excuses), entropy in
nats, slack (what 20 half units in the last place of the targets move it), density [[x, p], ...] at points of one continuous variable or p
of whole numbers, lambda (p = q exp(-lambda f) / Z) with lambda_slack, supremum of an unattained problem, family, note (the argument,
where the answer comes from one instead of from a computation).
"""
import json, math, random, re, sys
from mpmath import mp, mpf, nstr, log, exp, sqrt, pi, gamma, loggamma, digamma, beta, besseli, cos, sin, cosh, erf, inf, zeta, euler, e
import mpmath
from continuum import line, trapezoid, whole, listed, product, facts_at, solve
import narrow
import several_variables

CASES, SEEN = [], set()


def short(v):
    return repr(float(v))


def put(id, text, **expected):
    assert id not in SEEN, id
    SEEN.add(id)
    for k, v in expected.items():
        if isinstance(v, mpf):
            expected[k] = nstr(v, 25)
    CASES.append(dict(id=id, text=text, expected=expected))


def verdict(id, text, what, note, supremum=None, accept=()):
    """An answer by argument."""
    extra = dict(supremum=nstr(mpf(supremum), 25)) if supremum is not None else {}
    if accept:
        extra["acceptable"] = list(accept)
    put(id, text, verdict=what, note=note, **extra)


def add(id, support, facts, measure, lam, at=(), prior=None, verdict="solved", name=None, targets=None, check=True, loose=None):
    """facts: (text of E[...], function). lam: a first guess, or the exact lambda that makes the targets when targets is None.
    prior: (text, log of it). loose: entropy_slack to allow beyond the computed one."""
    features = [f for _, f in facts]
    if targets is None:
        targets = [short(t) if abs(t) > 1e-30 else "0" for t in facts_at(measure, features, lam, prior[1] if prior else None)]
    else:
        targets = [t if isinstance(t, str) else short(t) for t in targets]
    try:
        a = solve(measure, features, [mpf(float(t)) for t in targets], lam, prior[1] if prior else None, check)
    except ArithmeticError as trouble:
        print("no answer for", id, ":", trouble, file=sys.stderr)
        return
    lines = [support] + (["prior " + prior[0]] if prior else [])
    lines += ["%s = %s" % (text if "[" in text else "E[%s]" % text, t) for (text, _), t in zip(facts, targets)]
    ulps = [mpf(math.ulp(float(t))) / 2 for t in targets]
    slack = 20 * sum(abs(l) * u for l, u in zip(a.lam, ulps)) + mpf(loose or 0)
    more = dict(log_z=nstr(a.log_z, 25), features=[re.sub(r"^P\[(.*)\]$", r"(\1)", text) for text, _ in facts], p_slack=float(20 * a.p_slack(ulps)))
    if prior:
        more["prior"] = prior[0]
    if name:
        more["family"] = name
    put(id, "\n".join(lines), verdict=verdict, entropy=nstr(a.entropy, 25), slack=float(slack), lambdas=[nstr(l, 20) for l in a.lam], **more)
    print("%-40s H %s" % (id, nstr(a.entropy, 12)), file=sys.stderr, flush=True)


X, LOG = ("x", lambda x: x), ("log(x)", lambda x: log(x))
X2, X3, X4, X6 = (("x^%d" % k, lambda x, k=k: x**k) for k in (2, 3, 4, 6))


def power(k):
    return ("x^%d" % k, lambda x: x**k)


HALF, R, UNIT = "x in [0, inf)", "x in R", "x in [0, 1]"
half = lambda s=1: line([(0, inf, s)])

# ---- exponentials, shifted and scaled
for t in ("1e-8", "1e-3", "2.5", "1e8"):
    v = mpf(float(t))
    add("exponential_" + t, HALF, [X], half(v), [1 / v], [0.1 * float(v), float(v), 5 * float(v)], targets=[t], name="exponential")
for a, m in ((-7, "-5.5"), (1000, "1000.25"), ("1e6", "1000000.5")):
    v = mpf(m) - mpf(a)
    add("exponential_from_%s" % a, "x in [%s, inf)" % a, [X], line([(mpf(a), inf, v)]), [1 / v], [float(m)], targets=[m], name="exponential")
add("exponential_left", "x in (-inf, 2]", [X], line([(-inf, 2, 1)]), [mpf(-1) / 3], [1, -3], targets=["-1"], name="reflected exponential")
for lam, a, b in ((5, 0, 1), (-5, 0, 1), (0.001, 0, 1), (700, 0, 1), (-3, 10, 12), (1e-6, -1e6, 1e6), (1, -1, 400)):
    w = mpf(b) - mpf(a)
    cut = [(a, b)] if abs(lam) * w < 40 else [(a, a + 30 / mpf(lam)), (a + 30 / mpf(lam), b)]
    add("truncated_exponential_%g_%g_%g" % (lam, a, b), "x in [%r, %r]" % (a, b), [X], line(cut), [mpf(lam)], [a + 0.25 * (b - a)])
# ---- normals
for m, s in ((0, 1), ("1e6", "1e-3"), (-3, 1e6), (0, 1e-8), (1e8, 1), (0.1, 0.7)):
    m_, s_ = mpf(float(m)), mpf(float(s))
    v = float(s_) ** 2
    facts = [X, ("(x - %s)^2" % short(m_), lambda x, m_=m_: (x - m_) ** 2)]
    add("normal_central_%s_%s" % (m, s), R, facts, trapezoid(m_, 40 * s_, s_ / 8), [0, 1 / (2 * mpf(v))], [float(m_), float(m_ + 2 * s_)],
        targets=[short(m_), short(v)], name="normal")
for m, s2 in ((3, 4), (-100, 1), (30, 0.01)):
    t2 = mpf(float(m * m + s2))
    v = t2 - mpf(m) ** 2
    add("normal_raw_%g_%g" % (m, s2), R, [X, X2], trapezoid(m, 40 * sqrt(v), sqrt(v) / 8), [-m / v, 1 / (2 * v)], [m, m + 1], targets=[m, short(t2)], name="normal")
# ---- gamma and relatives
for a, b in ((0.05, 1), (0.5, 3), (3, 1e-6), (40, 2), (1000, 1)):
    a, b = mpf(a), mpf(b)
    pieces = [(0, a / b / 2), (a / b / 2, 2 * a / b), (2 * a / b, inf, a / b)] if a < 100 else [(a - 14 * sqrt(a), a - 3 * sqrt(a)), (a - 3 * sqrt(a), a + 3 * sqrt(a)), (a + 3 * sqrt(a), a + 14 * sqrt(a)), (a + 14 * sqrt(a), inf, sqrt(a)), (0, a - 14 * sqrt(a))]
    add("gamma_%g_%g" % (a, b), HALF, [X, LOG], line(pieces), [b, 1 - a], [float(a / b), float(2 * a / b)], name="gamma" if a != 1 else None)
for a, b in ((2.5, 1), (0.7, 3)):
    add("inverse_gamma_%g_%g" % (a, b), HALF, [("1/x", lambda x: 1 / x), LOG], line([(0, b), (b, inf, b)]), [mpf(b), mpf(a) + 1], [0.5, 2], name="inverse gamma")
add("generalised_inverse_gaussian", HALF, [X, ("1/x", lambda x: 1 / x)], line([(0, 1), (1, inf)]), [mpf(1), mpf(0.5)], [0.5, 2])
add("generalised_inverse_gaussian_log", HALF, [X, ("1/x", lambda x: 1 / x), LOG], line([(0, 1), (1, inf)]), [mpf(1), mpf(0.5), mpf(-2)], [0.5, 2])
for m, s in ((0, 1), (3, 0.25), (-2, 2)):
    c = exp(mpf(m))
    add("lognormal_%g_%g" % (m, s), HALF, [LOG, ("log(x)^2", lambda x: log(x) ** 2)], line([(0, c, c), (c, inf, c)]),
        [1 - mpf(m) / mpf(s) ** 2, 1 / (2 * mpf(s) ** 2)], [float(c)], targets=[m, m * m + s * s], name="lognormal")
for t, a in (("0.25", 1), ("3", 1), ("1.25", 2), ("20", 1)):
    m = mpf(float(t)) - log(mpf(a))
    al = 1 / m
    # log x is exponential: exact
    put("pareto_%s_from_%d" % (t, a), "x in [%d, inf)\nE[log(x)] = %s" % (a, t), verdict="solved", entropy=log(a / al) + 1 + 1 / al,
        slack=1e-12, lambdas=[nstr(al + 1, 20)], family="Pareto", density=[[a * 2.0, nstr(al / a * mpf(2) ** (-al - 1), 20)]])
for c in (0.5, 1.5, 3):
    add("weibull_%g" % c, HALF, [("x^%g" % c, lambda x, c=c: x ** mpf(c)), LOG], line([(0, 1), (1, inf)]), [mpf(1), 1 - mpf(c)], [0.5, 1.5], name="Weibull")
for a, b in ((0.1, 2), (0.5, 3), (30, 1.5), (1000, 700)):
    a, b = mpf(a), mpf(b)
    m, s = a / (a + b), sqrt(a * b / (a + b) ** 3)
    cut = [(0, mpf("0.5")), (mpf("0.5"), 1)] if a + b < 100 else [(0, m - 12 * s), (m - 12 * s, m), (m, m + 12 * s), (m + 12 * s, 1)]
    add("beta_%g_%g" % (a, b), UNIT, [LOG, ("log(1-x)", lambda x: log(1 - x))], line(cut), [1 - a, 1 - b], [float(m), 0.4], name="beta")
t = [short(digamma(mpf(0.1)) - digamma(mpf(0.2)))] * 2
put("beta_0.1_0.1", "x in [0, 1]\nE[log(x)] = %s; E[log(1-x)] = %s" % tuple(t), verdict="solved", slack=1e-12, family="beta",
    entropy=log(beta(mpf(0.1), mpf(0.1))) + 2 * (1 - mpf(0.1)) * mpf(float(t[0])))
add("beta_scaled", "x in [2, 5]", [("log(x-2)", lambda x: log(x - 2)), ("log(5-x)", lambda x: log(5 - x))], line([(2, 3), (3, 5)]), [mpf(-2), mpf(-1)], [3, 4], name="beta")
add("power_function", UNIT, [LOG], line([(0, 1)]), [mpf(-2)], [0.3, 0.9])
# ---- the circle
for kappa, mu in ((0.5, 0), (3, 2), (200, -1)):
    w = 12 / sqrt(mpf(kappa))
    cut = [(-pi, mu), (mu, pi)] if kappa < 50 else [(-pi, mu - w), (mu - w, mu), (mu, mu + w), (mu + w, pi)]
    lo, hi = mpf(-math.pi), mpf(math.pi)
    cut[0], cut[-1] = (lo, cut[0][1]), (cut[-1][0], hi)
    add("von_mises_%g_%g" % (kappa, mu), "x in [%r, %r]" % (-math.pi, math.pi), [("cos(x)", cos), ("sin(x)", sin)], line(cut), [-kappa * cos(mpf(mu)), -kappa * sin(mpf(mu))],
        [mu + 0.1], name="von Mises" if kappa != 0.5 else None)
add("circle_two_harmonics", "x in [-pi, pi]", [("cos(x)", cos), ("sin(x)", sin), ("cos(2*x)", lambda x: cos(2 * x)), ("sin(2*x)", lambda x: sin(2 * x))],
    line([(-mpf(math.pi), 0), (0, mpf(math.pi))]), [mpf(0.3), mpf(-0.2), mpf(2), mpf(0.5)], [0.5, 2], loose=1e-14)
wide = lambda r=12, c=0, h=mpf(1) / 48: trapezoid(c, r, h)
# ---- the line: Laplace and heavier, lighter
for m, b in ((0, 1), (3, "1e-3"), (-2, "1e4"), ("1e6", "1e-3")):
    m_, b_ = mpf(float(m)), mpf(float(b))
    add("laplace_%s_%s" % (m, b), R, [("abs(x - %s)" % short(m_), lambda x, m_=m_: abs(x - m_))], line([(-inf, m_, b_), (m_, inf, b_)]), [1 / b_], [float(m_ + b_)], targets=[b], name="Laplace")
add("laplace_asymmetric", R, [("max(x,0)", lambda x: max(x, mpf(0))), ("max(-x,0)", lambda x: max(-x, mpf(0)))], line([(-inf, 0), (0, inf)]), [mpf(1) / 2, mpf(2)], [-1, 1])
add("laplace_two_centres", R, [("abs(x-1)", lambda x: abs(x - 1)), ("abs(x+1)", lambda x: abs(x + 1))], line([(-inf, -1), (-1, 1), (1, inf)]), [mpf(2), mpf(1)], [0, 2])
add("laplace_mean", R, [("abs(x)", abs), X], line([(-inf, 0), (0, inf)]), [mpf(2), mpf(-1)], [-1, 1])
L2 = ("log(1+x^2)", lambda x: log(1 + x * x))
for nu in (0.4, 1, 2, 30):
    add("student_%g" % nu, R, [L2], line([(-inf, 0, 1), (0, inf, 1)], mpf(1) / 48), [(mpf(nu) + 1) / 2], [0.5, -3], name="Cauchy" if nu == 1 else None)
add("cauchy_shifted", R, [("log(4+(x-7)^2)", lambda x: log(4 + (x - 7) ** 2))], line([(-inf, 7, 2), (7, inf, 2)]), [mpf(1)], [8, 0], name=None)
add("gumbel_std", R, [X, ("exp(-x)", lambda x: exp(-x))], trapezoid(20, 160, mpf(1) / 12), [mpf(1), mpf(1)], [0, 3])
add("gumbel_shape_3", R, [X, ("exp(-x)", lambda x: exp(-x))], trapezoid(8, 60, mpf(1) / 24), [mpf(3), mpf(2)], [0, 1])
add("logistic_std", R, [X, ("log(1+exp(-x))", lambda x: log(1 + exp(-x)))], line([(-inf, 0), (0, inf)]), [mpf(1), mpf(2)], [0, 3], name="logistic", targets=["0", "1"])
add("logistic_type_skew", R, [X, ("log(1+exp(-x))", lambda x: log(1 + exp(-x)))], line([(-inf, 0), (0, inf)]), [mpf(1) / 2, mpf(3)], [0, 3])
add("sech", R, [("log(cosh(x))", lambda x: log(cosh(x)) if abs(x) < 300 else abs(x) - log(2))], line([(-inf, 0), (0, inf)]), [mpf(1)], [0, 2])
add("cosh_fact", R, [("cosh(x)", cosh)], trapezoid(0, 8, mpf(1) / 40), [mpf(1)], [0, 1])
for c, lam in ((4, 1), (6, 0.3), (1.5, 2), (0.5, 1), (3, 1)):
    c_ = mpf(c)
    add("generalised_normal_%g" % c, R, [("abs(x)^%g" % c if c not in (4, 6) else "x^%g" % c, lambda x, c_=c_: abs(x) ** c_)], wide(5, 0, mpf(1) / 96) if c in (4, 6) else line([(-inf, 0), (0, inf)], mpf(1) / 48), [mpf(lam)], [0.5, -1], name="generalised normal")
# ---- power moments on the line: lambda drawn
add("quartic_bimodal", R, [X, X2, X3, X4], wide(6), [mpf(-0.3), mpf(-4), mpf(0.2), mpf(1)], [0, 1.4, -1.4])
add("quartic_bimodal_far", R, [X, X2, X3, X4], trapezoid(0, 8, mpf(1) / 200), [mpf(1) / 8, mpf(-16), mpf(0), mpf(1)], [0, 2.8, -2.8])
add("quartic_even", R, [X2, X4], wide(6), [mpf(-3), mpf(0.5)], [0, 1.7])
add("quartic_flat", R, [X, X2, X3, X4], wide(9), [mpf(0), mpf(0), mpf(0), mpf(0.125)], [0, 2])
add("quartic_skew", R, [X, X2, X3, X4], wide(30, 0, mpf(1) / 24), [mpf(-1), mpf(0.5), mpf(-0.1), mpf(0.01)], [0, 5])
add("sextic_trimodal", R, [power(k) for k in range(1, 7)], trapezoid(0, 5, mpf(1) / 64), [mpf(0.1), mpf(6), mpf(0), mpf(-6), mpf(0), mpf(1.2)], [0, 1.5, -1.5])
add("octic", R, [power(k) for k in range(1, 9)], trapezoid(0, 4, mpf(1) / 96), [mpf(1), mpf(-2), mpf(0.5), mpf(1), mpf(0), mpf(-1), mpf(0), mpf(0.3)], [0, 1.5, -1.5])
add("quartic_shifted_100", R, [X] + [("(x - 100)^%d" % k, lambda x, k=k: (x - 100) ** k) for k in (2, 3, 4)], trapezoid(100, 8, mpf(1) / 48), [mpf(0.5), mpf(-1), mpf(0), mpf(0.25)], [100, 101])
add("kurtosis_1.02", R, [X, X2, X3, X4], trapezoid(0, 3, mpf(1) / 400), [mpf(0), mpf(-52), mpf(0), mpf(26)], [1, -1], targets=["0", "1", "0", "1.02"])
# ---- the half line
add("half_normal", HALF, [X2], half(), [mpf(1) / 2], [1], targets=["1"])
add("half_truncated_normal", HALF, [X, X2], line([(0, 3), (3, inf)]), [mpf(-2), mpf(1) / 2], [1, 3])
add("half_truncated_normal_tail", HALF, [X, X2], half(), [mpf(6), mpf(1) / 2], [0.1, 0.5])
add("half_cubic", HALF, [X, X2, X3], line([(0, 2), (2, inf)]), [mpf(1), mpf(-1.5), mpf(0.5)], [0.5, 2])
add("half_quartic_bimodal", HALF, [X, X2, X3, X4], line([(0, 2), (2, 4), (4, inf)]), [mpf(9), mpf(-9), mpf(3), mpf(0.01)], [0.1, 3])
add("half_stretched", HALF, [("sqrt(x)", lambda x: sqrt(x)), X], half(), [mpf(2), mpf(0.25)], [0.5, 2])
add("half_log1p", HALF, [("log(1+x)", lambda x: log(1 + x))], half(), [mpf(4)], [0.5, 2])
add("half_beta_prime", HALF, [LOG, ("log(1+x)", lambda x: log(1 + x))], line([(0, 1), (1, inf)]), [mpf(-1), mpf(5)], [0.5, 2], name="beta prime")
# ---- bounded: normals, jumps, kinks
for l1, l2, n in ((-10, 10, "u"), (3, -20, "peak_edges"), (-200, 200, "sharp")):
    s = 1 / sqrt(mpf(max(abs(l2), 1)))
    add("unit_normal_%s" % n, UNIT, [X, X2], line([(0, 0.25), (0.25, 0.5), (0.5, 0.75), (0.75, 1)]), [mpf(l1), mpf(l2)], [0.2, 0.5])


def indicator(text, test):
    return ("P[%s]" % text, lambda x: mpf(1) if test(x) else mpf(0))


add("quantiles_three", UNIT, [indicator("x <= 0.2", lambda x: x <= 0.2), indicator("x <= 0.3", lambda x: x <= 0.3), indicator("x <= 0.9", lambda x: x <= 0.9)],
    line([(0, 0.2), (0.2, 0.3), (0.3, 0.9), (0.9, 1)]), [mpf(-1), mpf(0.5), mpf(-2)], [0.1, 0.25, 0.5, 0.95])
add("quantile_and_mean", HALF, [X, indicator("x > 2", lambda x: x > 2)], line([(0, 2), (2, inf)]), [mpf(1), mpf(-1)], [1, 3])
add("tail_of_normal", R, [X, X2, indicator("x > 2", lambda x: x > 2)], line([(-inf, -2), (-2, 2), (2, inf)]), [mpf(0.1), mpf(0.5), mpf(-1.5)], [0, 3])
call = lambda k: ("max(x-%g,0)" % k, lambda x: max(x - k, mpf(0)))
add("option_prices", HALF, [X, call(90), call(100), call(110)], line([(0, 45), (45, 90), (90, 100), (100, 110), (110, inf, 10)]), [mpf(-0.05), mpf(0.1), mpf(0.05), mpf(0.02)], [50, 95, 120])
add("butterfly", UNIT, [("abs(x-0.5)", lambda x: abs(x - mpf(0.5))), ("min(x,0.25)", lambda x: min(x, mpf(0.25)))], line([(0, 0.25), (0.25, 0.5), (0.5, 1)]), [mpf(4), mpf(-6)], [0.2, 0.6])
add("step_count", "x in [0, 4]", [("floor(x)", lambda x: mpf(int(x)))], line([(0, 1), (1, 2), (2, 3), (3, 4)]), [mpf(0.7)], [0.5, 2.5])
add("singular_feature", UNIT, [("x^-0.5", lambda x: 1 / sqrt(x))], line([(0, 1)]), [mpf(2)], [0.1, 0.5])
add("reciprocal_feature", UNIT, [("1/x", lambda x: 1 / x)], line([(0, 0.5), (0.5, 1)]), [mpf(1)], [0.1, 0.5])
add("entropy_feature", UNIT, [("x*log(x)", lambda x: x * log(x))], line([(0, 1)]), [mpf(5)], [0.1, 0.5])
add("oscillating", UNIT, [("sin(20*x)", lambda x: sin(20 * x)), X], line([(0, 0.25), (0.25, 0.5), (0.5, 0.75), (0.75, 1)]), [mpf(2), mpf(-1)], [0.1, 0.5])
add("narrow_window", UNIT, [("P[0.3 < x < 0.3001]", lambda x: mpf(1) if mpf(0.3) < x < mpf(0.3001) else mpf(0))], line([(0, 0.3), (0.3, 0.3001), (0.3001, 1)]), [mpf(-8)], [0.1, 0.30005])
# ---- priors
gauss = ("exp(-x^2/2)", lambda x: -x * x / 2)
for t in ("-3", "50", "1000"):
    add("prior_normal_tilt_" + t, R, [X], trapezoid(mpf(t), 40, mpf(1) / 8), [-mpf(t)], [float(t)], prior=gauss, targets=[t], name="normal")
add("prior_power", "x in [1, inf)", [X], line([(1, 3), (3, inf)]), [mpf(0.5)], [1.5, 4], prior=("x^-3", lambda x: -3 * log(x)))
add("prior_power_left", "x in [1, inf)", [("log(x)", log)], line([(1, inf)]), [mpf(-1)], [2], prior=("x^-3", lambda x: -3 * log(x)))
add("prior_zeros", UNIT, [X], line([(0.5, 1)]), [mpf(-4)], [0.6, 0.9], prior=("x > 0.5", lambda x: mpf(0) if x > 0.5 else -inf))
add("prior_vee", "x in [-1, 1]", [X], line([(-1, 0), (0, 1)]), [mpf(1)], [-0.5, 0.5], prior=("abs(x)", lambda x: log(abs(x))))
add("prior_cauchy", R, [("abs(x)", abs)], line([(-inf, 0), (0, inf)]), [mpf(0.5)], [1], prior=("1/(1+x^2)", lambda x: -log(1 + x * x)))
add("prior_gamma_to_gamma", HALF, [X], half(4), [mpf(0.5)], [1, 5], prior=("x^3*exp(-x)", lambda x: 3 * log(x) - x))
add("prior_endpoint", UNIT, [X], line([(0, 0.5), (0.5, 1)]), [mpf(2)], [0.1], prior=("1/sqrt(x*(1-x))", lambda x: -log(x * (1 - x)) / 2))
add("prior_mixture", R, [X, X2], trapezoid(0, 20, mpf(1) / 24), [mpf(0.3), mpf(0.1)], [0, 3], prior=("exp(-(x-3)^2/2)+exp(-(x+3)^2/2)", lambda x: log(exp(-(x - 3) ** 2 / 2) + exp(-(x + 3) ** 2 / 2))))
# ---- countable
N0, N1, NN = "x in 0..inf", "x in 1..inf", "x in -inf..inf"
for t in ("0.001", "2.5", "300"):
    m = mpf(float(t))
    put("geometric_" + t, N0 + "\nE[x] = " + t, verdict="solved", entropy=(1 + m) * log(1 + m) - m * log(m), slack=1e-12, lambdas=[nstr(log(1 + 1 / m), 20)], family="geometric",
        density=[[float(j), nstr(exp(j * log(m / (1 + m))) / (1 + m), 20)] for j in (0, 1, 7)])
put("geometric_from_1", N1 + "\nE[x] = 1.25", verdict="solved", entropy=nstr(mpf(1.25) * log(mpf(1.25)) - mpf(0.25) * log(mpf(0.25)), 25), slack=1e-12, lambdas=[nstr(log(mpf(5)), 20)], family="geometric")
fact = ("exp(-lgamma(x+1))", lambda x: -loggamma(x + 1))
for t, top in (("0.5", 80), ("20", 220), ("1000", 2200)):
    add("poisson_" + t, N0, [X], whole(0, top), [-log(mpf(t))], [0 if top < 100 else int(float(t))], prior=fact, targets=[t], check=False)
add("binomial_prior", "x in 0..12", [X], whole(0, 12), [mpf(0.5)], [], prior=("exp(lgamma(13)-lgamma(x+1)-lgamma(13-x))", lambda x: loggamma(13) - loggamma(x + 1) - loggamma(13 - x)), check=False)
for s in (1.5, 2.5, 6):
    s_ = mpf(s)
    target = -zeta(s_, 1, 1) / zeta(s_)
    t = short(target)
    s_ = mpmath.findroot(lambda u: -zeta(u, 1, 1) / zeta(u) - mpf(float(t)), s_) if s != 1.5 else s_ + 0
    put("zeta_%g" % s, N1 + "\nE[log(x)] = " + t, verdict="solved", entropy=nstr(log(zeta(s_)) + s_ * mpf(float(t)), 25), slack=1e-13, lambdas=[nstr(s_, 20)], family="zeta",
        density=[[float(j), nstr(mpf(j) ** -s_ / zeta(s_), 20)] for j in (1, 2, 10)])
add("discrete_normal_wide", NN, [X, X2], whole(-300, 300), [mpf(0.02), mpf(0.01)], [0, 5], check=False)
add("discrete_normal_narrow", NN, [X, X2], whole(-30, 30), [mpf(-3), mpf(4)], [0, 1], check=False)
add("discrete_laplace", NN, [("abs(x)", abs)], whole(-300, 300), [mpf(0.5)], [0, 5], check=False)
add("discrete_half_normal", N0, [X, X2], whole(0, 200), [mpf(-0.5), mpf(0.05)], [0, 5], check=False)
add("countable_with_spike", N0, [X, ("P[x = 0]", lambda x: mpf(1) if x == 0 else mpf(0))], whole(0, 500), [mpf(0.3), mpf(-2)], [0, 1], check=False)
add("countable_parity", N0, [X, ("P[floor(x/2) = x/2]", lambda x: mpf(1) if int(x) % 2 == 0 else mpf(0))], whole(0, 900), [mpf(0.2), mpf(-1)], [0, 1], check=False)
add("conway_maxwell_poisson", N0, [X, ("lgamma(x+1)", lambda x: loggamma(x + 1))], whole(0, 200), [mpf(-2), mpf(1.5)], [0, 4], check=False)
# ---- several variables: closed forms
LN2PIE = log(2 * pi * e)
put("normal_2d_.99", "x in R; y in R\nE[x] = 1; E[y] = -2; Var[x] = 4; Cov[x,y] = 0.99; Var[y] = 0.25".replace("0.99", "0.99"), verdict="solved",
    entropy=LN2PIE + log(4 * mpf(0.25) - mpf(0.99) ** 2) / 2, slack=1e-12, family="multivariate normal")
put("normal_2d_raw", "x in R; y in R\nE[x] = 0.5; E[y] = 0.25; E[x^2] = 1.25; E[x*y] = 0.5; E[y^2] = 2.0625", verdict="solved", entropy=LN2PIE + log(mpf(1) * 2 - mpf("0.375") ** 2) / 2, slack=1e-12, family="multivariate normal")
put("normal_2d_scales", "x in R; y in R\nE[x] = 0; E[y] = 0; E[x^2] = 1e-12; E[x*y] = 0.3; E[y^2] = 1e12", verdict="solved", entropy=LN2PIE + log(mpf(1e-12) * mpf(1e12) - mpf(0.3) ** 2) / 2, slack=1e-12, family="multivariate normal")
put("normal_3d", "x in R; y in R; z in R\nE[x] = 0; E[y] = 0; E[z] = 0; E[x^2] = 1; E[y^2] = 2; E[z^2] = 3; E[x*y] = 0.5; E[y*z] = -1; E[x*z] = 0.25", verdict="solved",
    entropy=3 * LN2PIE / 2 + log(1 * (2 * 3 - 1) - mpf("0.5") * (mpf("0.5") * 3 + mpf("0.25")) + mpf("0.25") * (mpf("-0.5") - mpf("0.5"))) / 2, slack=1e-12, family="multivariate normal")
put("normal_radial", "x in R; y in R\nE[x^2 + y^2] = 2", verdict="solved", entropy=LN2PIE, slack=1e-12)
put("exponentials_product", "x in [0, inf); y in [0, inf)\nE[x] = 2; E[y] = 0.5", verdict="solved", entropy=mpf(2), slack=1e-12)
put("geometric_and_exponential", "n in 0..inf; x in [0, inf)\nE[n] = 2; E[x] = 3", verdict="solved", entropy=1 + log(3) + 3 * log(3) - 2 * log(2), slack=1e-12)
put("class_and_measurement", "c in {a, b}; x in R\nP[c = a] = 0.25; E[x | c = a] = 1; E[(x-1)^2 | c = a] = 2; E[x | c = b] = -1; E[(x+1)^2 | c = b] = 5", verdict="solved",
    entropy=(LN2PIE + mpf(0.25) * log(2) + mpf(0.75) * log(5)) / 2 - mpf(0.25) * log(mpf(0.25)) - mpf(0.75) * log(mpf(0.75)), slack=1e-12)
put("class_common_variance", "c in {a, b}; x in R\nP[c = a] = 0.5; E[x | c = a] = 1; E[x | c = b] = -1; E[x^2] = 2", verdict="solved", entropy=LN2PIE / 2 + log(2), slack=1e-12,
    note="the law of total variance: normals of variance 1")
put("three_classes_no_measure", "c in {a, b, d}; x in [0, 1]\nP[c = a] = 0.5; E[x] = 0.5", verdict="solved", entropy=log(2) / 2 + log(4) / 2, slack=1e-12)
grid2 = lambda r, h: product(trapezoid(0, r, h), trapezoid(0, r, h))
mp.dps = 40
add("quartic_2d", "x in R; y in R", [("x^4", lambda x, y: x**4), ("y^4", lambda x, y: y**4), ("x*y", lambda x, y: x * y)], grid2(3.6, mpf(1) / 14), [mpf(1), mpf(0.5), mpf(-1)], check=False)
add("quartic_2d_cross", "x in R; y in R", [("x^4 + y^4", lambda x, y: x**4 + y**4), ("x^2*y^2", lambda x, y: x * x * y * y), ("x", lambda x, y: x)], grid2(3.4, mpf(1) / 14), [mpf(1), mpf(1), mpf(0.5)], check=False)
add("box_2d_product", "x in [0, 1]; y in [0, 1]", [("x*y", lambda x, y: x * y), ("x", lambda x, y: x)], product(line([(0, 1)], mpf(1) / 10), line([(0, 1)], mpf(1) / 10)), [mpf(-8), mpf(3)], check=False)
add("count_and_measure", "n in 0..inf; x in [0, inf)", [("n", lambda n, x: n), ("x", lambda n, x: x), ("n*x", lambda n, x: n * x)], product(whole(0, 160), line([(0, inf)], mpf(1) / 12)), [mpf(0.6), mpf(1), mpf(0.25)], check=False)
mp.dps = 110
# ---- many power moments on [0, 1]; targets are rounded to doubles, so entropy is of the exact rounded problem while that is inside
for n, l in (("a", [1, -3, 2, 5]), ("b", [-20, 50, -30, 4, 0, 1])):
    add("pow01_drawn_%s" % n, UNIT, [power(k) for k in range(1, len(l) + 1)], line([(0, 0.5), (0.5, 1)]), [mpf(v) for v in l], [0.25, 0.75])


NODES01 = line([(0, 0.5), (0.5, 1)], mpf(1) / 40)


def raw(name, k, moment, k_exact=8):
    """Power moments of a density, rounded to doubles. Their entropy is known up to k_exact. Beyond 20 the rounded ones may have left the
    moment space: any of four verdicts is honest there, but a solved one must meet them."""
    t = [short(moment(j)) for j in range(1, k + 1)]
    text = "x in [0, 1]\nE[x^k] = {%s} for k in 1..%d" % (", ".join(t), k)
    if k > k_exact:
        put("pow01_%s_%d" % (name, k), text, verdict="solved", acceptable=["infeasible", "singular", "boundary"] if k > 20 else [], note="targets rounded to doubles")
        return
    lam, features = [mpf(0)], []
    mp.dps = 60
    for n in sorted({min(4, k), k}):  # from few facts to many
        features = [power(j)[1] for j in range(1, n + 1)]
        a = solve(NODES01, features, [mpf(float(v)) for v in t[:n]], lam + [mpf(0)] * (n - len(lam)), check=n == k)
        lam = a.lam
    mp.dps = 110
    ulps = [mpf(math.ulp(float(v))) / 2 for v in t]
    put("pow01_%s_%d" % (name, k), text, verdict="solved", entropy=a.entropy, slack=float(20 * sum(abs(l) * u for l, u in zip(lam, ulps))))
    print("%-40s H %s slack %.1e" % (CASES[-1]["id"], nstr(a.entropy, 12), CASES[-1]["expected"]["slack"]), file=sys.stderr, flush=True)


triangle = lambda j: mpf(2) / ((j + 1) * (j + 2))                              # 2 (1 - x)
cubic = lambda j: mpf(6) / ((j + 2) * (j + 3))                                 # 6 x (1 - x)
logarithm = lambda j: mpf(1) / (j + 1) ** 2                                    # -log x
steps = lambda j: (mpf(0.25) ** (j + 1) * 2 + (1 - mpf(0.75) ** (j + 1)) * 2) / (j + 1)  # 2 on the outer quarters, 0 between
exponential = lambda j: mpmath.quad(lambda x: x**j * exp(-x), [0, 1]) / (1 - exp(mpf(-1)))
for name, m in (("triangle", triangle), ("beta22", cubic), ("log", logarithm), ("two_steps", steps)):
    for k in (8, 16, 24, 40):
        raw(name, k, m)


def series(id, k, letter, lam, pieces, lam0=1):
    """k Chebyshev or Legendre moments of exp of a drawn series; H at the rounded targets to first order (error 1e-31)."""
    mp.dps = 40
    nodes = line(pieces, mpf(1) / 24)(False)

    def basis(x):
        out, u, v = [], mpf(1), x
        for j in range(1, k + 1):
            out.append(v)
            u, v = v, (2 * x * v - u if letter == "T" else ((2 * j + 1) * x * v - j * u) / (j + 1))
        return out
    z, m = mpf(0), [mpf(0)] * k
    for (x,), w in nodes:
        f = basis(x)
        p = w * exp(-sum(l * v for l, v in zip(lam, f)))
        z += p
        m = [a + p * v for a, v in zip(m, f)]
    m = [v / z for v in m]
    t = [short(v) for v in m]
    entropy = log(z) + sum(l * mpf(float(v)) for l, v in zip(lam, t))
    put(id, "x in [-1, 1]\nE[%s(k, x)] = {%s} for k in 1..%d" % (letter, ", ".join(t), k), verdict="solved", entropy=entropy,
        slack=1e-13, log_z=nstr(log(z), 25), features=["%s(%d,x)" % (letter, j + 1) for j in range(k)], lambdas=[nstr(l, 20) for l in lam], p_slack=1e-11)
    print("%-40s H %s" % (id, nstr(entropy, 12)), file=sys.stderr, flush=True)
    mp.dps = 110


draw = random.Random(314)
cuts = lambda n: [(-mpmath.cospi(mpf(j) / n), -mpmath.cospi(mpf(j + 1) / n)) for j in range(n)]
for k in (16, 64, 200):
    series("chebyshev_drawn_%d" % k, k, "T", [mpf(draw.gauss(0, 1) / (j + 1)) for j in range(k)], cuts(max(4, k // 8)))
for k in (16, 64):
    series("legendre_drawn_%d" % k, k, "L", [mpf(draw.gauss(0, 1) / (j + 1) ** 0.5) for j in range(k)], cuts(max(4, k // 8)))
# ---- bounds, soft facts, redundant facts
put("bound_mean_above", "x in [0, inf)\nE[x] <= 2", verdict="solved", entropy=1 + log(2), slack=1e-12, family="exponential")
put("bound_idle", "x in [0, 1]\nE[x] <= 0.75", verdict="solved", entropy=mpf(0), slack=1e-12, family="uniform")
put("bound_square", "x in R\nE[x^2] <= 4; E[x] >= 1", verdict="solved", entropy=(LN2PIE + log(3)) / 2, slack=1e-12, family="normal")
put("bound_two_sided", "x in [0, inf)\nE[x] in [2, 3]; E[x] >= 1", verdict="solved", entropy=1 + log(3), slack=1e-12)
soft_lam = mpmath.findroot(lambda l: 1 / l - 2 - l / 4, mpf(0.4))
put("soft_exponential", "x in [0, inf)\nE[x] = 2 +- 0.5", verdict="solved", entropy=1 - log(soft_lam), slack=1e-12, family="exponential", note="E x = 1/lambda = 2 + lambda/4")
soft_lam = mpmath.findroot(lambda l: -l - (1 + l * mpf(0.01)), mpf(-1))
put("soft_prior_normal", "x in R\nprior exp(-x^2/2)\nE[x] = 1 +- 0.1", verdict="solved", entropy=LN2PIE / 2, slack=1e-12, family="normal", note="E x = -lambda = 1 + lambda 0.01")
put("redundant_twice", "x in [0, inf)\nE[x] = 2; E[3*x + 1] = 7", verdict="solved", entropy=1 + log(2), slack=1e-12)
put("redundant_squares", "x in R\nE[x] = 0; E[x^2] = 1; E[(x-1)^2] = 2", verdict="solved", entropy=LN2PIE / 2, slack=1e-12)
put("constant_fact", "x in [0, 1]\nE[1] = 1; E[x] = 0.5", verdict="solved", entropy=mpf(0), slack=1e-12)
put("normal_with_x3", "x in R\nE[x] = 0; E[x^2] = 1; E[x^3] = 0", verdict="solved", entropy=LN2PIE / 2, slack=1e-12)
put("normal_with_x3_x4", "x in R\nE[x] = 0; E[x^2] = 1; E[x^3] = 0; E[x^4] = 3", verdict="solved", entropy=LN2PIE / 2, slack=1e-12)
put("no_facts", "x in [2, 5]", verdict="solved", entropy=log(3), slack=1e-12, family="uniform")
put("prior_alone", "x in R\nprior 1/(1+x^2)", verdict="solved", entropy=log(4 * pi), slack=1e-12, family="Cauchy")
put("prior_growing", "x in R\nprior exp(x^2)\nE[x^2] = 1", verdict="solved", entropy=LN2PIE / 2, slack=1e-12, note="any finite variance makes a normal")
put("reciprocal_three", "x in [0, 1]\nE[1/x] = 3", verdict="solved",
    **(lambda l: dict(entropy=log(mpmath.expint(2, l)) + 3 * l, slack=1e-12, lambdas=[nstr(l, 20)]))(mpmath.findroot(lambda l: mpmath.expint(1, l) / mpmath.expint(2, l) - 3, (mpf(0.01), mpf(0.2)), solver="anderson")))
# ---- verdicts by argument
N = mpf(LN2PIE / 2)
verdict("boundary_half", "x in [0, 1]\nP[x < 0.5] = 1", "boundary", "uniform on [0, 0.5)")
CASES[-1]["expected"]["entropy"] = nstr(-log(2), 25)
verdict("boundary_none", "x in [0, 1]\nP[x < 0.25] = 0", "boundary", "uniform on [0.25, 1]")
CASES[-1]["expected"]["entropy"] = nstr(log(mpf(0.75)), 25)
verdict("boundary_exponential", "x in [0, inf)\nP[x < 1] = 0; E[x] = 3", "boundary", "exponential from 1")
CASES[-1]["expected"]["entropy"] = nstr(1 + log(2), 25)
verdict("boundary_count_zero", "x in 0..inf\nE[x] = 0", "boundary", "all mass at 0, of entropy 0 on a countable set")
CASES[-1]["expected"]["entropy"] = "0"
verdict("boundary_count_two", "x in -inf..inf\nE[x] = 0.25; E[x^2] = 0.25", "boundary", "x^2 - x >= 0 on whole numbers and has mean 0: 0 and 1 alone")
CASES[-1]["expected"]["entropy"] = nstr(-mpf(0.25) * log(mpf(0.25)) - mpf(0.75) * log(mpf(0.75)), 25)
verdict("boundary_kink", "x in R\nE[max(x,0)] = 0; E[x] = -2", "boundary", "no mass above 0: exponential to the left")
CASES[-1]["expected"]["entropy"] = nstr(1 + log(2), 25)
verdict("infeasible_count_gap", "x in -inf..inf\nE[x] = 0.25; E[x^2] = 0.2", "infeasible", "x^2 - x >= 0 on whole numbers")
for id, text, what, note, sup in (
        ("unbounded_line", "x in R", "unbounded", "uniform on ever wider intervals", None),
        ("unbounded_half_line", "x in [0, inf)", "unbounded", "", None),
        ("unbounded_count", "x in 0..inf", "unbounded", "", None),
        ("unbounded_mean", "x in R\nE[x] = 3", "unbounded", "normals of any variance", None),
        ("unbounded_mean_count", "x in -inf..inf\nE[x] = 0", "unbounded", "", None),
        ("unbounded_skew_only", "x in R\nE[x^3] = 1", "unbounded", "odd moments alone", None),
        ("unbounded_bound", "x in [0, inf)\nE[x] >= 3", "unbounded", "", None),
        ("unbounded_log", "x in [0, inf)\nE[log(x)] = 0", "unbounded", "lognormals of any variance", None),
        ("unbounded_quantiles", "x in R\nP[x > 2] = 0.1; P[x < -1] = 0.3", "unbounded", "the tails are free", None),
        ("unbounded_exp", "x in R\nE[exp(x)] = 1", "unbounded", "free to the left", None),
        ("unbounded_half_plane", "x in R; y in R\nE[x^2] = 2", "unbounded", "y is free", None),
        ("unbounded_soft", "x in R\nE[x] = 1 +- 0.1", "unbounded", "", None),
        ("unbounded_sin", "x in R\nE[sin(x)] = 0.5", "unbounded", "periodic", None),
        ("unattained_three_moments", "x in R\nE[x] = 0; E[x^2] = 1; E[x^3] = -0.3", "unattained", "a little mass far out brings any third moment", N),
        ("unattained_kurtosis_5", "x in R\nE[x] = 0; E[x^2] = 1; E[x^3] = 0; E[x^4] = 5", "unattained", "", N),
        ("unattained_kurtosis_3.001", "x in R\nE[x] = 0; E[x^2] = 1; E[x^3] = 0; E[x^4] = 3.001", "unattained", "", N),
        ("unattained_scaled", "x in R\nE[x] = 10; E[(x-10)^2] = 1e-4; E[(x-10)^4] = 4e-8", "unattained", "kurtosis 4", N + log(mpf(0.01))),
        ("unattained_half_line", "x in [0, inf)\nE[x] = 2; E[x^2] = 9", "unattained", "E[x^2] > 2 E[x]^2", 1 + log(2)),
        ("unattained_half_line_log", "x in [0, inf)\nE[x] = 1; E[x^3] = 7", "unattained", "the exponential has 6", 1),
        ("unattained_half_line_bound", "x in [0, inf)\nE[x] = 1; E[x^2] >= 3", "unattained", "", 1),
        ("unattained_abs", "x in R\nE[abs(x)] = 1; E[x^2] = 2.5", "unattained", "the Laplace has 2", 1 + log(2)),
        ("unattained_count", "x in 0..inf\nE[x] = 1; E[x^2] = 5", "unattained", "the geometric has 3", 2 * log(2)),
        ("unattained_prior_exponential", "x in [0, inf)\nprior exp(-x)\nE[x^2] = 5", "unattained", "the prior has 2", 1),
        ("unattained_prior_pareto", "x in [1, inf)\nprior x^-3\nE[x] = 3", "unattained", "the prior has 2", N - N + log(mpf(1) / 2) + mpf(3) / 2),
        ("unattained_cauchy_mean", "x in R\nprior 1/(1+x^2)\nE[x] = 1", "unattained", "the prior itself has no mean; truncations approach it", log(4 * pi)),
        ("unattained_end", "x in [0, 1]\nE[x^-0.5] = 3", "unattained", "the uniform has 2, and exp(c/sqrt(x)) diverges", 0),
        ("singular_mean_end", "x in [0, 1]\nE[x] = 0", "singular", "all mass at 0", None),
        ("singular_half_line", "x in [0, inf)\nE[x] = 0", "singular", "", None),
        ("singular_square", "x in R\nE[x^2] = 0", "singular", "", None),
        ("singular_variance", "x in R\nE[x] = 2; E[x^2] = 4", "singular", "", None),
        ("singular_log", "x in [0, inf)\nE[x] = 1; E[log(x)] = 0", "singular", "Jensen with equality", None),
        ("singular_exp", "x in R\nE[x] = 0; E[exp(x)] = 1", "singular", "Jensen with equality", None),
        ("singular_circle", "x in [-pi, pi]\nE[cos(x)] = 1", "singular", "x = 0", None),
        ("singular_two_points", "x in [-1, 1]\nE[x^2] = 1", "singular", "-1 and 1", None),
        ("singular_kurtosis", "x in R\nE[x] = 0; E[x^2] = 1; E[x^3] = 0; E[x^4] = 1", "singular", "-1 and 1", None),
        ("singular_four_moments_half", "x in [0, inf)\nE[x] = 1; E[x^2] = 2; E[x^3] = 4", "singular", "x (x - 2)^2 has mean 0: 0 and 2", None),
        ("singular_cantelli", "x in R\nE[x] = 0; E[x^2] = 1; P[x >= 2] = 0.2", "singular", "(1 + 2 x)^2 >= 25 [x >= 2]", None),
        ("singular_plane", "x in R; y in R\nE[x] = 0; E[y] = 0; E[x^2] = 1; E[x*y] = 2; E[y^2] = 4", "singular", "y = 2 x", None),
        ("singular_diagonal", "x in [0, 1]; y in [0, 1]\nE[(x-y)^2] = 0", "singular", "x = y", None),
        ("singular_option", "x in [0, inf)\nE[x] = 100; E[max(x-100,0)] = 0", "singular", "x <= 100 with mean 100", None),
        ("infeasible_mean", "x in [0, 1]\nE[x] = 1.5", "infeasible", "", None),
        ("infeasible_mean_half_line", "x in [2, inf)\nE[x] = 1.5", "infeasible", "", None),
        ("infeasible_variance", "x in R\nE[x] = 2; E[x^2] = 3.9", "infeasible", "", None),
        ("infeasible_variance_unit", "x in [0, 1]\nE[x] = 0.25; E[x^2] = 0.3", "infeasible", "x^2 <= x", None),
        ("infeasible_jensen", "x in [0, inf)\nE[x] = 1; E[log(x)] = 0.001", "infeasible", "", None),
        ("infeasible_jensen_exp", "x in R\nE[x] = 0; E[exp(x)] = 0.99", "infeasible", "", None),
        ("infeasible_kurtosis", "x in R\nE[x] = 0; E[x^2] = 1; E[x^3] = 1; E[x^4] = 1.9", "infeasible", "kurtosis >= 1 + skewness^2", None),
        ("infeasible_chebyshev", "x in R\nE[x] = 0; E[x^2] = 1; P[abs(x) > 2] = 0.3", "infeasible", "at most 1/4", None),
        ("infeasible_markov", "x in [0, inf)\nE[x] = 1; P[x > 4] = 0.3", "infeasible", "at most 1/4", None),
        ("infeasible_option", "x in [0, inf)\nE[x] = 100; E[max(x-90,0)] = 9", "infeasible", "at least 10", None),
        ("infeasible_circle", "x in [-pi, pi]\nE[cos(x)] = 0.8; E[sin(x)] = 0.8", "infeasible", "outside the disc", None),
        ("infeasible_probability", "x in R\nP[x > 1] = 0.2; P[x > 2] = 0.3", "infeasible", "", None),
        ("infeasible_two_values", "x in [0, inf)\nE[x] = 1; E[2*x] = 3", "infeasible", "contradictory", None),
        ("infeasible_plane", "x in R; y in R\nE[x] = 0; E[y] = 0; E[x^2] = 1; E[x*y] = 1.1; E[y^2] = 1", "infeasible", "Cauchy-Schwarz", None),
        ("infeasible_constant", "x in [0, 1]\nE[1] = 2", "infeasible", "", None),
        ("infeasible_chebyshev_t2", "x in [-1, 1]\nE[T(1,x)] = 0.9; E[T(2,x)] = 0", "infeasible", "2 x^2 - 1 has mean >= 0.62", None),
        ("infeasible_sum", "x in [0, 1]; y in [0, 1]\nE[x+y] = 2.5", "infeasible", "", None)):
    if what:
        verdict(id, text, what, note, sup)

# ---- found by hand and by property.py
for id, text, what, note, sup in (
        ("singular_half_line_square", "x in [0, inf)\nE[x] = 1; E[x^2] = 1", "singular", "variance 0", None),
        ("singular_two_signs", "x in R\nE[x^2] = 1; E[abs(x)] = 1", "singular", "abs(x) has variance 0: -1 and 1", None),
        ("infeasible_jensen_soft", "x in R\nE[x^2] = 0.574 +- 0.24; E[x^3] = -0.1357; E[exp(x^3)] = 0.8713", "infeasible",
         "E[exp(x^3)] >= exp(-0.1357) = 0.8731", None),
        ("infeasible_variance_exp", "x in [0, inf)\nE[abs(x)^3] = 0.14915931324921997; E[exp(-x)] = 0.7139967436151493; "
         "E[(exp(-x))^2] = 0.5066978297624114", "infeasible", "the square of the second is 0.5098", None),
        ("unattained_cauchy_mean_half", "x in R\nprior 1/(1+x^2)\nE[x] = 1; P[x > 0] = 0.7", "unattained",
         "the Cauchy with 0.7 to the right has no mean either", log(4 * pi) - mpf("0.7") * log(mpf("1.4")) - mpf("0.3") * log(mpf("0.6")))):
    verdict(id, text, what, note, sup)
for centre in (50, 1e5, -1e7):
    put("normal_prior_shifted_%g" % centre, "x in R\nprior exp(-x^2/2)\nE[x] = %s" % short(centre), verdict="solved", entropy=N, slack=1e-15,
        note="exp(-x^2/2 - lambda x) is normal with variance 1 whatever lambda is")
put("normal_prior_shifted_soft", "x in R\nprior exp(-x^2/2)\nE[x] = 100000 +- 0.01", verdict="solved", entropy=N, slack=1e-15,
    note="normal with mean 1e5 / 1.0001 and variance 1")


def soft_poisson():
    """f = lgamma(u + 1) within an error, u at its bound, min(u, 5): stationary in lambda, summed."""
    f = [lambda u: loggamma(u + 1), lambda u: mpf(u), lambda u: mpf(min(u, 5))]
    t, sd = [mpf(v) for v in (0.02040498795535442, 0.2790484348525855, 0.27904835377817444)], mpf(0.021)

    def means(l):
        w = [exp(-f[0](u) * (1 + l[0]) - l[1] * u - l[2] * f[2](u)) for u in range(80)]
        return [sum(a * g(u) for u, a in enumerate(w)) / sum(w) for g in f], w

    l = mpmath.findroot(lambda *l: [m - v - (sd**2 * l[0] if i == 0 else 0) for i, (m, v) in enumerate(zip(means(l)[0], t))], (0.4, 0.8, 0.4))
    w = means(l)[1]
    put("soft_prior_edge", "x in 0..inf\nprior exp(-lgamma(x+1))\nE[lgamma(x+1)] = 0.02040498795535442 +- 0.021\n"
        "E[x] <= 0.2790484348525855\nE[min(x,5)] = 0.27904835377817444", verdict="solved", entropy=-sum(a / sum(w) * log(a / sum(w)) for a in w),
        slack=1e-12, note="the soft fact grows as fast as the prior falls; lambda = 0.403, 0.817, 0.393")


soft_poisson()


def entropy_of(log_p, ends, facts):
    """Entropy of exp(log_p) / Z by quadrature, and the means of facts."""
    Z = mpmath.quad(lambda x: exp(log_p(x)), ends)
    return log(Z) - mpmath.quad(lambda x: log_p(x) * exp(log_p(x)), ends) / Z, [mpmath.quad(lambda x, f=f: f(x) * exp(log_p(x)), ends) / Z for f in facts]


lam = [mpf(v) for v in ("-0.949", "-0.999", "0.228", "-0.331")]
h, tau = entropy_of(lambda x: -abs(x) - lam[0] * x**2 - lam[1] * x**3 - lam[2] * x**4 - lam[3] * x, mpmath.linspace(-8, 8, 33), [lambda x, j=j: x**j for j in (2, 3, 4, 1)])
put("quartic_far_from_prior", "x in R\nprior exp(-abs(x))\n" + "\n".join("E[x^%d] %s %s" % (j, r, short(t)) for j, r, t in zip((2, 3, 4, 1), ("=", "=", "=", ">="), tau)),
    verdict="solved", entropy=h, slack=1e-10, note="lambda = %s" % ", ".join(nstr(l, 5) for l in lam))
T2, T4 = mpf(-5) / 6, mpf("0.43333333333333335")
lam = mpmath.findroot(lambda a, b: [m - t for m, t in zip(entropy_of(lambda x: -a * (2 * x**2 - 1) - b * (8 * x**4 - 8 * x**2 + 1), mpmath.linspace(0, 1, 9),
                      [lambda x: 2 * x**2 - 1, lambda x: 8 * x**4 - 8 * x**2 + 1])[1], (T2, T4))], (5, 3), tol=mpf(10) ** -50)
put("box_rounded_zero", "x in [-1, 1]\nE[T(1,x)] = 1.3234889800848443e-23; E[T(2,x)] = -0.8333333333333334; E[T(3,x)] = 0; E[T(4,x)] = 0.43333333333333335",
    verdict="solved", entropy=entropy_of(lambda x: -lam[0] * (2 * x**2 - 1) - lam[1] * (8 * x**4 - 8 * x**2 + 1), mpmath.linspace(-1, 1, 17), [])[0], slack=1e-12,
    note="moments of the box on [-0.5, 0.5], the first as doubles have it")
CASES += several_variables.CASES + narrow.CASES
json.dump(dict(format="maxent continuous cases v1", cases=CASES), sys.stdout, indent=0)
print("%d cases" % len(CASES), file=sys.stderr)
