"""The independent solver behind continuous.json: integrals by double-exponential rules and sums, in 50 digits and more.

A problem is a measure (nodes and weights over the support, with the prior's logarithm), features and targets that are exactly the
printed doubles. From a first guess of lambda, which the maker of the case knows (he drew it, or has the closed form), Newton's method on
D(lambda) = log Z + lambda . tau is carried on until the residual is below 1e-40; the answer is accepted only when a rule of half the
step size gives the same entropy to 22 digits. Nothing here shares code, algorithm or language with the library.

Rules [1]: tanh-sinh on a finite piece, exp-sinh on a half line, the trapezoidal rule on the line (entire integrands), pieces split
by the maker of the case at kinks and peaks. The working precision is 110 digits, so that log(1 - x) is known at the nodes nearest to 1.

[1] H. Takahasi, M. Mori, Double exponential formulas for numerical integration, Publ. RIMS 9 (1974) 721-741.
"""
import itertools
from mpmath import mp, mpf, matrix, lu_solve, exp, log, sinh, cosh, tanh, pi, inf, nstr

mp.dps = 110


def piece(a, b, h, scale=1):
    """[(x, dx)] for the integral from a to b; an infinite end takes scale, where its mass is."""
    nodes, a, b = [], mpf(a), mpf(b)
    if a == -inf and b == inf:
        return piece(-inf, 0, h, scale) + piece(0, inf, h, scale)
    j = 0
    while True:
        t, found = j * h, False
        for s in ((t, -t) if j else (t,)):
            u = pi / 2 * sinh(s)
            if a == -inf or b == inf:
                if abs(u) > 4000:
                    continue
                x = scale * exp(u)
                w = x * pi / 2 * cosh(s) * h
                nodes.append((a + x, w) if b == inf else (b - x, w))
            else:
                if u > 110 or u < (-4000 if a == 0 else -110):
                    continue
                v = exp(2 * u) / (1 + exp(2 * u)) if u < 0 else 1 / (1 + exp(-2 * u))
                nodes.append((a + (b - a) * v, (b - a) / 2 * (pi / 2) * cosh(s) / cosh(u) ** 2 * h))
            found = True
        if not found:
            return nodes
        j += 1


def line(pieces, h=mpf(1) / 32):
    """Measure over one variable: pieces are (a, b) or (a, b, scale)."""
    return lambda half: [((x,), w) for p in pieces for x, w in piece(p[0], p[1], h / (2 if half else 1), mpf(p[2]) if len(p) > 2 else 1)]


def trapezoid(center, radius, h):
    """Measure over the line for entire integrands that are nothing beyond the radius."""
    def nodes(half):
        step = mpf(h) / (2 if half else 1)
        n = int(mpf(radius) / step)
        return [((mpf(center) + j * step,), step) for j in range(-n, n + 1)]
    return nodes


def whole(first, last):
    """Counting measure on first..last."""
    return lambda half: [((mpf(j),), mpf(1)) for j in range(first, last + 1)]


def listed(values):
    return lambda half: [((mpf(v),), mpf(1)) for v in values]


def product(*measures):
    def nodes(half):
        sides = [m(half) for m in measures]
        out = []
        for combination in itertools.product(*sides):
            w = mpf(1)
            for c in combination:
                w *= c[1]
            out.append((sum((c[0] for c in combination), ()), w))
        return out
    return nodes


class Answer:
    pass


def moments(nodes, lam, second=True):
    """log Z, E f, Cov f, E log q at lam; nodes from tabulate."""
    k = len(lam)
    scores = [lw + lq - sum(l * v for l, v in zip(lam, f)) for (f, lq, lw) in nodes]
    top = max(scores)
    z, first, cov, elq = mpf(0), [mpf(0)] * k, [[mpf(0)] * k for _ in range(k)], mpf(0)
    floor = top - 280
    kept = []
    for s, (f, lq, _) in zip(scores, nodes):
        if s < floor:
            continue
        e = exp(s - top)
        kept.append((e, f))
        z += e
        elq += e * lq
        for i in range(k):
            first[i] += e * f[i]
    first = [v / z for v in first]
    if second:
        for e, f in kept:
            d = [f[i] - first[i] for i in range(k)]
            for i in range(k):
                t = e * d[i]
                for j in range(i + 1):
                    cov[i][j] += t * d[j]
        for i in range(k):
            for j in range(i + 1):
                cov[i][j] = cov[j][i] = cov[i][j] / z
    return top + log(z), first, cov, elq / z


def tabulate(measure, features, log_prior, half=False):
    out = []
    for x, w in measure(half):
        lq = log_prior(*x) if log_prior else mpf(0)
        if lq == -inf:
            continue
        out.append(([f(*x) for f in features], lq, log(w)))
    return out


def facts_at(measure, features, lam, log_prior=None):
    """E f at lam: targets of a problem whose answer is known."""
    return moments(tabulate(measure, features, log_prior), [mpf(l) for l in lam], False)[1]


def solve(measure, features, targets, guess, log_prior=None, check=True):
    """Newton from guess. Answer: lam, log_z, entropy, relative (to the prior as written), density(x)."""
    targets, lam = [mpf(t) for t in targets], [mpf(l) for l in guess]
    nodes = tabulate(measure, features, log_prior)
    for step in range(80):
        log_z, first, cov, elq = moments(nodes, lam)
        r = [a - b for a, b in zip(first, targets)]
        off = max([abs(v) / max(abs(t), mp.sqrt(abs(cov[i][i]))) for i, (v, t) in enumerate(zip(r, targets))] or [mpf(0)])
        if off < mpf(10) ** -min(45, mp.dps - 8):
            break
        d = lu_solve(matrix(cov), matrix(r))
        change = sum(d[i] * r[i] for i in range(len(lam)))
        damp = mpf(1) if change < 0.3 else 1 / (1 + mp.sqrt(change))
        lam = [l + damp * d[i] for i, l in enumerate(lam)]
    else:
        raise ArithmeticError("Newton does not end: %s" % nstr(off, 5))
    a = Answer()
    a.lam, a.log_z = lam, log_z
    a.dual = log_z + sum(l * t for l, t in zip(lam, targets))  # -relative entropy to the prior as written
    a.entropy = a.dual - elq
    if check:
        other, first, _, elq2 = moments(tabulate(measure, features, log_prior, True), lam, False)
        gap = abs(other + sum(l * t for l, t in zip(lam, targets)) - elq2 - a.entropy)
        if gap > mpf(10) ** -22 * max(1, abs(a.entropy)):
            raise ArithmeticError("the rule of half the step differs by %s" % nstr(gap, 5))

    inverse = matrix(cov) ** -1 if lam else None
    mean = moments(nodes, lam, False)[1]

    def p_slack(ulps):
        """How far the density moves, to first order, when every target moves by its ulps."""
        worst = mpf(0)
        for f, lq, _ in nodes[:: max(1, len(nodes) // 300)]:
            p = exp(lq - sum(l * v for l, v in zip(a.lam, f)) - a.log_z)
            d = [v - m for v, m in zip(f, mean)]
            worst = max(worst, p * sum(abs(sum(inverse[i, j] * d[j] for j in range(len(d)))) * u for i, u in enumerate(ulps)))
        return worst
    a.p_slack = p_slack

    def density(*x):
        lq = log_prior(*x) if log_prior else mpf(0)
        return mpf(0) if lq == -inf else exp(lq - sum(l * f(*x) for l, f in zip(a.lam, features)) - a.log_z)
    a.density = density
    return a
