/* Draws from a finite distribution, and its entropy.
 *
 * Walker's alias method [1] with Vose's table [2]: n cells of equal area 1/n, each shared by at most two states. A draw picks a cell
 * evenly and one of its two states by a coin:
 *
 *     j = floor(n U1),   state = j if U2 < threshold[j], else alias[j]
 *
 * O(n) to build, O(1) a draw. The thresholds are those of n p_j; a state of probability 0 has threshold 0 and is never drawn, also
 * not when rounding leaves it over at the end of the construction.
 *
 * The generator is xoshiro256++ [3], its 256 bits of state filled by splitmix64 from the seed. The cell is picked without bias
 * (multiply and reject [4]); the coin has 53 bits. Only integer arithmetic and correctly rounded + - * / are used, so that the same
 * seed gives the same draws on every machine.
 *
 * [1] A. J. Walker, ACM TOMS 3 (1977) 253-256.
 * [2] M. D. Vose, IEEE Trans. Software Engineering 17 (1991) 972-975.
 * [3] D. Blackman and S. Vigna, ACM TOMS 47 (2021) 36:1-36:32.
 * [4] D. Lemire, ACM Trans. Model. Comput. Simul. 29 (2019) 3:1-3:12.
 */
#include "distribution/sampling.h"

#include "base/memory.h"

#include <math.h>

static uint64_t splitmix64(uint64_t *x)
{
    uint64_t z = *x += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static uint64_t rotate(uint64_t x, int k)
{
    return x << k | x >> (64 - k);
}

static uint64_t next(uint64_t s[4])
{
    uint64_t result = rotate(s[0] + s[3], 23) + s[0], t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return result;
}

double mx_sampler_uniform(maxent_sampler *sampler)
{
    return ((double)(next(sampler->state) >> 11) + 0.5) * 0x1p-53;
}

/* High and low half of the 128-bit product a b. */
static uint64_t product(uint64_t a, uint64_t b, uint64_t *low)
{
    uint64_t a0 = a & 0xffffffffu, a1 = a >> 32, b0 = b & 0xffffffffu, b1 = b >> 32;
    uint64_t m = a0 * b1 + (a0 * b0 >> 32);
    uint64_t k = a1 * b0 + (m & 0xffffffffu);
    *low = a * b;
    return a1 * b1 + (m >> 32) + (k >> 32);
}

/* Even on 0 .. n-1: floor(n U / 2^64), where the 2^64 mod n values of U that would favour some cells are drawn again  [4]. */
static size_t below(uint64_t s[4], uint64_t n)
{
    uint64_t low, high = product(next(s), n, &low);
    if (low < n) {
        uint64_t excess = (0 - n) % n;
        while (low < excess)
            high = product(next(s), n, &low);
    }
    return (size_t)high;
}

/* Vose's table. `work`: [n]. Cells with less than their share (from the front of work) take the rest from cells with more (from the
 * back). sum: of p. */
static void build(maxent_sampler *s, const double *p, double sum, size_t *work)
{
    size_t n = s->n, small = 0, large = n, most = 0;
    for (size_t i = 0; i < n; i++) {
        s->threshold[i] = p[i] / sum * (double)n;
        s->alias[i] = i;
        if (p[i] > p[most])
            most = i;
        if (s->threshold[i] < 1.0)
            work[small++] = i;
        else
            work[--large] = i;
    }
    while (small > 0 && large < n) {
        size_t i = work[--small], j = work[large];
        s->alias[i] = j;
        s->threshold[j] = s->threshold[j] + s->threshold[i] - 1.0;
        if (s->threshold[j] < 1.0) {
            large++;
            work[small++] = j;
        }
    }
    /* Left over by rounding: cells that are full within rounding. An impossible state gives its cell away. */
    while (large < n)
        s->threshold[work[large++]] = 1.0;
    while (small > 0) {
        size_t i = work[--small];
        if (p[i] > 0.0)
            s->threshold[i] = 1.0;
        else
            s->alias[i] = most;
    }
}

maxent_error maxent_sampler_new(size_t n, const double *p, uint64_t seed, maxent_sampler **out)
{
    if (n == 0 || p == NULL || out == NULL)
        return MAXENT_ERROR_ARGUMENT;
    double sum = 0.0, largest = 0.0;
    for (size_t i = 0; i < n; i++) {
        if (!(p[i] >= 0.0) || isinf(p[i]))
            return MAXENT_ERROR_VALUE;
        sum += p[i];
        largest = fmax(largest, p[i]);
    }
    if (!(largest > 0.0) || isinf(sum))
        return MAXENT_ERROR_VALUE;
    maxent_error error = MAXENT_ERROR_MEMORY;
    size_t *work = mx_alloc(n, sizeof *work);
    maxent_sampler *s = mx_zalloc(1, sizeof *s);
    if (s == NULL || work == NULL)
        goto done;
    s->n = n;
    s->threshold = mx_alloc(n, sizeof *s->threshold);
    s->alias = mx_alloc(n, sizeof *s->alias);
    if (s->threshold == NULL || s->alias == NULL)
        goto done;
    build(s, p, sum, work);
    for (int i = 0; i < 4; i++)
        s->state[i] = splitmix64(&seed);
    *out = s;
    s = NULL;
    error = MAXENT_OK;
done:
    maxent_sampler_free(s);
    mx_free(work);
    return error;
}

void maxent_sampler_draw(maxent_sampler *s, size_t count, size_t *out)
{
    for (size_t i = 0; i < count; i++) {
        size_t j = below(s->state, s->n);
        double coin = (double)(next(s->state) >> 11) * 0x1p-53;
        out[i] = coin < s->threshold[j] ? j : s->alias[j];
    }
}

void maxent_sampler_free(maxent_sampler *s)
{
    if (s != NULL) {
        mx_draws_free(s->draws);
        mx_free(s->threshold);
        mx_free(s->alias);
        mx_free(s);
    }
}

/* Neumaier's compensated sum: the error of each addition is kept and added at the end. */
double maxent_entropy_of(size_t n, const double *p)
{
    double sum = 0.0, rest = 0.0;
    for (size_t i = 0; i < n; i++) {
        if (p[i] == 0.0)
            continue; /* 0 log 0 = 0 */
        double term = -p[i] * log(p[i]), total = sum + term;
        rest += fabs(sum) >= fabs(term) ? sum - total + term : term - total + sum;
        sum = total;
    }
    return sum + rest;
}
