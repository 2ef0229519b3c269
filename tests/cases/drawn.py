"""Problems drawn at random whose answer is known: supports, priors, features, lambda; their facts; and facts that force another verdict.

draw(r, kind) gives a Drawn without facts: the caller has the oracle work them out, then statements(r, d) writes the text. spoil(r, d),
escape(r, d), spread(r), point(r), face(r, d) make problems that are infeasible, unattained, unbounded, singular and on a boundary by a theorem.

Features are texts in u (and v, c); [cuts] are the places where they bend or jump.
"""
import math, re

INF = math.inf
KINDS = (["interval"] * 8 + ["half"] * 8 + ["left"] * 2 + ["line"] * 10 + ["prior"] * 7 + ["powers"] * 4 + ["basis"] * 2 + ["count"] * 4 + ["ones"] * 2 +
         ["integers"] * 3 + ["class"] * 4 + ["classcount"] * 2 + ["box"] * 3 + ["plane"] * 1 + ["strip"] * 1 + ["heavy"] * 1)
ONE_REAL = ("interval", "half", "left", "line", "prior", "powers", "basis")


class Drawn:
    """names: variables; variable: lines for the oracle; support: text; features, lam; log_prior: for the oracle; prior: as the user writes it."""

    def __init__(self, kind):
        self.kind, self.names, self.prior, self.log_prior, self.cuts = kind, ["u"], None, None, []
        self.shift, self.scale, self.features, self.lam, self.rank, self.low, self.high = 0.0, 1.0, [], [], 0.0, -INF, INF
        self.watched, self.conditional, self.tail = [], None, None


def gauss(r, s=1.0):
    return round(r.gauss(0, s), 3)


def floor_cuts(k, low, high):
    return [j / k for j in range(math.ceil(low * k), math.floor(high * k) + 1)]


# ---- one real variable
def on_interval(r, d):
    d.low, d.high = r.choice([(0.0, 1.0), (-1.0, 1.0), (0.0, 3.0), (-2.0, 0.5), (1.0, 4.0), (0.0, 10.0), (-math.pi, math.pi)])
    low, high, w = d.low, d.high, d.high - d.low
    c, b = sorted(round(low + w * r.uniform(0.1, 0.9), 3) for _ in range(2))
    k = round(3 / w, 1)
    pool = [("u", []), ("u^2", []), ("u^3", []), ("u^4", []), ("u^5", []), ("abs(u - %r)" % c, [c]), ("max(u - %r, 0)" % c, [c]), ("min(u, %r)" % c, [c]),
            ("sin(%.2f*u)" % r.uniform(0.5, 9), []), ("cos(%.2f*u)" % r.uniform(0.5, 9), []), ("exp(%.2f*u)" % (r.uniform(-4, 4) / w), []),
            ("(u < %r)" % c, [c]), ("(u > %r)" % b, [b]), ("(%r < u)*u" % c, [c]), ("log(%r - u)" % high, []), ("floor(%r*u)" % k, floor_cuts(k, low, high)),
            ("1/(1 + u^2)", []), ("atan(u)", []), ("tanh(%.1f*u)" % (r.uniform(1, 12) / w), []), ("u/(1 + u^2)", []), ("(u - %r)^2" % c, []), ("abs(u - %r)^1.5" % c, [c]),
            ("max(u, %r)*exp(u/%r)" % (c, w), [c]), ("1/(%r + u)" % round(0.3 * w - low, 3), []), ("sign(u - %r)" % c, [c]), ("erf(u - %r)" % c, []), ("exp(-(u - %r)^2*20)" % c, []),
            ("log(u - %r)" % low if low else "log(u)", []), ("sqrt(u - %r)" % low if low else "sqrt(u)", [])]
    if low >= 0:
        pool += [("u*log(u)", []), ("log(1 + u)", []), ("u^0.3", [])]
    for text, cuts in r.sample(pool, r.choice([1, 1, 2, 2, 3, 4, 5, 7])):
        l = gauss(r, 1.5 / max(1, w / 3) ** (4 if text in ("u^4", "u^5") else 1))
        if text.startswith("log("):
            l = -abs(gauss(r, 0.5)) if text != "log(u)" or r.random() < 0.6 else round(r.uniform(0, 0.8), 3)  # u^-0.8 at 0: integrable
        if text.startswith("log(1 "):
            l = gauss(r, 1.0)
        d.features.append(text); d.lam.append(l); d.cuts += cuts
    if r.random() < 0.2:
        d.prior, d.log_prior = r.choice([("1 + u^2", "log(1 + u^2)"), ("exp(u/2)", "u/2"), ("2 + cos(3*u)", "log(2 + cos(3*u))")] +
                                        ([("u^2", "2*log(u)"), ("u^-0.5", "-0.5*log(u)"), ("u*exp(-u)", "log(u) - u")] if low >= 0 else []))


def tails_of(r, d):
    """A feature that makes the density integrable, with its lambda, and others that matter less: on half lines and the line, any sign of u."""
    half = d.low == 0 or d.high == 0
    a = "u" if d.low == 0 else "-u"
    c = round(r.uniform(0.3, 2), 3) * (-1 if d.high == 0 else 1)
    if half:
        tails = [("u", [], 1 if a == "u" else -1, 1), ("u^2", [], 1, 2), ("abs(u)^1.5", [], 1, 1.5), ("abs(u)^3", [], 1, 3), ("u^4", [], 1, 4), ("sqrt(%s)" % a, [], 2, 0.5), ("log(1 + %s)" % a, [], 0, 0.01)]
        minor = [("log(%s)" % a, []), ("log(1 + %s)" % a, []), ("exp(%s)" % ("-u" if a == "u" else "u"), []), ("(abs(u) > %r)" % abs(c), [c]), ("min(abs(u), %r)" % abs(c), [c]),
                 ("cos(u)", []), ("1/(1 + u^2)", []), ("sin(2*u)", []), ("max(1 - abs(u), 0)", [1.0 if a == "u" else -1.0]), ("u/(1 + u^2)", []), ("floor(min(abs(u), 2.5))", [1.0, 2.0, -1.0, -2.0])]
    else:
        tails = [("u^2", [], 1, 2), ("u^4", [], 1, 4), ("u^6", [], 1, 6), ("abs(u)", [0.0], 1, 1), ("abs(u - %r)" % c, [c], 1, 1), ("abs(u)^1.5", [0.0], 1, 1.5), ("cosh(u)", [], 1, 99), ("abs(u)^3", [0.0], 1, 3),
                 ("log(1 + u^2)", [], 0, 0.01), ("log(cosh(u))", [], 2, 1), ("sqrt(1 + u^2)", [], 2, 1), ("exp(u) - u", [], 1, 1)]
        minor = [("u", []), ("(u > %r)" % c, [c]), ("sin(u)", []), ("cos(2*u)", []), ("exp(-u^2)", []), ("atan(u)", []), ("log(1 + u^2)", []), ("min(abs(u), 1)", [-1.0, 0.0, 1.0]),
                 ("u/(1 + u^2)", []), ("tanh(u)", []), ("erf(u)", []), ("max(min(u, 1), -1)", [-1.0, 1.0]), ("sign(u - %r)" % c, [c]), ("1/(1 + (u - %r)^2)" % c, []), ("max(u - %r, 0)" % c, [c])]
    top = r.choice(tails)
    light = top[3] <= 1 and not top[0].startswith("exp(")
    if light or top[0].startswith("exp("):  # nothing that grows as fast may be beside it
        minor = [m for m in minor if m[0] not in ("u",) and not m[0].startswith("max(u -")]
    if top[3] < 0.5:
        minor = [m for m in minor if not m[0].startswith(("log(", "sin", "cos"))]  # waves in a heavy tail are beyond the oracle
    return top, minor


def on_tail(r, d):
    top, minor = tails_of(r, d)
    chosen = r.sample(minor, min(r.choice([0, 0, 1, 1, 2, 3, 4, 6]), len(minor)))
    d.features, d.cuts, d.rank = [top[0]], list(top[1]), top[3]
    l = round(abs(r.gauss(0, 1)) + 0.2, 3) * (top[2] or 1)
    if top[3] == 0.01:
        l = round(1.2 + abs(r.gauss(0, 1.5)), 3)  # mass in the tail, but not beyond all numbers
    d.lam = [l]
    for text, cuts in chosen:
        d.features.append(text); d.cuts += cuts
        d.lam.append(round(-abs(r.gauss(0, 1)), 3) if text in ("log(u)", "log(-u)") else gauss(r, 0.7))
        if text in ("log(u)", "log(-u)") and r.random() < 0.3:
            d.lam[-1] = round(r.uniform(0, 0.7), 3)
    d.tail = d.features[0]


def on_half(r, d):
    d.low, d.high = 0.0, INF
    on_tail(r, d)


def on_left(r, d):
    d.low, d.high = -INF, 0.0
    on_tail(r, d)


def on_line(r, d):
    on_tail(r, d)


def with_prior(r, d):
    d.low, d.high = r.choice([(-INF, INF), (-INF, INF), (0.0, INF)])
    on_tail(r, d)
    if d.low == 0:
        d.prior, d.log_prior, cuts, rank = r.choice([("exp(-u)", "-u", [], 1), ("u*exp(-u)", "log(u) - u", [], 1), ("u^-0.5", "-0.5*log(u)", [], 0), ("1/(1 + u)^2", "-2*log(1 + u)", [], 0.01),
                                                     ("exp(-u^2)", "-u^2", [], 2), ("(u < 5)", "0", [5.0], 0), ("2 + sin(u)", "log(2 + sin(u))", [], 0)])
        if d.prior == "(u < 5)":
            d.prior_high = 5.0
    else:
        d.prior, d.log_prior, cuts, rank = r.choice([("exp(-u^2/2)", "-u^2/2", [], 2), ("1/(1 + u^2)", "-log(1 + u^2)", [], 0.01), ("exp(-abs(u))", "-abs(u)", [0.0], 1), ("2 + sin(u)", "log(2 + sin(u))", [], 0),
                                                     ("(u > -1)", "0", [-1.0], 0), ("1 + u^2", "log(1 + u^2)", [], 0), ("exp(-u^2/2) + exp(-(u - 4)^2/2)", "log(exp(-u^2/2) + exp(-(u - 4)^2/2))", [], 2), ("exp(u)", "u", [], 0)])
        if d.prior == "(u > -1)":
            d.prior_low = -1.0
        if "(u - 4)" in d.prior or d.prior == "exp(u)":  # its logarithm is no number far out; the density must be gone before
            d.features, d.lam, d.cuts, d.rank = ["u^2"] + d.features[1:], [0.5 + d.lam[0] ** 2] + d.lam[1:], d.cuts, 2
    d.cuts += cuts
    d.rank = max(d.rank, rank)


def powers(r, d):
    """Power moments up to an even one, on the line; up to any on a half line or an interval."""
    where = r.choice(["line", "half", "unit"])
    n = r.choice([2, 4, 4, 6, 8]) if where == "line" else r.choice([1, 2, 3, 4, 5]) if where == "half" else r.choice([2, 3, 5, 8, 12])
    d.low, d.high = (-INF, INF) if where == "line" else (0.0, INF) if where == "half" else (0.0, 1.0)
    d.features = ["u^%d" % j if j > 1 else "u" for j in range(1, n + 1)]
    d.lam = [gauss(r, 3 if where == "unit" else 0.7) for _ in range(n - 1)] + [gauss(r, 3) if where == "unit" else round(abs(r.gauss(0, 1)) / math.factorial(n // 2) + 0.05, 4)]
    d.rank = n if where != "unit" else 0
    d.family = where != "line" or n < 7


def basis(r, d):
    d.low, d.high = -1.0, 1.0
    letter, n = r.choice("TL"), r.choice([2, 4, 8, 16, 24])
    d.features = ["%s(%d, u)" % (letter, j) for j in range(1, n + 1)]
    d.lam = [gauss(r, 2 / (1 + j / 4)) for j in range(n)]
    d.family = True


# ---- other supports
def counts(r, d):
    start = 1 if d.kind == "ones" else 0
    d.low, d.high = (-INF, INF) if d.kind == "integers" else (float(start), INF)
    d.support = "u in -inf..inf" if d.kind == "integers" else "u in %d..inf" % start
    if d.kind == "integers":
        tails, minor = [("u^2", 1, 2), ("abs(u)", 1, 1), ("u^4", 1, 4)], ["u", "(u = 0)", "(u > 1)", "cos(u)", "min(abs(u), 2)", "exp(-u^2)", "(u > 0)*u"]
    else:
        tails = [("u", 1, 1), ("u^2", 1, 2), ("log(u)", 0, 0.01) if start else ("log(1 + u)", 0, 0.01), ("sqrt(u)", 2, 0.5), ("u^1.5", 1, 1.5)]
        minor = ["sqrt(u)", "log(1 + u)", "(u = %d)" % start, "(u > 3)", "min(u, 5)", "1/(1 + u)", "lgamma(u + 1)", "cos(u)", "max(3 - u, 0)", "exp(-u)"]
    top = r.choice(tails)
    if top[2] <= 1:
        minor = [m for m in minor if m not in ("u", "(u > 0)*u")]
    if top[2] < 0.6:
        minor = [m for m in minor if m not in ("sqrt(u)", "log(1 + u)", "lgamma(u + 1)")]
    if top[2] < 0.1:
        minor = [m for m in minor if m != "cos(u)"]  # the rule for the tail is not for waves
    d.features = [top[0]] + r.sample(minor, min(r.choice([0, 0, 1, 2, 3, 4]), len(minor)))
    d.lam = [round(abs(r.gauss(0, 0.5)) + 0.1, 3) * max(1, top[1])] + [round(abs(r.gauss(0, 0.3)), 3) if "lgamma" in m else gauss(r, 0.8) for m in d.features[1:]]
    if top[2] < 0.1:
        d.lam[0] = round(1.5 + abs(r.gauss(0, 1.5)), 3)
    d.rank, d.tail = top[2] if "lgamma(u + 1)" not in d.features else max(top[2], 1.1), d.features[0]
    if d.kind != "integers" and top[2] >= 0.5 and r.random() < 0.3:
        d.prior, d.log_prior, rank = r.choice([("exp(-lgamma(u + 1))", "-lgamma(u + 1)", 1.1), ("0.5^u", "u*log(0.5)", 1), ("1/(1 + u)", "-log(1 + u)", 0), ("exp(-u^2/8)", "-u^2/8", 2)])
        d.rank = max(d.rank, rank)
    d.variable = ["var u whole %s inf" % ("-inf" if d.kind == "integers" else start)]


def classes(r, d):
    d.names = ["c", "u"]
    k = r.choice([2, 3])
    listed = "var c listed " + " ".join(str(j + 1) for j in range(k))
    pool = ["(c = 1)*u", "(c = 1)", "u", "(c = %d)" % k, "c*u", "c"]
    if d.kind == "classcount":
        d.support, d.variable = "c in 1..%d; u in 0..inf" % k, [listed, "var u whole 0 inf"]
        tail, pool, d.rank = r.choice([("u", 1.0), ("u^2", 0.3)]), [p for p in pool if p not in ("u", "c*u", "(c = 1)*u")] + ["(u = 0)", "(c = 2)*(u > 2)", "(c = 1)*min(u, 3)", "(c = 2)*sqrt(u)"], 1
    else:
        line, half = r.choice([(True, False), (False, True), (False, False)])
        d.support = "c in 1..%d; u in %s" % (k, "R" if line else "[0, inf)" if half else "[0, 1]")
        d.variable = [listed, "var u real -inf inf 0.5" if line else "var u real 0 inf 0.5" if half else "var u real 0 1 0.5"]
        pool += ["(c = 2)*(u > 0.5)", "(c = 1)*u^2" if not half else "(c = 1)*exp(-u)", "(c = 2)*abs(u - 0.5)"]
        tail = r.choice([("u^2", 1.0), ("u^4", 0.5)]) if line else ("u", 1.0) if half else None
        if half:
            pool = [p for p in pool if p not in ("c*u", "u", "(c = 1)*u", "(c = 2)*abs(u - 0.5)")] + ["(c = 1)*sqrt(u)", "(c = 2)*u"]
    chosen = r.sample(pool, r.choice([1, 2, 2, 3, 4]))
    d.features = ([tail[0]] if tail else []) + chosen
    d.lam = ([round(tail[1] * (abs(r.gauss(0, 1)) + 0.3), 3)] if tail else []) + [abs(gauss(r)) if f in ("(c = 1)*u^2", "(c = 2)*u") and tail else gauss(r) for f in chosen]
    d.watched = ["(c = %d)" % (j + 1) for j in range(k)]


def planes(r, d):
    d.names = ["u", "v"]
    if d.kind == "box":
        d.support, d.variable = "u in [0, 1]; v in [0, 1]", ["var u real 0 1 0.5", "var v real 0 1"]
        pool = ["u", "v", "u*v", "u^2", "v^2", "sin(3*u + v)", "exp(u*v)", "(u - v)^2", "abs(u - 0.5)", "1/(1 + u + v)", "(u > 0.5)*v", "(u > 0.5)", "cos(5*u*v)", "u^2*v"]
        d.features = r.sample(pool, r.choice([1, 2, 3, 4]))
        d.lam = [gauss(r, 1.5) for _ in d.features]
    elif d.kind == "plane":
        d.support, d.variable = "u in R; v in R", ["var u real -inf inf", "var v real -inf inf"]
        a, b = round(0.3 + abs(r.gauss(0, 0.5)), 3), round(0.3 + abs(r.gauss(0, 0.5)), 3)
        form = r.random()
        if form < 0.5:
            d.features = ["u^2", "v^2", "u*v"] + r.sample(["u", "v"], r.choice([0, 1, 2]))
            d.lam = [a, b, round(2 * math.sqrt(a * b) * r.uniform(-0.9, 0.9), 3)] + [gauss(r) for _ in d.features[3:]]
        else:
            d.features = ["u^4", "v^4"] + r.sample(["u^2", "v^2", "u*v", "u", "v", "sin(u)", "u^2*v^2"], r.choice([1, 2, 3]))
            d.lam = [a, b] + [abs(gauss(r, 0.5)) if f == "u^2*v^2" else gauss(r, 0.5) for f in d.features[2:]]
    else:
        d.support, d.variable = "u in [0, 1]; v in [0, inf)", ["var u real 0 1", "var v real 0 inf"]
        d.features = [r.choice(["v", "v^2"])] + r.sample(["u", "u^2", "u*exp(-v)", "sin(u)*exp(-v)", "exp(-v)", "u/(1 + v)"], r.choice([1, 2, 3]))
        d.lam = [round(0.5 + abs(r.gauss(0, 1)), 3)] + [gauss(r) for _ in d.features[1:]]
    d.watched = ["u", "u^2", "v", "v^2"]


def heavy(r, d):
    """Two variables with tails that fall like powers, in one of them or in both."""
    d.names = ["u", "v"]
    k = round(abs(r.gauss(0, 1.2)), 3)
    bounded = ["exp(-u^2 - v^2)", "1/(1 + u^2)", "u/(1 + u^2)", "1/(1 + u^2 + v^2)", "v/(1 + u^2 + v^2)", "atan(u)", "u*v/(1 + u^2 + v^2)", "exp(-u^2)/(1 + v^2)"]
    where = r.choice(["plane", "plane", "half plane", "quadrant", "strip", "half strip"])
    u, v = {"plane": ("R", "R"), "half plane": ("R", "[0, inf)"), "quadrant": ("[0, inf)", "[0, inf)"), "strip": ("[0, 1]", "R"), "half strip": ("[0, 3]", "[0, inf)")}[where]
    d.support = "u in %s; v in %s" % (u, v)
    d.variable = ["var %s real %s" % (n, {"R": "-inf inf", "[0, inf)": "0 inf", "[0, 1]": "0 1", "[0, 3]": "0 3"}[s]) for n, s in (("u", u), ("v", v))]
    forms = [(["log(1 + u^2 + v^2)"], [1.3 + k])]
    if "strip" in where:
        forms += [(["log(1 + v^2)"], [0.8 + k])] + ([(["log(1 + v)"], [1.5 + k])] if v != "R" else [])
    else:
        k2 = round(abs(r.gauss(0, 1)), 3)
        forms += [(["log(1 + u^2)", "log(1 + v^2)"], [1.0 + k, 0.9 + k2]), (["u^2" if u == "R" else "u", "log(1 + v^2)"], [0.3 + k, 1.0 + k2]), (["log(1 + u^2 + u*v + v^2)"], [1.4 + k])]
        if v != "R":
            forms += [(["u^2" if u == "R" else "u", "log(1 + v)"], [0.3 + k, 1.5 + k2]), (["u^2/(1 + v)", "log(1 + v)"], [0.3 + k, 2.5 + k2]), (["log(1 + u^2 + v)"], [2.5 + k])]
    d.features, d.lam = r.choice(forms)
    chosen = r.sample(bounded, r.choice([0, 0, 1, 1, 2]))
    d.features, d.lam = d.features + chosen, [round(l, 3) for l in d.lam] + [gauss(r) for _ in chosen]


MAKERS = {"heavy": heavy, "interval": on_interval, "half": on_half, "left": on_left, "line": on_line, "prior": with_prior, "powers": powers, "basis": basis, "count": counts, "ones": counts,
          "integers": counts, "class": classes, "classcount": classes, "box": planes, "plane": planes, "strip": planes}


def place(r, d):
    """Support and oracle lines of one real variable, in some unit."""
    if d.kind not in ONE_REAL:
        return
    low, high = getattr(d, "prior_low", d.low), getattr(d, "prior_high", d.high)
    d.variable = ["var u real %r %r %s" % (low, high, " ".join(repr(c) for c in sorted(set(d.cuts))))]
    if r.random() < 0.35 and d.kind not in ("prior", "powers", "basis") and not d.prior:  # another unit; powers of 2, so that ends stay ends
        d.scale = 2.0 ** r.choice([-20, -10, -3, 3, 10, 20])
        d.shift = r.choice([0.0, 0.0, 5.0 * d.scale, -40.0 * d.scale]) if abs(d.low) != math.pi else 0.0
    ends = [v if abs(v) == INF else d.shift + d.scale * v for v in (d.low, d.high)]
    d.name = "x"
    d.ends = ends
    d.support = "x in %s%s, %s%s" % ("(" if ends[0] == -INF else "[", "-inf" if ends[0] == -INF else repr(ends[0]), "inf" if ends[1] == INF else repr(ends[1]), ")" if ends[1] == INF else "]")


def draw(r, kind=None):
    d = Drawn(kind or r.choice(KINDS))
    MAKERS[d.kind](r, d)
    place(r, d)
    return d


# ---- text
def in_unit(text, d):
    if d.kind in ONE_REAL:
        inner = "x" if d.scale == 1 and d.shift == 0 else "((x - %r)/%r)" % (d.shift, d.scale) if d.shift > 0 else "((x + %r)/%r)" % (-d.shift, d.scale) if d.shift < 0 else "(x/%r)" % d.scale
        return re.sub(r"\bu\b", lambda m: inner, text)
    return text


def is_event(text):
    return text.startswith("(") and text.endswith(")") and re.search(r"[<>=]", text) and "*" not in text and text.count("(") == 1


def statements(r, d):
    """The facts of d.mean, each in one of its forms. d.blur: what rounding of the written numbers leaves open, in standard deviations."""
    lines, k = [], len(d.lam)
    d.blur = max([abs(m) * 2.0 ** -53 / math.sqrt(d.cov[i][i]) for i, m in enumerate(d.mean) if d.cov[i][i] > 0] or [0.0])
    if getattr(d, "family", False) and r.random() < 0.5:
        f, form = d.features[-1], d.features[-1][0]
        return ["E[%s] = {%s} for k in 1..%d" % ("x^k" if form == "u" else form + "(k, x)", ", ".join(repr(m) for m in d.mean), k)]
    done = set()
    if r.random() < 0.15 and k >= 2 :  # sums and differences: the same space of features
        i, j = r.sample(range(k), 2)
        a = r.choice([1.0, -1.0, 2.0, 0.5])
        fi, fj = in_unit(d.features[i], d), in_unit(d.features[j], d)
        from fractions import Fraction
        value = float(Fraction(d.exact[i]) + Fraction(a) * Fraction(d.exact[j]))
        if abs(value) > 1e-3 * abs(d.mean[i]):
            lines.append("E[%s] + %r*E[%s] = %r" % (fi, a, fj, value) if a > 0 else "E[%s] = %r*E[%s] + %r" % (fi, -a, fj, value))
            lines.append("E[%s] = %r" % (fj, d.mean[j]))
            d.blur = max(d.blur, abs(value) * 2.0 ** -53 / math.sqrt(d.cov[i][i]))
            done = {i, j}
    for i, (f, l, m) in enumerate(zip(d.features, d.lam, d.mean)):
        if i in done:
            continue
        form, text, sd = r.random(), in_unit(f, d), math.sqrt(d.cov[i][i])
        what = "P[%s]" % text[1:-1] if is_event(f) else "E[%s]" % text
        product = re.fullmatch(r"(\((?:c = \d|u > 0\.5)\))\*(.*)", f)
        if product and product.group(1) in d.features and r.random() < 0.7:  # E[g | B] instead of E[1_B g], beside P[B]
            from fractions import Fraction
            j = d.features.index(product.group(1))
            lines.append("E[%s | %s] = %r" % (in_unit(product.group(2), d), in_unit(product.group(1)[1:-1], d), float(Fraction(d.exact[i]) / Fraction(d.exact[j]))))
            if j not in done:
                lines.append("P[%s] = %r" % (in_unit(product.group(1)[1:-1], d), d.mean[j]))
                done.add(j)
        elif form < 0.6 or l == 0:
            lines.append("%s = %r" % (what, m))
        elif form < 0.75:
            lines.append("%s %s %r" % (what, "<=" if l > 0 else ">=", m))
        elif form < 0.85:
            other = m + (-1 if l > 0 else 1) * sd * r.uniform(0.1, 1)
            lines.append("%s in [%r, %r]" % (what, min(m, other), max(m, other)))
        elif form < 0.95:
            s = float("%.2g" % (sd * r.uniform(0.05, 0.5)))
            lines.append("%s = %r +- %r" % (what, m - s * s * l, s))
        else:
            lines += ["%s = %r" % (what, m), "%s <= %r" % (what, m + sd)]
    r.shuffle(lines)
    return list(dict.fromkeys(lines))


# ---- other verdicts, each by a theorem
def spoil(r, d):
    """Facts that nothing can meet: Jensen, the range of a feature, Markov, Cantelli, events that exclude each other, an order of features."""
    i = r.randrange(len(d.features))
    f, m, sd = in_unit(d.features[i], d), d.mean[i], math.sqrt(d.cov[i][i])
    ways = ["square", "exp", "power"]
    if d.kind in ONE_REAL + ("count", "ones", "integers"):
        ways += ["sine", "order", "disjoint", "conditional"] + (["markov"] if d.low == 0 else []) + (["cantelli"] if d.low == -INF and d.high == INF else [])
        ways += ["end"] if abs(d.low) < INF or abs(d.high) < INF else []
    way = r.choice(ways)
    x = "((x - %r)/%r)" % (d.shift, d.scale) if d.kind in ONE_REAL else "u"
    size = max(abs(m), sd, 1e-3)
    if way == "square":
        return ["E[%s] = %r" % (f, m), "E[(%s)^2] = %r" % (f, m * m - 0.1 * sd * sd)]
    if way == "exp":
        return ["E[%s] = %r" % (f, m), "E[exp((%s)/%r)] = %r" % (f, size, math.exp(m / size) * (1 - 1e-3) - 1e-3)]
    if way == "power":
        return ["E[abs(%s)] = %r" % (f, abs(m) + sd), "E[abs(%s)^3] <= %r" % (f, (abs(m) + sd) ** 3 * r.choice([0.9, 0.99, 0.999]))]
    if way == "sine":
        return ["E[sin(%s)] = %r" % (x, r.choice([1.01, -1.2, 3.0])), "E[%s] = %r" % (f, m)]
    a = round(r.uniform(0.2, 2), 2) + (d.low if -INF < d.low else d.high - 3 if d.high < INF else 0)
    if way == "order":
        return ["E[min(%s, %r)] = %r" % (x, a, a - 0.5), "E[%s] = %r" % (x, a - 0.5 - r.choice([1e-3, 0.1, 1.0]))]
    if way == "disjoint":
        p = round(r.uniform(0.1, 0.9), 3)
        return ["P[%s > %r] = %r" % (x, a, p), "P[%s < %r] >= %r" % (x, a - 0.1, round(1 - p + r.choice([0.01, 0.1]), 3)), "E[%s] = %r" % (f, m)]
    if way == "conditional":
        return ["E[%s | %s <= %r] = %r" % (x, x, a, a + 0.1), "P[%s <= %r] = 0.5" % (x, a)]
    if way == "markov":
        return ["E[%s] = %r" % (x, a), "P[%s >= %r] = 0.55" % (x, 2 * a)]
    if way == "cantelli":
        return ["E[%s] = %r" % (x, a), "E[(%s)^2] = %r" % (x, a * a + 1), "P[%s >= %r] >= 0.22" % (x, a + 2)]
    return ["E[%s] = %r" % (x, d.low - 0.1 if d.low > -INF else d.high + 0.1), "E[%s] = %r" % (f, m)]


def heavier(r, d):
    """A feature that grows faster than all of d and whose mean is finite, or None: for unattained problems."""
    if not (d.high == INF or d.low == -INF) or d.rank > 6 or d.kind not in ("half", "left", "line", "prior", "powers", "count", "ones", "integers") or getattr(d, "prior_high", None):
        return None
    if d.rank < 0.4 or d.features[0].startswith("exp("):
        return None
    n = int(d.rank) + 1
    return r.choice(["u^%d" % (n + n % 2), "abs(u)^%r" % (d.rank + 0.5), "abs(u)^%d" % (n + 1)] if d.low < 0 else ["u^%d" % n, "u^%d" % (n + 1), "u^%r" % (d.rank + 0.5)])


def spread(r):
    """Unbounded: bounded features (and, on the line, a mean) that leave the far ends free."""
    line = r.random() < 0.6
    d = draw(r, "line" if line else r.choice(["half", "count"]))
    bounded = {"(u", "sin", "cos", "exp(-", "atan", "min(", "u/(1", "tanh", "1/(1", "max(1", "max(min", "erf", "sign", "max(3"}
    keep = [i for i, f in enumerate(d.features) if i > 0 and (any(f.startswith(b) for b in bounded) or f == "u" and line)]
    d.omitted = [i for i in range(len(d.features)) if i not in keep]
    return d if d.prior is None and (keep or line and r.random() < 0.2) else None


def point(r):
    """Singular: only point masses, curves or parts of measure zero meet the facts. Numbers are exact."""
    m, s = r.randrange(-16, 17) / 8, r.choice([0.25, 0.5, 1.0, 2.0])
    where = r.choice(["R", "[-4, 4]", "(-inf, 5]", "[-3, inf)"])
    extra = r.choice([[], ["E[x^4] <= 300"], ["E[cos(x)] >= -1"], ["P[x > -2.5] >= 0"]])
    low, high = r.choice([(0.0, 1.0), (-1.0, 3.0), (2.0, 5.0)])
    ways = [["x in " + where, "E[x] = %r" % m, "E[x^2] = %r" % (m * m)] + extra,
            ["x in " + where, "E[(x - %r)^2] = 0" % m] + extra,
            ["x in " + where, "E[abs(x - %r)] <= 0" % m] + extra,
            ["x in " + where, "E[(x - %r)^4] = 0" % m] + extra,
            ["x in R", "E[x] = %r" % m, "E[(x - %r)^2] = %r" % (m, s * s), "E[(x - %r)^4] = %r" % (m, s ** 4)],
            ["x in R", "E[(x - %r)^2] = %r" % (m, s * s), "E[(x - %r)^4] = %r" % (m, s ** 4)],
            ["x in [%r, %r]" % (low, high), "E[x] = %r" % r.choice([low, high])],
            ["x in [%r, inf)" % low, "E[x] = %r" % low],
            ["x in [%r, inf)" % low, "E[(x - %r)^2] = 0" % low],
            ["x in [-1, 1]", "E[abs(x)] = 1"],
            ["x in [0, inf)", "E[x] = %r" % s, "E[x^3] = %r" % s ** 3],
            ["x in R", "E[x^2 - %r*x] = %r" % (2 * m, -m * m)],
            ["x in [%r, %r]" % (low, high), "E[(x - %r)*(%r - x)] = 0" % (low, high)],
            ["x in [0, 1]", "E[x] = %r" % 0.375, "E[x^2] = %r" % 0.375],
            ["x in R", "E[abs(x)] = %r" % s, "E[x^2] = %r" % (s * s)],
            ["x in R", "prior exp(-x^2/2)", "E[x] = %r" % m, "E[x^2] = %r" % (m * m)],
            ["x in R; y in R", "E[(x - y)^2] = 0", "E[x^2] = %r" % s],
            ["x in R; y in R", "E[x^2] = 1", "E[y^2] = 1", "E[x*y] = 1"],
            ["c in {a, b}; x in R", "P[c = a] = 0.5", "E[x | c = a] = %r" % m, "E[x^2 | c = a] = %r" % (m * m), "E[x^2] = %r" % (m * m + 2)],
            ["x in [0, 1]; y in [0, 1]", "E[x*y] = 1"]]
    lines = r.choice(ways)
    return lines


def face(r):
    """A problem on a part of its support, and the fact that says that it stays there: (d, statement), verdict boundary."""
    d = draw(r, r.choice(["interval", "half", "line", "count", "integers", "interval", "half"]))
    if d.kind in ("interval", "half", "line"):
        a, b = max(d.low, -2.0), min(d.high, 3.0)
        c = round(8 * (a + (b - a) * r.uniform(0.3, 0.7))) / 8
        if not d.low < c < d.high:
            return None
        above = d.kind != "line" or r.random() < 0.5  # what is empty
        if above:
            d.prior_high, fact = c, ["P[u > %r] = 0" % c, "E[max(u - %r, 0)] = 0" % c, "P[u > %r] <= 0" % c, "P[u <= %r] = 1" % c, "E[max(u, %r)] = %r" % (c, c)]
        else:
            d.prior_low, fact = c, ["P[u < %r] = 0" % c, "E[max(%r - u, 0)] <= 0" % c, "P[u >= %r] = 1" % c]
        low, high = (d.low, c) if above else (c, d.high)
        d.variable = ["var u real %r %r %s" % (low, high, " ".join(repr(v) for v in sorted(set(d.cuts))))]
        d.face = (low, high)
        fact = r.choice(fact)
        if d.scale != 1 or d.shift != 0 or d.prior:
            return None
        return d, [in_unit(fact, d)]
    c = r.choice([3, 5, 8])
    d.variable = ["var u whole %s %d" % ("-inf" if d.kind == "integers" else 0, c)]
    d.face = (d.low, float(c))
    return d, [r.choice(["P[u > %d] = 0" % c, "E[max(u - %d, 0)] = 0" % c, "P[u <= %d] = 1" % c, "P[u > %d] <= 0" % c])]
