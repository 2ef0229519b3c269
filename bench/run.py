#!/usr/bin/env python3
"""Runs maxent side by side with what a user would use instead, in one run, to the same residual, and prints ratios.

    run.py [--build DIR] [--quick] [--only WORD] [--peers A,B|none] [--threads 1,2] [--limit S] [--cpu]

Needs the programs of bench/CMakeLists.txt in DIR/bench (and maxent in DIR). The peers (bench/peers.py: scipy's L-BFGS-B, Newton in
numpy, packages) live in a private environment, DIR/bench/venv, made from PyPI at the first run; without network only maxent is run.

Every solver is a child process that reads the problem before its clock starts; problems come from one generator (bench/data_bench.c,
fixed seeds) and every answer is judged by the same program from the returned lambda or p: max_i |E f_i - tau_i| / sd_i over the raw
columns, in long double. Marks: `ok` at most 1e-9; `near` at most 1e-7, counted as if it had arrived (L-BFGS-B stops there, because
the dual's value has no more digits); `short` further off, not counted; `limit` did not finish in --limit seconds. Times are
medians: of three runs, of one when it took over 20 s. `best` is the fastest peer that is ok or near.

pass/floor: our seconds per pass over the floor measured in the same run with the same number of threads,
max(reading the same bytes once, n k^2 flops at numpy's dgemm rate). Everything also goes to DIR/bench/results.json.
Standard library alone.
"""
import argparse, json, os, platform, resource, statistics, subprocess, sys, time, venv

HERE = os.path.dirname(os.path.abspath(__file__))
OURS_TOLERANCE = 5e-10  # of sd, as bench/peers.py; the library counts in parts of max(|tau|, sd_p)
SCRIPTS = ["lbfgs", "lbfgs-raw", "newton"]
PACKAGES = {"ebal": "ebal", "empirical": "empirical-calibration", "maxentropy": "scipy-maxentropy", "cvxpy": "cvxpy"}
CPU = False       # --cpu
MEMORY = 14 << 30  # a peer's address space

# name, data_bench's arguments: kind, n, k, seed, strength. skew: hard with a weaker tilt, 2 to 45 effective states instead of 1.1 to 1.4.
FULL = [
    ("plain 1e5 x 20", "plain", 100000, 20, 1, 0.3), ("plain 1e6 x 20", "plain", 1000000, 20, 2, 0.3),
    ("plain 1e6 x 100", "plain", 1000000, 100, 3, 0.3), ("plain 1e4 x 1000", "plain", 10000, 1000, 4, 0.3),
    ("hard 1e6 x 20", "hard", 1000000, 20, 7, 0.005), ("hard 1e6 x 100", "hard", 1000000, 100, 7, 0.008),
    ("hard 1e4 x 1000", "hard", 10000, 1000, 7, 0.006), ("skew 1e6 x 20", "hard", 1000000, 20, 7, 0.003),
    ("skew 1e6 x 100", "hard", 1000000, 100, 7, 0.005), ("skew 1e4 x 1000", "hard", 10000, 1000, 7, 0.004),
    ("spins 20", "spins", 20, 0, 5, 0.5),
]
QUICK = [
    ("plain 1e5 x 20", "plain", 100000, 20, 1, 0.3), ("plain 2e3 x 200", "plain", 2000, 200, 4, 0.3),
    ("hard 2e4 x 20", "hard", 20000, 20, 7, 0.005), ("hard 2e3 x 200", "hard", 2000, 200, 7, 0.004),
    ("spins 14", "spins", 14, 0, 5, 0.5),
]


def child(command, threads=None, limit=None, memory=None):
    """(status, stdout, stderr) of a child process; status None when it ran past the limit. memory: of its address space."""
    env = dict(os.environ)
    if threads:
        for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"):
            env[name] = str(threads)
    before = resource.getrlimit(resource.RLIMIT_AS)
    if memory:
        resource.setrlimit(resource.RLIMIT_AS, (memory, before[1]))
    try:
        p = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
    try:
        out, err = p.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        p.kill()
        p.communicate()
        return None, "", ""
    return p.returncode, out, err


def child_works(python):
    """Is this a python with numpy?"""
    return os.path.exists(python) and child([python, "-c", "import numpy"])[0] == 0


def environment(build, packages):
    """The private environment's python and the peers that could be installed in it; (None, []) without any."""
    folder = os.path.join(build, "bench", "venv")
    python = os.path.join(folder, "bin", "python")
    try:
        if not os.path.exists(python):
            venv.create(folder, with_pip=True)
        if child([python, "-c", "import numpy, scipy"])[0] != 0:
            print("installing numpy and scipy into %s" % folder, flush=True)
            if child([python, "-m", "pip", "install", "-q", "numpy", "scipy"], limit=600)[0] != 0:
                raise OSError("pip could not install numpy and scipy")
    except (OSError, subprocess.SubprocessError) as e:
        print("no peers (no network?): %s; running maxent alone" % e)
        return None, []
    there = list(SCRIPTS)
    for peer in packages:
        module = {"ebal": "ebal", "empirical": "empirical_calibration", "maxentropy": "scipy_maxentropy", "cvxpy": "cvxpy"}[peer]
        if child([python, "-c", "import " + module])[0] != 0:
            child([python, "-m", "pip", "install", "-q", "--prefer-binary", PACKAGES[peer]], limit=600)
        if child([python, "-c", "import " + module])[0] == 0:
            there.append(peer)
        else:
            print("the package %s could not be installed; left out" % PACKAGES[peer])
    return python, there


def judged(tool, folder, answer, out):
    """The judge's residual of an answer file."""
    status, text, error = child([tool, "judge", folder, answer, out])
    return json.loads(text) if status == 0 else {"residual": float("inf"), "effective": float("nan")}


def measure(command, tool, folder, out, threads, limit, memory=None):
    """One solver on one problem: runs, judges, medians."""
    runs = []
    while len(runs) < 3 and sum(r["seconds"] for r in runs) < 20:
        status, text, error = child(command, threads, limit, memory)
        if status is None:
            return {"mark": "limit"}
        try:
            runs.append(json.loads(text.strip().splitlines()[-1]))
        except (ValueError, IndexError):
            return {"mark": "failed", "note": (error.strip().splitlines() or ["status %s" % status])[-1][:100]}
    clock = "cpu" if CPU and threads == 1 else "seconds"
    r = dict(runs[-1], seconds=statistics.median(r[clock] for r in runs), runs=[r[clock] for r in runs])
    r.update(judged(tool, folder, r["answer"], out))
    r["mark"] = "ok" if r["residual"] <= 1e-9 else "near" if r["residual"] <= 1e-7 else "short"
    return r


def line(name, r, ours):
    ratio = "%.1f" % (r["seconds"] / ours) if ours and r["mark"] in ("ok", "near", "short") and "seconds" in r else ""
    if "seconds" not in r:
        return "  %-22s %10s  %s" % (name, r["mark"], r.get("note", ""))
    return "  %-22s %10.4f %7s %10.1e  %-6s %9.0f %8s  %s" % (
        name, r["seconds"], r.get("evaluations") or "", r["residual"], r["mark"], r["peak_kib"] / 1024, ratio,
        r.get("verdict") or r.get("note", ""))


def facts_language(folder, path, spins):
    """The spin problem as a person writes it."""
    import array
    target = array.array("d")
    target.frombytes(open(os.path.join(folder, "target"), "rb").read())
    with open(path, "w") as f:
        names = ["s%d" % (i + 1) for i in range(spins)]
        for s in names:
            f.write("%s in {-1, 1}\n" % s)
        texts = names + ["%s*%s" % (names[i], names[j]) for i in range(spins) for j in range(i + 1, spins)]
        for text, t in zip(texts, target):
            f.write("E[%s] = %r\n" % (text, t))


def solve_text(program, path, out, threads):
    """`maxent solve` on a facts file as a whole process; lambda from its JSON."""
    import array
    start = time.perf_counter()
    p = subprocess.Popen([program, "solve", path, "--json", "--threads", str(threads)], stdout=subprocess.PIPE, text=True)
    text = p.stdout.read()
    pid, p.returncode, usage = os.wait4(p.pid, 0)
    took = usage.ru_utime + usage.ru_stime if CPU and threads == 1 else time.perf_counter() - start
    try:
        answer = json.loads(text)
        array.array("d", [f["lambda"] for f in answer["facts"]]).tofile(open(out, "wb"))
    except (ValueError, KeyError, TypeError):
        return {"mark": "failed", "note": "status %d" % p.returncode}
    return {"seconds": took, "evaluations": answer["evaluations"], "verdict": answer["verdict"], "answer": "lambda",
            "peak_kib": usage.ru_maxrss}


def run_case(case, threads, o, python, peers, skip):
    """All solvers on one problem with one number of threads; returns what goes to the JSON file."""
    name, kind, n, k, seed, strength = case
    tool, solver, program = (os.path.join(o.build, *p) for p in (("bench", "data_bench"), ("bench", "solve_bench"), ("maxent",)))
    folder, out = os.path.join(o.build, "bench", "data", name.replace(" ", "")), os.path.join(o.build, "bench", "answer")
    os.makedirs(folder, exist_ok=True)
    made = os.path.join(folder, "made")
    recipe = json.dumps([case, os.path.getmtime(tool)])
    if not os.path.exists(made) or json.load(open(made))["recipe"] != recipe:
        status, text, error = child([tool, "generate", kind, str(n), str(k), str(seed), str(strength), folder])
        if status != 0:
            sys.exit("data_bench: " + error)
        scale = json.loads(child([tool, "scale", folder])[1])
        json.dump(dict(json.loads(text), recipe=recipe, **scale), open(made, "w"))
    shape = json.load(open(made))

    status, text, error = child([tool, "stream", folder, str(threads)], threads)
    stream = json.loads(text)["seconds"]
    flops = shape["n"] * shape["k"] ** 2
    rate = o.dgemm.get(threads)
    floor = max(stream, flops / rate) if rate else stream
    print("\n%s on %d core%s: %d states, %d facts, %.0f MB, effective states %.6g\n  floor per pass: reading %.4f s, flops %s s" % (
        name, threads, "s" * (threads > 1), shape["n"], shape["k"], shape["bytes"] / 2**20, shape["effective"], stream,
        "%.4f" % (flops / rate) if rate else "unknown (no numpy)"))
    print("  %-22s %10s %7s %10s  %-6s %9s %8s" % ("", "seconds", "passes", "residual", "", "peak MB", "x ours"), flush=True)

    results, tolerance = {}, "%g" % (OURS_TOLERANCE * shape["scale"])
    forms = [("maxent", [])] if kind != "spins" else [("maxent, bytes", ["bytes"]), ("maxent, callback", ["callback"])]
    for form, extra in forms:
        if os.path.exists(solver):
            results[form] = measure([solver, folder, out, str(threads), tolerance] + extra, tool, folder, out, threads, o.limit)
    if kind == "spins" and os.path.exists(program):
        path = os.path.join(folder, "spins.facts")
        facts_language(folder, path, n)
        r = solve_text(program, path, out, threads)
        if "seconds" in r:
            r.update(judged(tool, folder, "lambda", out))
            r["mark"] = "ok" if r["residual"] <= 1e-9 else "near" if r["residual"] <= 1e-7 else "short"
        results["maxent, facts language"] = r
    ours = next((r["seconds"] for r in results.values() if "seconds" in r), None)
    for form, r in results.items():
        print(line(form, r, ours), flush=True)
    for peer in peers:
        if (name, peer) in skip or (peer == "cvxpy" and shape["n"] * shape["k"] > 2.5e6):
            continue
        r = measure([python, os.path.join(HERE, "peers.py"), peer, folder, out], tool, folder, out, threads, o.limit, MEMORY)
        if r["mark"] in ("limit", "failed") or (peer in PACKAGES and threads == 1):
            skip.add((name, peer))  # the other numbers of threads would show nothing new
        results[peer] = r
        print(line(peer, r, ours), flush=True)
    good = [(r["seconds"], p) for p, r in results.items() if p in SCRIPTS + list(PACKAGES) and r["mark"] in ("ok", "near")]
    scripts = [g for g in good if g[1] in SCRIPTS]
    first = next(iter(results.values()), {})
    summary = {"case": name, "threads": threads, "shape": shape, "stream": stream, "flops": flops, "dgemm": rate, "floor": floor,
               "results": results}
    if ours:
        passes = first.get("evaluations")
        data = shape["bytes"] / 1024
        summary.update(ratio_script=min(scripts)[0] / ours if scripts else None, ratio_best=min(good)[0] / ours if good else None,
                       best=min(good)[1] if good else None, passes=passes, per_pass=ours / passes if passes else None,
                       pass_over_floor=ours / passes / floor if passes else None, memory_over_data=first["peak_kib"] / data)
        print("  => best %s: %s x ours; %s passes, %.4f s each, %.2f x floor; memory %.2f x data" % (
            summary["best"], "%.1f" % summary["ratio_best"] if good else "-", passes, summary["per_pass"] or 0,
            summary["pass_over_floor"] or 0, summary["memory_over_data"]), flush=True)
    return summary


def small(o):
    """The fast-food case: library calls in microseconds, and the whole process in milliseconds."""
    bench, program = os.path.join(o.build, "bench", "small_bench"), os.path.join(o.build, "maxent")
    result = {}
    if os.path.exists(bench):
        status, text, error = child([bench])
        result = json.loads(text) if status == 0 else {"error": error.strip()}
        print("\nfast food, from the library (aim: under 20 microseconds): %s" % (text.strip() or error.strip()))
    if os.path.exists(program):
        for name, command in (("process", [program, "solve", "-e", "x in {1,2,3}", "-e", "E[x] = 1.75", "--json"]),
                              ("an empty process", ["/bin/true"])):
            took = []
            for i in range(200):
                start = time.perf_counter()
                subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                took.append(1e3 * (time.perf_counter() - start))
            result[name + ", ms"] = statistics.median(took)
            print("fast food, %s: median %.2f ms" % (name, statistics.median(took)))
    return result


def main():
    a = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    a.add_argument("--build", default=os.path.join(os.path.dirname(HERE), "build"))
    a.add_argument("--quick", action="store_true", help="small sizes, about a minute")
    a.add_argument("--only", default="", help="cases whose name contains this")
    a.add_argument("--peers", help="comma-separated, or none; default all")
    a.add_argument("--threads", help="comma-separated; default 1 and all")
    a.add_argument("--limit", type=float, help="seconds a solver may take; default 300, 10 with --quick")
    a.add_argument("--cpu", action="store_true", help="on one core count processor time: for a machine that others use too")
    o = a.parse_args()
    global CPU
    CPU = o.cpu
    o.build = os.path.abspath(o.build)
    o.limit = o.limit or (10 if o.quick else 300)
    os.makedirs(os.path.join(o.build, "bench"), exist_ok=True)
    wanted = o.peers.split(",") if o.peers else SCRIPTS + list(PACKAGES)
    threads = [int(t) for t in o.threads.split(",")] if o.threads else sorted({1, len(os.sched_getaffinity(0))})
    if wanted == ["none"]:
        python, there = os.path.join(o.build, "bench", "venv", "bin", "python"), []
        python = python if child_works(python) else None
    else:
        python, there = environment(o.build, [p for p in wanted if p in PACKAGES])
    peers, o.dgemm, skip = [p for p in wanted if p in there], {}, set()
    for t in threads:
        if python:
            status, text, error = child([python, os.path.join(HERE, "peers.py"), "dgemm", "-", "-"], t)
            o.dgemm[t] = json.loads(text)["rate"]
            print("dgemm on %d core%s: %.1f GFLOP/s" % (t, "s" * (t > 1), o.dgemm[t] / 1e9))
    results = {"machine": platform.platform(), "cases": [], "small": small(o)}
    for case in QUICK if o.quick else FULL:
        for t in threads:
            if o.only in case[0]:
                results["cases"].append(run_case(case, t, o, python, peers, skip))
                json.dump(results, open(os.path.join(o.build, "bench", "results.json"), "w"), indent=1)
    print("\nwritten to %s" % os.path.join(o.build, "bench", "results.json"))


if __name__ == "__main__":
    main()
