"""Problems with narrow or far peaks, in the prior, in features, in events: 30 digits, by formulas or by integrals over pieces that know where
the peaks are. Every density is exp(-sum lambda f) q / Z; lambda solves the facts, by Newton from a start that is near."""
from mpmath import exp, expm1, findroot, log, mp, mpf, nstr, pi, quad, sqrt, tanh

mp.dps = 30
CASES = []


def put(id, text, verdict="solved", entropy=None, note="", slack=1e-11):
    expected = {"verdict": verdict, "slack": slack}
    if entropy is not None:
        expected["entropy"] = nstr(entropy, 25)
    if note:
        expected["note"] = note
    CASES.append({"id": id, "text": text, "expected": expected})


def around(lower, upper, peaks):
    """Ends of pieces: each peak (where, how wide) gets pieces that widen away from it by factors of 2."""
    at = {mpf(lower), mpf(upper)}
    for where, wide in peaks:
        at |= {where + s * wide * mpf(2) ** k for s in (-1, 1) for k in range(-3, 60)} | {where}
    return sorted(x for x in at if lower <= x <= upper)


def solved(q, facts, pieces, start=()):
    """Entropy of the density with prior q that meets facts, (feature, target); and lambda."""
    def weight(x, l):
        return q(x) * exp(-sum(a * f(x) for a, (f, t) in zip(l, facts)))

    def means(l):
        w = lambda x: weight(x, l)
        z = quad(w, pieces)
        return [quad(lambda x, f=f: w(x) * f(x), pieces) / z - t for f, t in facts]

    l = []
    if facts:
        l = findroot(lambda *l: means(l), start, tol=1e-22) if len(facts) > 1 else [findroot(lambda a: means([a])[0], start, tol=1e-22)]
    z = quad(lambda x: weight(x, l), pieces)
    p = lambda x: weight(x, l) / z
    return -quad(lambda x: p(x) * log(p(x)) if p(x) > 0 else mpf(0), pieces)


def bump(where, by):
    return lambda x: exp(-by * (x - where) ** 2)


one = lambda x: mpf(1)
same = lambda x: x
U = "x in [0, 1]\n"
c, by = mpf("0.4321"), mpf(10) ** 8
unit = around(0, 1, [(c, mpf("1e-4"))])
put("narrow_prior", U + "prior 1+1e4*exp(-1e8*(x-.4321)^2)", entropy=solved(lambda x: 1 + 10**4 * bump(c, by)(x), [], unit))
put("narrow_prior_expanded", U + "prior 1+1e4*exp(-1e8*x^2+86420000*x-18671041)", entropy=solved(lambda x: 1 + 10**4 * bump(c, by)(x), [], unit))
put("narrow_prior_mean", U + "prior 1+1e4*exp(-1e8*(x-.4321)^2)\nE[x] = 0.5",
    entropy=solved(lambda x: 1 + 10**4 * bump(c, by)(x), [(same, mpf("0.5"))], unit, -1.27))
put("narrow_feature", U + "E[exp(-1e8*(x-.4321)^2)] = 0.3", entropy=solved(one, [(bump(c, by), mpf("0.3"))], unit, -9.5))
put("narrow_feature_bound", U + "E[1e4*exp(-1e8*(x-.4321)^2)] <= 0.01",
    entropy=solved(one, [(lambda x: 10**4 * bump(c, by)(x), mpf("0.01"))], unit, 0.00487160))
put("narrow_cauchy", U + "E[1/(1+1e10*(x-.654321)^2)] = 0.2",
    entropy=solved(one, [(lambda x: 1 / (1 + mpf(10) ** 10 * (x - mpf("0.654321")) ** 2), mpf("0.2"))],
                   around(0, 1, [(mpf("0.654321"), mpf("1e-5"))]), -10))
put("narrow_step", U + "E[tanh(1e6*(x-.3))] = 0.1; E[x] = 0.5",
    entropy=solved(one, [(lambda x: tanh(10**6 * (x - mpf("0.3"))), mpf("0.1")), (same, mpf("0.5"))], around(0, 1, [(mpf("0.3"), mpf("1e-6"))]), (1, -1)))
put("narrow_power", U + "E[x^100000] = 0.1", entropy=solved(one, [(lambda x: x**100000, mpf("0.1"))], around(0, 1, [(mpf(1), mpf("1e-5"))]), -10))
put("narrow_cusp", U + "E[exp(-1e5*abs(x-.377))] = 0.2",
    entropy=solved(one, [(lambda x: exp(-10**5 * abs(x - mpf("0.377"))), mpf("0.2"))], around(0, 1, [(mpf("0.377"), mpf("1e-5"))]), -9.5))
put("narrow_event", U + "P[(x-.4321)^2 <= 1e-8] = 0.5", entropy=-(log(mpf("0.5") / mpf("2e-4")) + log(mpf("0.5") / (1 - mpf("2e-4")))) / 2)
put("narrow_two_roots", "x in [-1, 1]\nprior exp(-1e10*(x^2-.25)^2)",
    entropy=solved(lambda x: exp(-mpf(10) ** 10 * (x * x - mpf("0.25")) ** 2), [], around(-1, 1, [(mpf("0.5"), mpf("1e-5")), (mpf("-0.5"), mpf("1e-5"))])))
put("narrow_far", "x in R\nprior exp(-x^2/2)+1e5*exp(-1e8*(x-12.345)^2)",
    entropy=solved(lambda x: exp(-x * x / 2) + 10**5 * bump(mpf("12.345"), by)(x), [], around(-40, 40, [(mpf("12.345"), mpf("1e-4")), (mpf(0), mpf(1))])))
put("narrow_half_line", "x in [0, inf)\nprior 1+1e3*exp(-1e6*(x-3.3)^2)\nE[x] = 1",
    entropy=solved(lambda x: 1 + 1000 * bump(mpf("3.3"), mpf(10) ** 6)(x), [(same, mpf(1))], around(0, 150, [(mpf("3.3"), mpf("1e-3"))]), 1.4))
put("far_bump", "x in R\nE[exp(-((x+320)/8)^2)] = 0.406", "unbounded", note="0.406 of the mass about -320, the rest as wide as one likes")
put("far_bump_too_high", "x in R\nE[exp(-((x+320)/8)^2)] = 1.406", "infeasible", note="at most 1")

# spikes on whole numbers: sums by formulas
g = exp(mpf("-1e-4"))
z = 1 / (1 - g) + 10**6 * g**123456
mean = g / (1 - g) ** 2 + 123456 * 10**6 * g**123456
spike = (1 + 10**6) * g**123456
put("spike_in_the_prior", "n in 0..inf\nprior exp(-.0001*n)*(1+1e6*(n==123456))", entropy=log(z) + mpf("1e-4") * mean / z - log(mpf(10) ** 6 + 1) * spike / z)


def spike_fact(a):
    """E[n] = 10, E[1e-6 at 123456]: the rest is geometric."""
    m = (10 - a * 123456) / (1 - a)
    return -a * log(a) - (1 - a) * log(1 - a) + (1 - a) * ((1 + m) * log(1 + m) - m * log(m))


put("spike_in_a_feature", "n in 0..inf\nE[n] = 10; E[exp(-1000*(n-123456)^2)] = 1e-6", entropy=spike_fact(mpf("1e-6")),
    note="the geometric part has e^-11000 there")

# two and three variables: sums of normals well inside the support are 1 + a pi / s or 1 + a (pi / s)^1.5
B = "x in [0, 1]; y in [0, 1]\n"


def flat_and_bump(height, by):
    """Entropy of (1 + height exp(-by r^2)) / Z in the plane, the unit square around it; its own part in the radius."""
    z = 1 + height * pi / by
    part = quad(lambda t: (1 + height * exp(-t)) * log(1 + height * exp(-t)), around(0, 100, [(mpf(0), mpf(1)), (log(height), mpf(1))])) * pi / by
    return log(z) - part / z


put("narrow_plane_prior", B + "prior 1+1e4*exp(-((x-.4)^2+(y-.6)^2)*1e5)", entropy=flat_and_bump(mpf(10) ** 4, mpf(10) ** 5))


def plane_bump(target, by, start):
    """exp(-l exp(-by r^2)) on the unit square: integrals in t = by r^2 over the whole plane, what is 1 taken out."""
    I = lambda f: quad(f, around(0, 90, [(mpf(0), mpf("0.1")), (mpf(5), mpf(1))])) * pi / by
    z = lambda l: 1 + I(lambda t: expm1(-l * exp(-t)))
    l = findroot(lambda l: I(lambda t: exp(-t - l * exp(-t))) / z(l) - target, start, tol=1e-22)
    return log(z(l)) + l * target


put("narrow_plane_feature", B + "E[exp(-((x-.4)^2+(y-.6)^2)*1e5)] = 0.2", entropy=plane_bump(mpf("0.2"), mpf(10) ** 5, -11.5))
put("narrow_plane_disc", B + "P[(x-.83)^2+(y-.17)^2 <= 1e-4] = 0.5",
    entropy=-(log(mpf("0.5") / (pi * mpf("1e-4"))) + log(mpf("0.5") / (1 - pi * mpf("1e-4")))) / 2)
put("narrow_plane_square", B + "P[max(abs(x-.3), abs(y-.7)) <= 1e-4] = 0.5", entropy=-(log(mpf("0.5") / mpf("4e-8")) + log(mpf("0.5") / (1 - mpf("4e-8")))) / 2)
put("narrow_plane_centre", B + "E[(x-.5)^2+(y-.5)^2] = 1e-6", entropy=log(pi * mpf("1e-6")) + 1, note="normal, its tails outside below e^-250000")
put("narrow_plane_line", B + "prior 1+1e4*exp(-(x-.4)^2*1e7)", entropy=solved(lambda x: 1 + 10**4 * bump(mpf("0.4"), mpf(10) ** 7)(x), [], around(0, 1, [(mpf("0.4"), mpf("3e-4"))])))
put("narrow_plane_far", "x in R; y in R\nprior exp(-x^2-y^2)+1e6*exp(-((x-100)^2+(y-200)^2)*1e3)",
    entropy=log(pi + 1000 * pi) + (1 + 1000 * (1 - log(mpf(10) ** 6))) / 1001, note="two normals that do not meet")
put("narrow_plane_far_feature", "x in R; y in R\nE[exp(-((x-1000)^2+(y-1)^2))] = 0.3", "unbounded")
put("narrow_plane_too_high", B + "E[exp(-((x-.4)^2+(y-.6)^2)*1e5)] = 1.2", "infeasible", note="at most 1")
