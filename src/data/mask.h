/* Masks: 64 bytes at a time are compared with a few characters and become one 64-bit mask [1], so that scanners visit set bits only.
 *
 * [1] G. Langdale and D. Lemire, VLDB Journal 28 (2019) 941, section 3.1.
 */
#ifndef MX_MASK_H
#define MX_MASK_H

#include <stdint.h>

#if defined(__SSE2__) && !defined(MX_MASK_PORTABLE)
#include <emmintrin.h>
#define MX_MASK_SSE2 1
#else
#define MX_MASK_SSE2 0
#endif

enum { MX_MASK_BYTES = 64 };

/* Asks for the memory at an address that will soon be needed. */
#if defined(__GNUC__)
#define MX_PREFETCH(address) __builtin_prefetch(address)
#else
#define MX_PREFETCH(address) ((void)(address))
#endif

/* Bit i: text[i], one of 64, is one of the four characters. */
static inline uint64_t mx_mask_four(const char *text, char a, char b, char c, char d)
{
    uint64_t mask = 0;
#if MX_MASK_SSE2
    const __m128i w = _mm_set1_epi8(a), x = _mm_set1_epi8(b), y = _mm_set1_epi8(c), z = _mm_set1_epi8(d);
    for (int i = 0; i < MX_MASK_BYTES; i += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(text + i));
        __m128i hit = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(v, w), _mm_cmpeq_epi8(v, x)),
                                   _mm_or_si128(_mm_cmpeq_epi8(v, y), _mm_cmpeq_epi8(v, z)));
        mask |= (uint64_t)(unsigned)_mm_movemask_epi8(hit) << i;
    }
#else
    for (int i = 0; i < MX_MASK_BYTES; i++)
        mask |= (uint64_t)(text[i] == a || text[i] == b || text[i] == c || text[i] == d) << i;
#endif
    return mask;
}

/* Bit i: text[i], one of 64, is the character. */
static inline uint64_t mx_mask_one(const char *text, char a)
{
    uint64_t mask = 0;
#if MX_MASK_SSE2
    const __m128i w = _mm_set1_epi8(a);
    for (int i = 0; i < MX_MASK_BYTES; i += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(text + i));
        mask |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, w)) << i;
    }
#else
    for (int i = 0; i < MX_MASK_BYTES; i++)
        mask |= (uint64_t)(text[i] == a) << i;
#endif
    return mask;
}

/* Bit i: text[i], one of 64, is not above the character. */
static inline uint64_t mx_mask_upto(const char *text, char most)
{
    uint64_t mask = 0;
#if MX_MASK_SSE2
    const __m128i w = _mm_set1_epi8(most);
    for (int i = 0; i < MX_MASK_BYTES; i += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(text + i));
        mask |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(v, w), v)) << i;
    }
#else
    for (int i = 0; i < MX_MASK_BYTES; i++)
        mask |= (uint64_t)((unsigned char)text[i] <= (unsigned char)most) << i;
#endif
    return mask;
}

/* Bit i: word[i], one of 8, is the number. */
static inline unsigned mx_mask_words(const uint32_t *word, uint32_t number)
{
#if MX_MASK_SSE2
    const __m128i w = _mm_set1_epi32((int)number);
    __m128i low = _mm_cmpeq_epi32(_mm_loadu_si128((const __m128i *)(const void *)word), w);
    __m128i high = _mm_cmpeq_epi32(_mm_loadu_si128((const __m128i *)(const void *)(word + 4)), w);
    return (unsigned)_mm_movemask_epi8(_mm_packs_epi16(_mm_packs_epi32(low, high), _mm_setzero_si128()));
#else
    unsigned mask = 0;
    for (unsigned i = 0; i < 8; i++)
        mask |= (unsigned)(word[i] == number) << i;
    return mask;
#endif
}

/* 1 when the 64 bytes are ASCII and none of them is below `least` (1 .. 127). */
static inline int mx_mask_plain(const char *text, char least)
{
#if MX_MASK_SSE2
    __m128i bad = _mm_setzero_si128(), low = _mm_set1_epi8(least);
    for (int i = 0; i < MX_MASK_BYTES; i += 16) /* bytes of 128 and more are negative here, so below it too */
        bad = _mm_or_si128(bad, _mm_cmplt_epi8(_mm_loadu_si128((const __m128i *)(const void *)(text + i)), low));
    return _mm_movemask_epi8(bad) == 0;
#else
    for (int i = 0; i < MX_MASK_BYTES; i++)
        if ((unsigned char)text[i] < (unsigned char)least || (unsigned char)text[i] > 127)
            return 0;
    return 1;
#endif
}

/* Number of set bits. */
static inline unsigned mx_mask_count(uint64_t mask)
{
    mask -= mask >> 1 & 0x5555555555555555u;
    mask = (mask & 0x3333333333333333u) + (mask >> 2 & 0x3333333333333333u);
    return (unsigned)(((mask + (mask >> 4)) & 0x0f0f0f0f0f0f0f0fu) * 0x0101010101010101u >> 56);
}

/* Number of the lowest and of the highest set bit; mask != 0. */
static inline unsigned mx_mask_lowest(uint64_t mask)
{
#if defined(__GNUC__)
    return (unsigned)__builtin_ctzll(mask);
#else
    unsigned i = 0;
    while (!(mask >> i & 1))
        i++;
    return i;
#endif
}

static inline unsigned mx_mask_highest(uint64_t mask)
{
#if defined(__GNUC__)
    return 63u - (unsigned)__builtin_clzll(mask);
#else
    unsigned i = 63;
    while (!(mask >> i & 1))
        i--;
    return i;
#endif
}

#endif
