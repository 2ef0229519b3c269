#!/usr/bin/env python3
"""What a competent user would run instead: one solver on one problem folder, timed, as a child process of run.py.

    peers.py SOLVER FOLDER OUT

Reads FOLDER/shape, features, target (bench/data_bench.c says how they are made) before the clock starts, solves, and writes the
answer to OUT as raw doubles. Prints one JSON line {seconds, cpu, evaluations, answer: "lambda"|"p"|null, note, peak_kib}. p = exp(-lambda f)/Z.

    lbfgs-raw, lbfgs     scipy's L-BFGS-B on the dual: shifted log-sum-exp, analytic gradient; raw or standardised columns
    newton               numpy: dense Hessian (one syrk), Cholesky, step halving and a ridge that grows when refused; standardised columns
    ebal                 the package ebal (E. Yang; entropy balancing, its own damped Newton), its loop on standardised columns
    empirical            the package empirical_calibration (Google), entropy objective
    maxentropy           the package scipy_maxentropy (once scipy.maxentropy), model.fit by conjugate gradients
    cvxpy                the primal through cvxpy and the cone solver Clarabel

Stopping: 1e-9 of each column's standard deviation, as run.py judges. L-BFGS-B often stops at 1e-8, where the dual's value has no more
digits; further off it is started again from where it is while that helps, as a user who looks at his residuals would do.
Modules are imported before the clock starts.
"""
import importlib, json, os, resource, sys, time
import numpy as np

TOLERANCE = 1e-9


def load(folder):
    n, k, size = map(int, open(os.path.join(folder, "shape")).read().split())
    F = np.fromfile(os.path.join(folder, "features"), dtype=np.float64 if size == 8 else np.int8).reshape(n, k)
    return F.astype(np.float64, copy=False), np.fromfile(os.path.join(folder, "target"), dtype=np.float64)


def standardised(F, tau):
    """Columns with mean 0 and standard deviation 1, the targets alike, and the deviations. Counted in the time."""
    mu, sd = F.mean(axis=0), F.std(axis=0)
    G = F - mu
    G /= sd
    return G, (tau - mu) / sd, sd


class Dual:
    """D(lambda) = log sum exp(-F lambda) + lambda . tau and its gradient tau - E f; one evaluation reads F twice."""
    def __init__(self, F, tau):
        self.F, self.tau, self.count = F, tau, 0

    def weights(self, lam):
        s = self.F @ -lam
        top = s.max()
        np.exp(s - top, out=s)
        z = s.sum()
        s /= z
        return s, top + np.log(z)

    def __call__(self, lam):
        self.count += 1
        p, logz = self.weights(lam)
        return logz + lam @ self.tau, self.tau - p @ self.F


def lbfgs(F, tau, scale=True):
    if scale:
        G, t, sd = standardised(F, tau)
    else:
        G, t, sd = F, tau, np.ones(F.shape[1])
    dual = Dual(G, t)
    unit = np.ones(len(sd)) if scale else F.std(axis=0)
    lam, best, notes = np.zeros(len(tau)), np.inf, []
    for start in range(20):
        r = sys.modules["scipy.optimize"].minimize(dual, lam, jac=True, method="L-BFGS-B",
                     options=dict(maxiter=10**6, maxfun=10**6, maxcor=20, ftol=0, gtol=TOLERANCE * 0.5 * unit.min()))
        residual = np.abs(r.jac / unit).max()
        notes.append("%.1e" % residual)
        if residual < best:
            best, lam = residual, r.x
        if residual <= 5e-8 or start and residual > 0.7 * float(notes[-2]):
            break
    return lam / sd, "lambda", dual.count, "starts: " + " ".join(notes)


def newton(F, tau):
    linalg = sys.modules["scipy.linalg"]
    G, t, sd = standardised(F, tau)
    n, k = G.shape
    dual, lam, work, notes, ridge = Dual(G, t), np.zeros(k), np.empty_like(G), 0, 0.0
    p, logz = dual.weights(lam)
    for iteration in range(500):
        value, mean = logz + lam @ t, p @ G
        g = t - mean
        if np.abs(g).max() <= TOLERANCE * 0.5:
            break
        np.multiply(G, np.sqrt(p)[:, None], out=work)
        H = work.T @ work - np.outer(mean, mean)
        ridge, accepted = max(ridge, 1e-16 * np.trace(H)), False
        while not accepted:
            try:
                step = -linalg.cho_solve(linalg.cho_factor(H + ridge * np.eye(k)), g)
            except np.linalg.LinAlgError:
                ridge *= 10
                continue
            slope = g @ step
            for size in 0.5 ** np.arange(14):
                dual.count += 1
                q, z = dual.weights(lam + size * step)
                accepted = z + (lam + size * step) @ t <= value + 1e-4 * size * slope + 1e-13 * abs(value)
                if accepted:
                    break
                notes += 1
            if not accepted:
                ridge = 1000 * max(ridge, 1e-12 * np.trace(H))
            elif size == 1:
                ridge /= 100
        lam, p, logz = lam + size * step, q, z
    return lam / sd, "lambda", dual.count, "%d iterations, %d refused steps" % (iteration, notes)


def ebal(F, tau):
    G, t, sd = standardised(F, tau)
    n, k = G.shape
    e = sys.modules["ebal"].ebal_bin(max_iterations=500, constraint_tolerance=TOLERANCE * 0.5, print_level=-1, PCA=False)
    # its Newton loop itself, without the rank check (an SVD) and the regression around it, which are not this problem
    e.coefs = np.zeros(k + 1)
    e.coefs[0] = -np.log(n)
    w = e._eb(np.insert(t, 0, 1.0), np.column_stack((np.ones(n), G)), np.ones(n))
    return -e.coefs[1:] / sd, "lambda", None, "converged" if e.converged else "not converged, maxdiff %.1e" % e.maxdiff


def empirical(F, tau):
    G, t, sd = standardised(F, tau)
    ec = sys.modules["empirical_calibration"]
    w, success = ec.calibrate(G, t[None, :], objective=ec.Objective.ENTROPY)
    return w, "p", None, "success" if success else "no success"


def maxentropy(F, tau):
    G, t, sd = standardised(F, tau)
    m = sys.modules["scipy_maxentropy"].model()
    m.verbose = False
    m.F, m.samplespace = G.T, range(len(G))
    m.numsamples = len(G)
    m.setparams(np.zeros(len(t)))
    m.maxgtol, m.avegtol, m.maxiter = TOLERANCE * 0.5, TOLERANCE * 0.5, 100000
    m.fit(t, algorithm="CG")
    return -m.params / sd, "lambda", None, ""


def cvxpy(F, tau):
    G, t, sd = standardised(F, tau)
    cp = sys.modules["cvxpy"]
    p = cp.Variable(len(G))
    problem = cp.Problem(cp.Maximize(cp.sum(cp.entr(p))), [cp.sum(p) == 1, G.T @ p == t])
    problem.solve(solver="CLARABEL", tol_gap_abs=1e-11, tol_gap_rel=1e-11, tol_feas=1e-12)
    return np.maximum(p.value, 0), "p", None, problem.status


def dgemm():
    """Flops a second of numpy's matrix product."""
    A = np.random.default_rng(1).standard_normal((2000, 2000))
    best, clock = 0.0, time.process_time if os.environ.get("OMP_NUM_THREADS") == "1" else time.perf_counter
    for _ in range(12):
        start = clock()
        A @ A
        best = max(best, 2 * 2000**3 / (clock() - start))
    print(json.dumps(dict(rate=best)))


def main():
    solver, folder, out = sys.argv[1:4]
    if solver == "dgemm":
        return dgemm()
    F, tau = load(folder)
    module, run = {"lbfgs": ("scipy.optimize", lbfgs), "lbfgs-raw": ("scipy.optimize", lambda F, tau: lbfgs(F, tau, scale=False)),
                   "newton": ("scipy.linalg", newton), "ebal": ("ebal", ebal), "empirical": ("empirical_calibration", empirical),
                   "maxentropy": ("scipy_maxentropy", maxentropy), "cvxpy": ("cvxpy", cvxpy)}[solver]
    importlib.import_module(module)
    start, cpu_start = time.perf_counter(), time.process_time()
    x, kind, count, note = run(F, tau)
    took, cpu = time.perf_counter() - start, time.process_time() - cpu_start
    np.ascontiguousarray(x, dtype=np.float64).tofile(out)
    print(json.dumps(dict(seconds=took, cpu=cpu, evaluations=count, answer=kind, note=note,
                          peak_kib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)))


if __name__ == "__main__":
    main()
