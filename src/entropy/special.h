/* Special functions that the estimators need and the C library lacks. */
#ifndef MX_SPECIAL_H
#define MX_SPECIAL_H

/* psi(x) = d log Gamma / dx for x > 0; absolute error below 4e-16 max(1, |psi|). */
double mx_digamma(double x);

/* psi'(x) for x > 0; relative error below 1e-15. */
double mx_trigamma(double x);

/* log[ a (a+1) ... (a+n-1) / a^n ] = log[ Gamma(a+n) / (Gamma(a) a^n) ] for a > 0 and a whole n >= 0; no cancellation for large a. */
double mx_log_rising(double a, double n);

#endif
