/* Nearest names by optimal string alignment distance [1]: the least number of changes, insertions, deletions and swaps of
 * neighbours, no place edited twice, that turn one name into the other.
 *
 *     d(i, j) = min( d(i-1, j) + 1,  d(i, j-1) + 1,  d(i-1, j-1) + [a_i != b_j],
 *                    d(i-2, j-2) + 1  when a_i = b_(j-1) and a_(i-1) = b_j )
 *
 * Letters are compared, as UTF-8 has them; a byte that is none counts as one. Names over 255 letters are not compared.
 *
 * [1] F. J. Damerau, Communications of the ACM 7 (1964) 171.
 */
#include "base/nearest.h"

#include "base/text.h"

#include <stdint.h>
#include <string.h>

enum { LONGEST = 255 };

static uint32_t lower(uint32_t c)
{
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

/* The letters of a name; LONGEST + 1 when there are more than LONGEST. */
static size_t letters(const char *name, uint32_t out[LONGEST])
{
    size_t n = 0, left = strlen(name);
    for (size_t step; left > 0; n++, name += step, left -= step) {
        step = mx_text_character(name, left);
        step = step > 0 ? step : 1;
        uint32_t letter = 0;
        for (size_t i = 0; i < step; i++)
            letter = letter << 8 | (unsigned char)name[i];
        if (n == LONGEST)
            return LONGEST + 1;
        out[n] = letter;
    }
    return n;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Twice the distance, with a letter in the other case counted as 1 (half a change). */
static size_t distance(const uint32_t *a, size_t n, const uint32_t *b, size_t m)
{
    size_t row[3][LONGEST + 1]; /* rows i, i-1, i-2, modulo 3 */
    for (size_t j = 0; j <= m; j++)
        row[0][j] = 2 * j;
    for (size_t i = 1; i <= n; i++) {
        size_t *now = row[i % 3], *before = row[(i - 1) % 3], *earlier = row[(i + 1) % 3];
        now[0] = 2 * i;
        for (size_t j = 1; j <= m; j++) {
            size_t change = a[i - 1] == b[j - 1] ? 0 : lower(a[i - 1]) == lower(b[j - 1]) ? 1 : 2;
            now[j] = least(least(before[j], now[j - 1]) + 2, before[j - 1] + change);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = least(now[j], earlier[j - 2] + 2);
        }
    }
    return row[n % 3][m];
}

static int same_but_case(const char *a, const char *b)
{
    while (*a != '\0' && lower((unsigned char)*a) == lower((unsigned char)*b))
        a++, b++;
    return *a == *b;
}

size_t mx_nearest(const char *name, size_t count, const char *const *candidate)
{
    uint32_t asked[LONGEST], other[LONGEST];
    size_t n = letters(name, asked), best = SIZE_MAX, best_distance = SIZE_MAX;
    if (n > LONGEST)
        return SIZE_MAX;
    size_t limit = 2 * (n >= 6 ? n / 3 : 1);
    for (size_t i = 0; i < count; i++) {
        if (candidate[i] == NULL)
            continue;
        size_t m = letters(candidate[i], other);
        if (same_but_case(name, candidate[i]))
            return i;
        if (m > LONGEST || 2 * (n > m ? n - m : m - n) > limit)
            continue;
        size_t d = distance(asked, n, other, m);
        if (d <= limit && d < best_distance && d < 2 * n) { /* 2n: nothing in common */
            best = i;
            best_distance = d;
        }
    }
    return best;
}
