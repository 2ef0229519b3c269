/* Measures of probabilities and of joint tables: published values, identities, corners, refusals. */
#include <maxent/entropy.h>

#include "entropy/close.h"
#include "support/failing_alloc.h"

#include <string.h>

static maxent_diagnostic where;

#define OK(call) assert_int_equal(call, MAXENT_OK)

static double entropy(size_t n, const double *p)
{
    double h;
    OK(maxent_entropy(n, p, &h, &where));
    return h;
}

static void test_published(void **state)
{
    (void)state;
    double h, bit = maxent_nats(2), p[32];
    for (int i = 0; i < 32; i++)
        p[i] = 1.0 / 32;
    assert_close(entropy(32, p) / bit, 5, 1e-15);
    const double dyadic[] = {0.5, 0.25, 0.125, 0.125};
    assert_close(entropy(4, dyadic) / bit, 1.75, 1e-15); /* the numbers of the cases: section Entropy */
    OK(maxent_renyi(4, dyadic, 2, &h, NULL));
    assert_close(h / bit, 1.540568381362703, 1e-14);
    OK(maxent_perplexity(4, dyadic, &h, NULL));
    assert_close(h, 3.363585661014858, 1e-14);
    const double a[] = {.2, .2, .6}, b[] = {.1, .4, .5};
    OK(maxent_relative_entropy(3, a, b, &h, NULL));
    assert_close(h, .109392934076373, 1e-12);
    assert_close(h, .2 * log(2) - .2 * log(2) + .6 * log(1.2), 1e-15);
    OK(maxent_cross_entropy(3, a, b, &h, NULL));
    assert_close(h, entropy(3, a) + .6 * log(1.2), 1e-15);
    OK(maxent_redundancy(4, dyadic, &h, NULL));
    assert_close(h, 0.125, 1e-15);
    const double half[] = {0.5, 0.5, 0}, other[] = {0, 0, 1};
    OK(maxent_jensen_shannon(3, half, other, &h, NULL));
    assert_close(h / bit, 1, 1e-15); /* disjoint: one bit */
    OK(maxent_tsallis(4, dyadic, 2, &h, NULL));
    assert_close(h, 1 - (0.25 + 1.0 / 16 + 2.0 / 64), 1e-15);
    assert_close(maxent_nats(10), log(10), 0);
    assert_true(isnan(maxent_nats(1)) && isnan(maxent_nats(0)) && isnan(maxent_nats(-2)) && isnan(maxent_nats(INFINITY)));
}

/* Cover and Thomas, Elements of Information Theory, example 2.2.1; rows y, columns x. */
static const double cover[16] = {1 / 8., 1 / 16., 1 / 32., 1 / 32., 1 / 16., 1 / 8., 1 / 32., 1 / 32.,
                                 1 / 16., 1 / 16., 1 / 16., 1 / 16., 1 / 4., 0, 0, 0};

static void test_cover_and_thomas(void **state)
{
    (void)state;
    size_t levels[] = {4, 4};
    maxent_joint joint = {2, levels, cover};
    const uint64_t Y = 1, X = 2;
    double h, bit = maxent_nats(2);
    OK(maxent_joint_entropy(&joint, X, &h, &where));
    assert_close(h / bit, 7 / 4., 1e-15);
    OK(maxent_joint_entropy(&joint, Y, &h, &where));
    assert_close(h / bit, 2, 1e-15);
    OK(maxent_joint_entropy(&joint, X | Y, &h, &where));
    assert_close(h / bit, 27 / 8., 1e-15);
    for (int form = MAXENT_FORM_CHAIN; form <= MAXENT_FORM_DIRECT; form++) {
        OK(maxent_conditional_entropy(&joint, X, Y, (maxent_conditional_form)form, &h, &where));
        assert_close(h / bit, 11 / 8., 1e-15);
        OK(maxent_conditional_entropy(&joint, Y, X, (maxent_conditional_form)form, &h, &where));
        assert_close(h / bit, 13 / 8., 1e-15);
    }
    OK(maxent_mutual_information(&joint, X, Y, 0, &h, &where));
    assert_close(h / bit, 3 / 8., 1e-15);
    OK(maxent_variation_of_information(&joint, X, Y, &h, &where));
    assert_close(h / bit, 3, 1e-15);
    OK(maxent_joint_entropy(&joint, 0, &h, &where));
    assert_close(h, 0, 0);
}

static void test_exclusive_or(void **state)
{
    (void)state;
    size_t levels[] = {2, 2, 2};
    const double p[8] = {.25, 0, 0, .25, 0, .25, .25, 0}; /* z = x xor y */
    maxent_joint joint = {3, levels, p};
    double h;
    OK(maxent_mutual_information(&joint, 1, 2, 0, &h, &where));
    assert_close(h, 0, 1e-15);
    OK(maxent_mutual_information(&joint, 1, 2, 4, &h, &where));
    assert_close(h, log(2), 1e-15);
    OK(maxent_interaction_information(&joint, 7, 0, &h, &where));
    assert_close(h, -log(2), 1e-15);
    OK(maxent_total_correlation(&joint, 7, 0, &h, &where));
    assert_close(h, log(2), 1e-15);
    OK(maxent_total_correlation(&joint, 3, 4, &h, &where));
    assert_close(h, log(2), 1e-15);
    OK(maxent_interaction_information(&joint, 3, 4, &h, &where));
    assert_close(h, log(2), 1e-15);
    OK(maxent_conditional_entropy(&joint, 3, 1, MAXENT_FORM_AVERAGE, &h, &where)); /* what is given is known */
    assert_close(h, log(2), 1e-15);
}

/* Identities on random joint tables of three variables. */
static void test_properties(void **state)
{
    (void)state;
    uint64_t random = 1;
    for (int trial = 0; trial < 400; trial++) {
        size_t levels[] = {1 + random_bits(&random) % 4, 1 + random_bits(&random) % 5, 1 + random_bits(&random) % 3};
        size_t n = levels[0] * levels[1] * levels[2];
        double p[60], q[60], h[8], h2, value, forms[3];
        random_probabilities(&random, n, p);
        random_probabilities(&random, n, q);
        maxent_joint joint = {3, levels, p};
        for (uint64_t set = 0; set < 8; set++) {
            OK(maxent_joint_entropy(&joint, set, &h[set], &where));
            double cells = 1;
            for (int v = 0; v < 3; v++)
                cells *= set >> v & 1 ? (double)levels[v] : 1;
            assert_true(h[set] >= 0 && h[set] <= log(cells) + 1e-14); /* largest when uniform */
        }
        assert_close(h[7], entropy(n, p), 1e-14);
        for (uint64_t a = 1; a < 8; a++)
            for (uint64_t b = 0; b < 8; b++) {
                if (a & b)
                    continue;
                for (int form = 0; form < 3; form++)
                    OK(maxent_conditional_entropy(&joint, a, b, (maxent_conditional_form)form, &forms[form], &where));
                assert_close(forms[0], forms[1], 1e-14); /* the three forms agree */
                assert_close(forms[0], forms[2], 1e-14);
                assert_close(forms[2] + h[b], h[a | b], 1e-14); /* the chain rule */
                assert_true(forms[2] <= h[a] + 1e-14);          /* conditioning never adds */
                uint64_t c = 7 & ~(a | b);
                if (b == 0)
                    continue;
                OK(maxent_mutual_information(&joint, a, b, 0, &value, &where));
                assert_true(value >= 0);
                assert_close(value, h[a] + h[b] - h[a | b], 1e-14);
                OK(maxent_mutual_information(&joint, b, a, 0, &h2, &where));
                assert_close(value, h2, 1e-14);
                OK(maxent_mutual_information(&joint, a, b, c, &h2, &where));
                assert_close(h2, h[a | c] + h[b | c] - h[7] - h[c], 1e-14);
                if (c != 0) { /* I(A; B, C) = I(A; C) + I(A; B | C), and I(A;B;C) = I(A;B) - I(A;B|C) */
                    double whole, part, three;
                    OK(maxent_mutual_information(&joint, a, b | c, 0, &whole, &where));
                    OK(maxent_mutual_information(&joint, a, c, 0, &part, &where));
                    assert_close(whole, part + h2, 1e-14);
                    assert_true(whole >= value - 1e-14); /* data processing: (B, C) -> B */
                    OK(maxent_interaction_information(&joint, 7, 0, &three, &where));
                    assert_close(three, value - h2, 1e-14);
                }
                OK(maxent_variation_of_information(&joint, a, b, &h2, &where));
                assert_close(h2, h[a | b] - value, 1e-14);
            }
        OK(maxent_total_correlation(&joint, 7, 0, &value, &where));
        assert_close(value, h[1] + h[2] + h[4] - h[7], 1e-14);

        OK(maxent_relative_entropy(n, p, p, &value, &where));
        assert_close(value, 0, 0);
        OK(maxent_relative_entropy(n, p, q, &value, &where));
        assert_true(value >= 0);
        OK(maxent_cross_entropy(n, p, q, &h2, &where));
        assert_close(h2, value + entropy(n, p), 1e-13);
        OK(maxent_jensen_shannon(n, p, q, &value, &where));
        OK(maxent_jensen_shannon(n, q, p, &h2, &where));
        assert_true(value >= 0 && value <= log(2) + 1e-15);
        assert_close(value, h2, 1e-15);
        double mean[60];
        for (size_t i = 0; i < n; i++)
            mean[i] = (p[i] + q[i]) / 2;
        assert_close(value, entropy(n, mean) - (entropy(n, p) + entropy(n, q)) / 2, 1e-14);

        for (size_t i = n; i-- > 1;) { /* permutation */
            size_t j = random_bits(&random) % (i + 1);
            double swap = p[i];
            p[i] = p[j];
            p[j] = swap;
        }
        assert_close(entropy(n, p), h[7], 1e-15);
    }
}

/* Data processing: X -> Y -> Z with any channel from Y to Z. I(X; Z) <= I(X; Y), and I(X; Z | Y) = 0. */
static void test_data_processing(void **state)
{
    (void)state;
    uint64_t random = 4;
    for (int trial = 0; trial < 400; trial++) {
        size_t levels[] = {1 + random_bits(&random) % 5, 1 + random_bits(&random) % 5, 1 + random_bits(&random) % 5};
        double xy[25], channel[5], p[125], before, after, rest;
        random_probabilities(&random, levels[0] * levels[1], xy);
        for (size_t y = 0; y < levels[1]; y++) {
            random_probabilities(&random, levels[2], channel);
            for (size_t x = 0; x < levels[0]; x++)
                for (size_t z = 0; z < levels[2]; z++)
                    p[(x * levels[1] + y) * levels[2] + z] = xy[x * levels[1] + y] * channel[z];
        }
        maxent_joint joint = {3, levels, p};
        OK(maxent_mutual_information(&joint, 1, 2, 0, &before, &where));
        OK(maxent_mutual_information(&joint, 1, 4, 0, &after, &where));
        OK(maxent_mutual_information(&joint, 1, 4, 2, &rest, &where));
        assert_true(after <= before + 1e-14);
        assert_close(rest, 0, 1e-14);
    }
}

/* H(p q) = H(p) + H(q) for independent variables, at every Renyi order; nothing shared. */
static void test_additivity(void **state)
{
    (void)state;
    uint64_t random = 2;
    for (int trial = 0; trial < 200; trial++) {
        size_t levels[] = {1 + random_bits(&random) % 6, 1 + random_bits(&random) % 6};
        double p[6], q[6], pq[36], a, b, both;
        random_probabilities(&random, levels[0], p);
        random_probabilities(&random, levels[1], q);
        for (size_t i = 0; i < levels[0]; i++)
            for (size_t j = 0; j < levels[1]; j++)
                pq[i * levels[1] + j] = p[i] * q[j];
        size_t n = levels[0] * levels[1];
        assert_close(entropy(n, pq), entropy(levels[0], p) + entropy(levels[1], q), 1e-14);
        const double orders[] = {0, 0.3, 0.999999, 1, 1.0000001, 1.7, 2, 50, 5000, INFINITY};
        for (size_t o = 0; o < sizeof orders / sizeof *orders; o++) {
            OK(maxent_renyi(levels[0], p, orders[o], &a, &where));
            OK(maxent_renyi(levels[1], q, orders[o], &b, &where));
            OK(maxent_renyi(n, pq, orders[o], &both, &where));
            assert_close(both, a + b, 1e-13);
        }
        maxent_joint joint = {2, levels, pq};
        OK(maxent_mutual_information(&joint, 1, 2, 0, &both, &where));
        assert_close(both, 0, 1e-15);
    }
}

/* Orders fall, and are continuous at 1; uniform: log n at every order. */
static void test_orders(void **state)
{
    (void)state;
    const double p[] = {0.7, 0.2, 0.09, 0.01, 0};
    double before = INFINITY, value, near;
    for (double order = 0; order < 40; order += 0.0625) {
        OK(maxent_renyi(5, p, order, &value, &where));
        assert_true(value <= before + 1e-15);
        before = value;
    }
    OK(maxent_renyi(5, p, 1 + 1e-9, &near, &where));
    assert_close(near, entropy(5, p), 2e-9);
    OK(maxent_renyi(5, p, 0.5 + 1e-13, &near, &where)); /* where the two formulas meet */
    OK(maxent_renyi(5, p, 0.5 - 1e-13, &value, &where));
    assert_close(near, value, 1e-12);
    OK(maxent_renyi(5, p, 0, &value, &where));
    assert_close(value, log(4), 1e-15);
    OK(maxent_renyi(5, p, INFINITY, &value, &where));
    assert_close(value, -log(0.7), 1e-15);
    OK(maxent_renyi(5, p, 1e6, &value, &where)); /* p^1e6 underflows, the entropy does not */
    assert_close(value, -log(0.7), 1e-5);
    OK(maxent_tsallis(5, p, 1 + 1e-9, &near, &where));
    assert_close(near, entropy(5, p), 2e-9);
    OK(maxent_tsallis(5, p, 0, &value, &where));
    assert_close(value, 3, 1e-15);
    assert_int_equal(maxent_renyi(5, p, -1, &value, &where), MAXENT_ERROR_VALUE);
    assert_int_equal(maxent_renyi(5, p, NAN, &value, &where), MAXENT_ERROR_VALUE);
    assert_int_equal(maxent_tsallis(5, p, -0.5, &value, &where), MAXENT_ERROR_VALUE);
    assert_int_equal(maxent_tsallis(5, p, INFINITY, &value, &where), MAXENT_ERROR_VALUE);
}

static void test_corners(void **state)
{
    (void)state;
    double value, one[] = {1}, certain[] = {0, 1, 0}, other[] = {1, 0, 0}, tiny[] = {1 - 1e-9, 1e-9}, least[] = {1, 5e-324};
    assert_close(entropy(1, one), 0, 0);
    assert_close(entropy(3, certain), 0, 0);
    OK(maxent_redundancy(1, one, &value, NULL));
    assert_close(value, 0, 0);
    OK(maxent_relative_entropy(3, certain, other, &value, NULL));
    assert_true(isinf(value));
    OK(maxent_cross_entropy(3, certain, other, &value, NULL));
    assert_true(isinf(value));
    assert_close(entropy(2, tiny) * 1e8, 2.1723265808164481, 1e-14); /* -p log p - q log q by mpmath, 30 digits */
    assert_true(entropy(2, least) >= 0);
    double near[] = {1 - 1e-9 - 1e-16, 1e-9 + 1e-16};
    OK(maxent_relative_entropy(2, tiny, near, &value, NULL));
    assert_true(value >= 0 && value < 1e-16);
}

static void test_refusals(void **state)
{
    (void)state;
    double value = 77, negative[] = {1.5, -0.5}, nan[] = {0.5, NAN}, half[] = {0.5, 0.25}, good[] = {0.5, 0.5}, zeros[] = {0, 0};
    double infinite[] = {INFINITY, 0}, huge[] = {1e308, 1e308};
    assert_int_equal(maxent_entropy(2, negative, &value, &where), MAXENT_ERROR_VALUE);
    assert_non_null(strstr(where.message, "probability 2 is -0.5"));
    assert_int_equal(maxent_entropy(2, nan, &value, &where), MAXENT_ERROR_VALUE);
    assert_int_equal(maxent_entropy(2, infinite, &value, &where), MAXENT_ERROR_VALUE);
    assert_int_equal(maxent_entropy(2, huge, &value, &where), MAXENT_ERROR_VALUE);
    assert_int_equal(maxent_entropy(2, half, &value, &where), MAXENT_ERROR_VALUE);
    assert_non_null(strstr(where.message, "sum to 0.75"));
    assert_int_equal(maxent_entropy(0, NULL, &value, &where), MAXENT_ERROR_ARGUMENT);
    assert_int_equal(maxent_perplexity(2, half, &value, &where), MAXENT_ERROR_VALUE);
    assert_int_equal(maxent_redundancy(2, half, &value, &where), MAXENT_ERROR_VALUE);
    assert_int_equal(maxent_renyi(2, half, 2, &value, &where), MAXENT_ERROR_VALUE);
    assert_int_equal(maxent_tsallis(2, half, 2, &value, &where), MAXENT_ERROR_VALUE);
    assert_int_equal(maxent_cross_entropy(2, good, half, &value, &where), MAXENT_ERROR_VALUE);
    assert_int_equal(maxent_relative_entropy(2, half, good, &value, &where), MAXENT_ERROR_VALUE);
    assert_int_equal(maxent_jensen_shannon(2, good, half, &value, &where), MAXENT_ERROR_VALUE);
    assert_true(value == 77); /* written only on success */
    OK(maxent_normalize(2, half, &where));
    assert_close(half[0], 2 / 3., 1e-16);
    assert_int_equal(maxent_normalize(2, zeros, &where), MAXENT_ERROR_VALUE);
    assert_int_equal(maxent_normalize(2, negative, &where), MAXENT_ERROR_VALUE);
    assert_int_equal(maxent_normalize(0, NULL, &where), MAXENT_ERROR_ARGUMENT);

    size_t levels[] = {2, 2}, none[] = {2, 0}, many[64];
    double p[4] = {.25, .25, .25, .25};
    maxent_joint joint = {2, levels, p}, empty = {2, none, p}, nothing = {0, levels, p}, wide = {64, many, p};
    for (int i = 0; i < 64; i++)
        many[i] = 2;
    assert_int_equal(maxent_joint_entropy(&nothing, 0, &value, &where), MAXENT_ERROR_ARGUMENT);
    assert_int_equal(maxent_joint_entropy(&empty, 1, &value, &where), MAXENT_ERROR_ARGUMENT);
    assert_int_equal(maxent_joint_entropy(&wide, 1, &value, &where), MAXENT_ERROR_LIMIT);
    assert_int_equal(maxent_joint_entropy(&joint, 4, &value, &where), MAXENT_ERROR_ARGUMENT);
    assert_int_equal(maxent_conditional_entropy(&joint, 1, 2, (maxent_conditional_form)9, &value, &where), MAXENT_ERROR_ARGUMENT);
    assert_int_equal(maxent_conditional_entropy(&joint, 8, 2, MAXENT_FORM_CHAIN, &value, &where), MAXENT_ERROR_ARGUMENT);
    assert_int_equal(maxent_mutual_information(&joint, 1, 1, 0, &value, &where), MAXENT_ERROR_ARGUMENT);
    assert_int_equal(maxent_mutual_information(&joint, 1, 0, 0, &value, &where), MAXENT_ERROR_ARGUMENT);
    assert_int_equal(maxent_mutual_information(&joint, 1, 2, 2, &value, &where), MAXENT_ERROR_ARGUMENT);
    assert_int_equal(maxent_variation_of_information(&joint, 1, 4, &value, &where), MAXENT_ERROR_ARGUMENT);
    assert_int_equal(maxent_total_correlation(&joint, 0, 1, &value, &where), MAXENT_ERROR_ARGUMENT);
    assert_int_equal(maxent_total_correlation(&joint, 1, 1, &value, &where), MAXENT_ERROR_ARGUMENT);
    assert_int_equal(maxent_interaction_information(&joint, 0, 1, &value, &where), MAXENT_ERROR_ARGUMENT);
    assert_int_equal(maxent_interaction_information(&joint, 4, 1, &value, &where), MAXENT_ERROR_ARGUMENT);
    size_t ones[17];
    for (int i = 0; i < 17; i++)
        ones[i] = 1;
    double certain[] = {1};
    maxent_joint long_one = {17, ones, certain};
    assert_int_equal(maxent_interaction_information(&long_one, 0x1ffff, 0, &value, &where), MAXENT_ERROR_LIMIT);
    OK(maxent_interaction_information(&long_one, 0xffff, 0, &value, &where));
    assert_close(value, 0, 0);
}

static void test_allocation(void **state)
{
    (void)state;
    size_t levels[] = {4, 4};
    maxent_joint joint = {2, levels, cover};
    for (int call = 0; call < 7; call++) {
        size_t k = 0, failed;
        do {
            double value = 77;
            maxent_error error = MAXENT_OK;
            failing_alloc_start(++k, 0);
            switch (call) {
            case 0: error = maxent_joint_entropy(&joint, 3, &value, &where); break;
            case 1: error = maxent_conditional_entropy(&joint, 1, 2, MAXENT_FORM_CHAIN, &value, &where); break;
            case 2: error = maxent_conditional_entropy(&joint, 1, 2, MAXENT_FORM_DIRECT, &value, &where); break;
            case 3: error = maxent_mutual_information(&joint, 1, 2, 0, &value, &where); break;
            case 4: error = maxent_variation_of_information(&joint, 1, 2, &value, &where); break;
            case 5: error = maxent_total_correlation(&joint, 3, 0, &value, &where); break;
            case 6: error = maxent_interaction_information(&joint, 3, 0, &value, &where); break;
            }
            failed = failing_alloc_stop();
            assert_int_equal(error, failed > 0 ? MAXENT_ERROR_MEMORY : MAXENT_OK);
            assert_true(error == MAXENT_OK || value == 77);
        } while (failed > 0);
        assert_true(k > 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published),  cmocka_unit_test(test_cover_and_thomas), cmocka_unit_test(test_exclusive_or),
        cmocka_unit_test(test_properties), cmocka_unit_test(test_data_processing), cmocka_unit_test(test_additivity),
        cmocka_unit_test(test_orders),
        cmocka_unit_test(test_corners),    cmocka_unit_test(test_refusals),         cmocka_unit_test(test_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
