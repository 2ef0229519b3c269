/* Comparing doubles, and random numbers for the tests of this folder. */
#ifndef CLOSE_H
#define CLOSE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>

/* |got - want| <= tolerance max(1, |want|), written so that NaN fails. */
#define assert_close(got, want, tolerance)                                                                             \
    do {                                                                                                               \
        double got_ = (got), want_ = (want);                                                                           \
        if (!(fabs(got_ - want_) <= (tolerance) * fmax(1, fabs(want_))) && got_ != want_)                              \
            fail_msg("%s:%d: %s is %.17g, expected %.17g", __FILE__, __LINE__, #got, got_, want_);                     \
    } while (0)

static inline uint64_t random_bits(uint64_t *state) /* splitmix64 */
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static inline double random_unit(uint64_t *state) /* in (0, 1) */
{
    return ((double)(random_bits(state) >> 11) + 0.5) * 0x1p-53;
}

static inline double random_normal(uint64_t *state)
{
    return sqrt(-2 * log(random_unit(state))) * cos(2 * acos(-1) * random_unit(state));
}

/* Random probabilities with corners: about a fifth zeros, magnitudes over 12 decades. */
static inline void random_probabilities(uint64_t *state, size_t n, double *p)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        p[i] = random_bits(state) % 5 == 0 ? 0 : pow(10, -12 * random_unit(state) * random_unit(state));
        sum += p[i];
    }
    if (sum == 0)
        p[0] = sum = 1;
    for (size_t i = 0; i < n; i++)
        p[i] /= sum;
}

#endif
