"""The independent solver behind finite.json: verdicts by exact linear programming, answers by Newton in many digits.

A problem is states, a prior q > 0 on them, and facts: a row of feature values (exact rationals, or mpf for log and the like) and
bounds lower <= E[row] <= upper, or a soft target with its sd. Nothing here shares code, algorithm or language with the library.

verdict: the largest set of states that any p meeting the facts can use, from one linear program over the rationals [1, theorem 2]:
    max sum t   with  sum_x (t + u)(x) (row_i(x) - bound_i) =, >=, <= 0,  t <= 1,  t, u >= 0        (homogeneous, so no phase one)
t(x) = 1 exactly on that set; empty: infeasible; smaller than the support of q: boundary.
answer: on that set the dual is minimised by damped Newton with mpmath; which interval facts are active is found by trying all.

[1] R. M. Freund, R. Roundy, M. J. Todd, Identifying the set of always-active constraints in a system of linear inequalities by a
    single linear program, MIT Sloan working paper 1674-85, 1985.
"""
import itertools
from gmpy2 import mpq
from mpmath import mp, mpf, matrix, log, exp, lu_solve

mp.dps = 80
INF = float("inf")


def to_mp(v):
    return mpf(int(v.numerator)) / mpf(int(v.denominator)) if isinstance(v, type(mpq(1))) else mpf(v)


def simplex(rows, cost, basis):
    """Maximises cost over rows [A | b] in canonical form for basis (b >= 0), by Bland's rule after a while. Tableau changes in place."""
    width, steps = len(cost), 0
    while True:
        steps += 1
        entering = None
        if steps < 500:
            best = 0
            for j in range(width):
                if cost[j] > best:
                    best, entering = cost[j], j
        else:
            entering = next((j for j in range(width) if cost[j] > 0), None)
        if entering is None:
            return
        leaving, least = None, None
        for i, r in enumerate(rows):
            if r[entering] > 0:
                ratio = r[-1] / r[entering]
                if least is None or ratio < least or (ratio == least and basis[i] < basis[leaving]):
                    leaving, least = i, ratio
        assert leaving is not None, "unbounded"
        pivot(rows, cost, basis, leaving, entering)


def pivot(rows, cost, basis, i, j):
    r = rows[i]
    p = r[j]
    if p != 1:
        inverse = 1 / p
        rows[i] = r = [v * inverse if v else v for v in r]
    live = [c for c, v in enumerate(r) if v]
    for o, row in enumerate(rows):
        if o != i and row[j]:
            f = row[j]
            for c in live:
                row[c] -= f * r[c]
    if cost[j]:
        f = cost[j]
        for c in live:
            if c < len(cost):
                cost[c] -= f * r[c]
    basis[i] = j


def largest_support(n, rows, bounds):
    """States that some p with lower <= E row <= upper for all rows can use. rows: [k][n] mpq; bounds: [k] (lower, upper) mpq or None."""
    # variables: t_0.., u_0.., v_0.. (t + v = 1), slacks e
    A, slack = [], 0
    for row, (lower, upper) in zip(rows, bounds):
        if lower is not None and lower == upper:
            A.append(([v - lower for v in row], 0))
        else:
            if lower is not None:
                A.append(([v - lower for v in row], -1))
                slack += 1
            if upper is not None:
                A.append(([v - upper for v in row], 1))
                slack += 1
    width, table, basis, s, zero = 3 * n + slack, [], [], 0, mpq(0)
    for a, sign in A:
        scale = max(abs(v) for v in a) or mpq(1)
        r = [v / scale for v in a] * 2 + [zero] * (n + slack + 1)
        if sign:
            r[3 * n + s] = mpq(sign)
            s += 1
        table.append(r)
        basis.append(None)
    for x in range(n):
        r = [zero] * (width + 1)
        r[x], r[2 * n + x], r[-1] = mpq(1), mpq(1), mpq(1)
        table.append(r)
        basis.append(2 * n + x)
    cost = [mpq(1)] * n + [zero] * (width - n)
    i = 0
    while i < len(table):  # rows with right side 0: any non-zero entry may enter, nothing moves
        if basis[i] is None:
            j = next((j for j in list(range(n, 2 * n)) + list(range(3 * n, width)) if table[i][j]), None)
            if j is None:
                j = next((j for j in range(width) if table[i][j]), None)
            if j is None:
                del table[i], basis[i]
                continue
            pivot(table, cost, basis, i, j)
            if j < n:
                pass
        i += 1
    simplex(table, cost, basis)
    t = [zero] * n
    for r, b in zip(table, basis):
        if b < n:
            t[b] = r[-1]
    assert all(v in (0, 1) for v in t), "t is not 0/1"
    return [x for x in range(n) if t[x]]


def independent(rows, face):
    """Indices of rows whose restrictions to the face, with the constant, are linearly independent (first ones first)."""
    kept, reduced = [], []

    def reduce(v):
        for p, r in reduced:
            if v[p]:
                f = v[p]
                v = [a - f * b for a, b in zip(v, r)]
        return v

    def take(v):
        p = next((i for i, a in enumerate(v) if a), None)
        if p is None:
            return False
        f = v[p]
        reduced.append((p, [a / f for a in v]))
        return True

    take([mpq(1)] * len(face))
    for i, row in enumerate(rows):
        if take(reduce([row[x] for x in face])):
            kept.append(i)
    return kept


def newton(rows, q, target, soft, grow=True):
    """lambda, p, logz, covariance minimising log sum q exp(-lambda.f) + lambda.target + sum soft_i^2 lambda_i^2 / 2; None if it escapes."""
    k, n = len(rows), len(q)
    centred = [[to_mp(v) - to_mp(t) for v in r] for r, t in zip(rows, target)]
    scale = [max(abs(v) for v in c) or mpf(1) for c in centred]
    f = [[v / s for v in c] for c, s in zip(centred, scale)]
    s2 = [(to_mp(s) / c) ** 2 for s, c in zip(soft, scale)]
    logq = [log(to_mp(v)) for v in q]
    lam, radius = [mpf(0)] * k, mpf(12)

    def evaluate(lam):
        scores = [lq - sum(l * fi[x] for l, fi in zip(lam, f)) for x, lq in enumerate(logq)]
        top = max(scores)
        w = [exp(s - top) for s in scores]
        z = sum(w)
        return [v / z for v in w], top + log(z)

    def value(lam, logz):
        return logz + sum(s * l * l for s, l in zip(s2, lam)) / 2

    p, logz = evaluate(lam)
    goal = mpf(10) ** (-mp.dps // 2) # below it, the value has no digits left to search along, and Newton squares the error
    for iteration in range(3000):
        mean = [sum(a * b for a, b in zip(p, fi)) for fi in f]
        g = [s * l - m for s, l, m in zip(s2, lam, mean)]
        H = matrix(k, k)
        off = [[v - m for v in fi] for m, fi in zip(mean, f)]
        for i in range(k):
            w = [a * b for a, b in zip(p, off[i])]
            for j in range(i + 1):
                H[i, j] = H[j, i] = sum(a * b for a, b in zip(w, off[j]))
            H[i, i] += s2[i]
        if not k:
            break
        try:
            step = lu_solve(H, matrix([-v for v in g]))
        except ZeroDivisionError:
            return None
        slope = sum(a * b for a, b in zip(g, step))
        if -slope < mpf(10) ** -mp.dps and max(abs(v) for v in g) < goal:
            break
        change = [sum(d * fi[x] for d, fi in zip(step, f)) for x in range(n)]
        spread = max(change) - min(change) + mpf(10) ** -30  # log p moves at most by the radius a step
        size, here, first = min(mpf(1), radius / spread), value(lam, logz), True
        while True:
            trial = [l + size * s for l, s in zip(lam, step)]
            pt, zt = evaluate(trial)
            if size == 1 and -slope < goal or value(trial, zt) <= here + size * slope / 100 or size < mpf(10) ** -30:
                break
            size, first = size / 2, False
        radius = 2 * radius if first and grow else max(mpf(12), size * spread)
        lam, p, logz = trial, pt, zt
        if min(p) == 0 or log(max(p) / min(p)) > mpf(10) ** 20:
            return None
    else:
        return None
    shift = sum(l * to_mp(t) / s for l, t, s in zip(lam, target, scale))  # log Z of the uncentred features
    return dict(lam=[l / s for l, s in zip(lam, scale)], p=p, logz=logz - shift,
                H=matrix([[H[i, j] * scale[i] * scale[j] for j in range(k)] for i in range(k)]) if k else None)


def solve(states, prior, rows, kinds, lp=True, box=None):
    """The whole answer.

    rows: [k][n]; kinds: [k] ("eq", target) | ("in", lower|None, upper|None) | ("soft", target, sd). box: half-widths [k] by which
    equalities and bounds are relaxed (verdict only). Returns dict(verdict, face, p, lam, logz, entropy, ...).
    """
    n = states
    q = [mpq(v) for v in prior] if prior else [mpq(1)] * n
    alive = [x for x in range(n) if q[x] > 0]
    bounds = []
    for i, kind in enumerate(kinds):
        e = box[i] if box else 0
        if kind[0] == "eq":
            bounds.append((kind[1] - e, kind[1] + e))
        elif kind[0] == "in":
            bounds.append((None if kind[1] is None else kind[1] - e, None if kind[2] is None else kind[2] + e))
        else:
            bounds.append((None, None))
    face = alive
    if lp:
        part = largest_support(len(alive), [[r[x] for x in alive] for r in rows], bounds)
        face = [alive[i] for i in part]
        if not face:
            return dict(verdict="infeasible")
    verdict = "solved" if len(face) == len(alive) else "boundary"
    if box is not None:
        return dict(verdict=verdict)
    loose = [i for i, kd in enumerate(kinds) if kd[0] == "in"]
    for choice in itertools.product(*[[None] + [b for b in (1, 2) if kinds[i][b] is not None] for i in loose]):
        target, soft, active, sign = {}, {}, [], {}
        for i, kind in enumerate(kinds):
            if kind[0] == "eq":
                active.append(i), target.__setitem__(i, kind[1]), soft.__setitem__(i, 0)
        hard = independent([rows[i] for i in active], face) if lp else list(range(len(active)))
        keep = [active[j] for j in hard]
        chosen = [(i, b) for i, b in zip(loose, choice) if b is not None]
        if chosen:
            order = keep + [i for i, b in chosen]
            if lp and len(independent([rows[i] for i in order], face)) < len(order):
                continue
        for i, b in chosen:
            keep.append(i), target.__setitem__(i, kinds[i][b]), soft.__setitem__(i, 0), sign.__setitem__(i, 1 if b == 2 else -1)
        for i, kind in enumerate(kinds):
            if kind[0] == "soft":
                keep.append(i), target.__setitem__(i, kind[1]), soft.__setitem__(i, kind[2])
        r = None
        for grow in (True, False):
            r = r or newton([[rows[i][x] for x in face] for i in keep], [q[x] for x in face], [target[i] for i in keep],
                            [soft[i] for i in keep], grow)
        if r is None:
            continue
        lam = dict(zip(keep, r["lam"]))
        tiny = mpf(10) ** (-mp.dps // 2)
        if any(lam[i] * s < -tiny for i, s in sign.items()):
            continue
        mean = lambda i: sum(a * to_mp(rows[i][x]) for a, x in zip(r["p"], face))
        inside = True
        for i in loose:
            if i not in sign:
                m, size = mean(i), max(abs(to_mp(rows[i][x])) for x in face)
                inside &= kinds[i][1] is None or m >= to_mp(kinds[i][1]) - tiny * size
                inside &= kinds[i][2] is None or m <= to_mp(kinds[i][2]) + tiny * size
        if not inside:
            continue
        p = [mpf(0)] * n
        for v, x in zip(r["p"], face):
            p[x] = v
        total = sum(to_mp(q[x]) for x in alive)
        return dict(verdict=verdict, face=face, p=p, lam=[lam.get(i, mpf(0)) for i in range(len(kinds))], logz=r["logz"],
                    entropy=-sum(v * log(v) for v in r["p"]), keep=keep, unique=len(keep) == len(kinds) - len(loose) + len(chosen)
                    and verdict == "solved", H=r["H"], relative=sum(v * log(v * total / to_mp(q[x])) for v, x in zip(r["p"], face)))
    return None
