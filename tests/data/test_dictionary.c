/* Dictionaries: many texts at once are numbered as they are one after the other, and as a plain search numbers them. */
#include "data/dictionary.h"

#include "support/failing_alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint64_t random_state = 1;

static uint32_t next(uint32_t below)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(random_state >> 33) % below;
}

enum { TEXTS = 3000, LONGEST = 40, BATCH = 97 };

/* Texts of few letters, so that many come again, NUL among them; their lengths in length[]. 16 bytes more than needed. */
static char (*make_texts(size_t *length))[LONGEST + 16]
{
    char(*text)[LONGEST + 16] = malloc(TEXTS * sizeof *text);
    for (size_t i = 0; i < TEXTS; i++) {
        length[i] = next(4) == 0 ? next(LONGEST + 1) : next(6);
        for (size_t k = 0; k < LONGEST + 16; k++)
            text[i][k] = (char)(next(3) == 0 ? 0 : 'a' + (int)next(2)); /* what is behind the text differs too */
    }
    return text;
}

static void many_at_once(void **state)
{
    (void)state;
    static size_t length[TEXTS];
    static uint32_t expected[TEXTS];
    char(*text)[LONGEST + 16] = make_texts(length);
    mx_dictionary one = {0}, many = {0};
    mx_dictionary_query query[BATCH];
    size_t distinct = 0;
    for (size_t i = 0; i < TEXTS; i++) { /* the plain search */
        size_t k = 0;
        while (k < i && !(length[k] == length[i] && memcmp(text[k], text[i], length[i]) == 0))
            k++;
        expected[i] = k < i ? expected[k] : (uint32_t)distinct++;
        uint32_t code;
        assert_true(mx_dictionary_add(&one, text[i], length[i], &code));
        assert_int_equal(code, expected[i]);
    }
    for (size_t i = 0; i < TEXTS;) {
        size_t count = 1 + next(BATCH), had = many.levels;
        mx_dictionary_expect(&many, next(3) * 0.4); /* 0, 0.4, 0.8 */
        count = count < TEXTS - i ? count : TEXTS - i;
        for (size_t k = 0; k < count; k++) {
            query[k].text = text[i + k];
            query[k].length = length[i + k];
        }
        mx_dictionary_find_many(&many, query, count);
        for (size_t k = 0; k < count; k++)
            assert_int_equal(query[k].code, expected[i + k] < had ? expected[i + k] : UINT32_MAX);
        assert_int_equal(mx_dictionary_add_many(&many, query, count), count);
        for (size_t k = 0; k < count; k++)
            assert_int_equal(query[k].code, expected[i + k]);
        i += count;
    }
    assert_int_equal(one.levels, distinct);
    assert_int_equal(many.levels, distinct);
    for (size_t i = 0; i < TEXTS; i++) {
        size_t have;
        const char *is = mx_dictionary_text(&many, expected[i], &have);
        assert_int_equal(have, length[i]);
        assert_memory_equal(is, text[i], have);
        uint32_t code;
        assert_true(mx_dictionary_find(&many, text[i], length[i], &code));
        assert_int_equal(code, expected[i]);
    }
    mx_dictionary_free(&one);
    mx_dictionary_free(&many);
    free(text);
}

/* Equal texts at different places, of every length around the steps of the hash, have the same hash as their copy; others have not. */
static void hashes(void **state)
{
    (void)state;
    char text[80], copy[96];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)next(256);
    for (size_t length = 0; length <= 64; length++) {
        memcpy(copy + 7, text, length);
        uint64_t hash = mx_hash_bytes(text, length);
        assert_true(mx_hash_bytes(copy + 7, length) == hash);
        for (size_t k = 0; k < length; k++) {
            copy[7 + k] ^= 1;
            assert_false(mx_hash_bytes(copy + 7, length) == hash);
            copy[7 + k] ^= 1;
        }
    }
}

static void no_memory(void **state)
{
    (void)state;
    static size_t length[TEXTS];
    char(*text)[LONGEST + 16] = make_texts(length);
    mx_dictionary_query query[BATCH];
    for (size_t failing = 1;; failing++) {
        mx_dictionary d = {0};
        size_t done = 0;
        failing_alloc_start(failing, 0);
        for (size_t i = 0; i + BATCH <= TEXTS && done == i; i += BATCH) {
            for (size_t k = 0; k < BATCH; k++) {
                query[k].text = text[i + k];
                query[k].length = length[i + k];
            }
            done += mx_dictionary_add_many(&d, query, BATCH);
        }
        int all = failing_alloc_stop() == 0;
        for (size_t i = 0; i < done; i++) { /* what was answered is there */
            uint32_t code;
            assert_true(mx_dictionary_find(&d, text[i], length[i], &code));
        }
        mx_dictionary_free(&d);
        if (all)
            break;
        assert_true(done < TEXTS - BATCH);
    }
    free(text);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(many_at_once), cmocka_unit_test(hashes), cmocka_unit_test(no_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
