"""Problems of two and three variables, each brought by hand to formulas or to integrals of one variable: 30 digits."""
from mpmath import (cos, det, diff, e, erfc, exp, findroot, gamma, log, loggamma, matrix, mp, mpf, nstr, pi, psi, quad, sin, sqrt)

mp.dps = 30
CASES = []


def add(id, text, entropy, verdict="solved", slack=1e-11, family=None):
    expected = {"verdict": verdict, "entropy": nstr(entropy, 25), "slack": slack}
    if family:
        expected["family"] = family
    CASES.append({"id": id, "text": text, "expected": expected})


def solve(F, tau, start):
    """The least value of log Z(l) + l . tau, and where."""
    n = len(tau)
    def g(*l):
        return [diff(F, tuple(l), tuple(1 if j == i else 0 for j in range(n))) + tau[i] for i in range(n)]
    l = findroot(g, start, tol=1e-20)
    return F(*l) + sum(l[i] * tau[i] for i in range(n)), l

U = "x in [0,1]; y in [0,1]\n"
add("plane_slanted_jump", U + "P[x < y] = 0.9", -(mpf('.9')*log(mpf('1.8')) + mpf('.1')*log(mpf('.2'))))
add("plane_slanted_face", U + "P[x + y < 1] = 0", -log(2), "boundary")
add("plane_order_statistics", U + "E[max(x, y)] = 0.8; E[min(x, y)] = 0.5",
    solve(lambda a, b: log(2*quad(lambda u: exp(-a*u)*(1-exp(-b*u))/b, [0, 1])), [mpf('.8'), mpf('.5')], (-1.97, -1.865))[0])
add("plane_disc", "x in [-1,1]; y in [-1,1]\nP[x^2 + y^2 < 1] = 0.5; E[x] = 0.1",
    solve(lambda a, b: log(quad(lambda x: exp(-b*x)*(2+2*sqrt(1-x*x)*(exp(-a)-1)), [-1, 0, 1])), [mpf('.5'), mpf('.1')], (1.2875, -.2269))[0])


def dirichlet(a, b, c):
    s = a+b+c
    return [psi(0,a)-psi(0,s)+1, psi(0,b)-psi(0,s)+mpf('1.5'), psi(0,c)-psi(0,s)+2]


a, b, c = findroot(dirichlet, (1.6, 1.1, .85))
s = a+b+c
add("plane_dirichlet", U + "prior x + y <= 1\nE[log(x)] = -1; E[log(y)] = -1.5; E[log(1 - x - y)] = -2",
    loggamma(a)+loggamma(b)+loggamma(c)-loggamma(s)+(s-3)*psi(0,s)-(a-1)*psi(0,a)-(b-1)*psi(0,b)-(c-1)*psi(0,c))
R = "x in R; y in R\n"
add("plane_radius", R + "E[sqrt(x^2 + y^2)] = 1", 2+log(pi/2))
add("plane_quartic", R + "E[x^4] = 1; E[y^4] = 1; E[x^2*y^2] = 0.3",
    solve(lambda a, b, c: log(quad(lambda t: 4*sqrt(pi)/4/sqrt(a*cos(t)**4+b*sin(t)**4+c*(cos(t)*sin(t))**2), [0, pi/4, pi/2])),
          [1, 1, mpf('.3')], (.17399, .17399, .50676))[0])
add("plane_abs_product", R + "E[x] = 0; E[y] = 0; E[x^2] = 1; E[y^2] = 1; E[abs(x)*abs(y)] = 0.5",
    solve(lambda a, b: log(quad(lambda t: 4/(2*(a+b*sin(t)*cos(t))), [0, pi/4, pi/2])), [2, mpf('.5')], (.3333, .6667))[0])
add("plane_abs_difference", R + "E[abs(x - y)] = 1; E[x] = 0; E[x^2 + y^2] = 3",
    solve(lambda c, l: log(2*quad(lambda u: exp(-c*sqrt(2)*u-l*u*u), [0, 2, 8, 40])*sqrt(pi/l)), [1, 3], (.589, .2351))[0])


def half(l, m, c):
    def n(s):
        return sqrt(pi/l)/2*exp(m*m/(4*l))*erfc(s*m/(2*sqrt(l)))
    return log((n(1)*exp(-c)+n(-1))*sqrt(pi/l))


# u = (y - x)/sqrt 2, v = (x + y)/sqrt 2: exp(-l u^2 - m u) with weight e^-c for u > 0; E[u] = 0, E[u^2 + v^2] = 2
add("plane_normal_split", R + "E[x] = 0; E[y] = 0; E[x^2] = 1; E[y^2] = 1; P[x < y] = 0.9", solve(half, [2, 0, mpf('.9')], (.5, 2.7246, -7.932))[0])
add("plane_normal_ridge", R + "E[x] = 100; E[y] = -1000; Var[x] = 1e-4; Cov[x,y] = 0.0999; Var[y] = 100",
    log(2*pi*e)+log(mpf('1e-4')*100-mpf('.0999')**2)/2, family="multivariate normal")
Q = "x in [0,inf); y in [0,inf)\n"
add("quadrant_jump", Q + "E[x] = 1; E[y] = 2; P[x < y] = 0.5",
    solve(lambda a, b, c: log((exp(-c)/b+1/a)/(a+b)), [1, 2, mpf('.5')], (1.28, .36, 1.27))[0])
add("space_exponentials", "x in [0,inf); y in [0,inf); z in [0,inf)\nE[x] = 1; E[y] = 2; E[z] = 3", 3+log(6))
add("space_slanted_jump", "x in [0,1]; y in [0,1]; z in [0,1]\nP[x + y + z < 1] = 0.5", -(log(3)+log(mpf('.6')))/2)
S = "x in R; y in R; z in R\n"
# exp(-a r^4): E[r^4] = 3/(4 a), Z = 4 pi Gamma(3/4) / (4 a^(3/4))
add("space_quartic", S + "E[(x^2 + y^2 + z^2)^2] = 1", log(pi*gamma(mpf(3)/4)/mpf('.75')**mpf('.75'))+mpf(3)/4)
M = matrix([[mpf(v) for v in row.split()] for row in ("1 1.9 .05", "1.9 4 .1", ".05 .1 .01")])
add("space_normal", S + "E[x] = 1; E[y] = 2; E[z] = -3; Var[x] = 1; Var[y] = 4; Var[z] = .01; Cov[x,y] = 1.9; Cov[y,z] = .1; Cov[x,z] = .05",
    mpf(3)/2*log(2*pi*e)+log(det(M))/2, family="multivariate normal")


def slab(k):
    return (1-exp(-k))/k if k != 0 else mpf(1)


add("space_box", "x in [0,1]; y in [0,1]; z in [0,1]\nE[x] = 0.3; E[x*y] = 0.2; E[z] = 0.6; E[y*z] = 0.3",
    solve(lambda a, b, c, d: log(quad(lambda y: slab(a+b*y)*slab(c+d*y), [0, 1])), [mpf('.3'), mpf('.2'), mpf('.6'), mpf('.3')], (7.65, -8.14, -2.887, 3.0))[0])
add("class_and_plane", "c in {a,b}; x in R; y in R\nP[c=a] = .3; E[x | c=a] = 1; E[x | c=b] = -1; E[x^2 | c=a] = 2; E[x^2 | c=b] = 3; E[y | c=a] = 0; "
    "E[y | c=b] = 2; E[y^2 | c=a] = 2; E[y^2 | c=b] = 6; E[x*y | c=a] = .9; E[x*y | c=b] = -2.5",
    -(mpf('.3')*log(mpf('.3'))+mpf('.7')*log(mpf('.7')))+mpf('.3')*(log(2*pi*e)+log(mpf('1.19'))/2)+mpf('.7')*(log(2*pi*e)+log(mpf('3.75'))/2))
