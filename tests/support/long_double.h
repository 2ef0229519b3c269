/* Whether long double has more digits than double. Under valgrind, which computes with 64 bits, and on some processors it has not; what a
 * test knows only by those digits is then compared less closely, or not at all. */
#ifndef LONG_DOUBLE_H
#define LONG_DOUBLE_H

static inline int long_double_is_wide(void)
{
    volatile long double one = 1, tiny = 0x1p-60L;
    return one + tiny != one;
}

#endif
