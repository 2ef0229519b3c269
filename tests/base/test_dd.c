/* Double-double: exact identities, and functions against mpmath at 80 digits (mp.dps = 80; the function; rounded to two doubles). */
#include "base/dd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static uint64_t seed = 20240117;

static double uniform(void) /* in (-1, 1) */
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (double)(int64_t)(seed & ~(uint64_t)0x7FF) * 0x1p-63;
}

static mx_dd random_dd(double scale)
{
    double hi = uniform() * scale;
    return mx_quick_two_sum(hi, hi * 0x1p-54 * uniform());
}

/* |a - b| <= relative |b| */
static void close_to(mx_dd a, mx_dd b, double relative)
{
    mx_dd d = mx_dd_sub(a, b);
    if (!(fabs(d.hi) <= relative * fabs(b.hi)))
        fail_msg("%a + %a is not %a + %a (off by %g)", a.hi, a.lo, b.hi, b.lo, d.hi / b.hi);
}

/* 2^-100: the documented few 2^-104, with room. */
static const double few = 0x1p-100;

static void test_identities(void **state)
{
    (void)state;
    for (int i = 0; i < 20000; i++) {
        mx_dd a = random_dd(10), b = random_dd(i % 2 ? 10 : 1e-5), c = random_dd(1);
        mx_dd sum = mx_dd_add(a, b);
        close_to(mx_dd_sub(sum, b), a, few * (1 + fabs(b.hi / a.hi)));
        close_to(mx_dd_div(mx_dd_mul(a, b), b), a, few);
        close_to(mx_dd_mul(mx_dd_add(a, b), c), mx_dd_add(mx_dd_mul(a, c), mx_dd_mul(b, c)),
                 few * (fabs(a.hi) + fabs(b.hi)) / fabs(sum.hi));
        close_to(mx_dd_mul_d(a, b.hi), mx_dd_mul(a, mx_dd_make(b.hi)), few);
        mx_dd square = mx_dd_mul(a, a);
        close_to(mx_dd_sqrt(square), mx_dd_abs(a), few);
        close_to(mx_dd_power(a, 5), mx_dd_mul(mx_dd_mul(square, square), a), few);
        close_to(mx_dd_power(a, -3), mx_dd_div(mx_dd_make(1), mx_dd_mul(square, a)), few);
        assert_true(fabs(sum.lo) <= fabs(sum.hi) * 0x1p-53);
    }
}

static void test_exact(void **state)
{
    (void)state;
    mx_dd s = mx_two_sum(1.0, 0x1p-80), p = mx_two_prod(1 + 0x1p-40, 1 + 0x1p-40);
    assert_true(s.hi == 1.0 && s.lo == 0x1p-80);
    assert_true(p.hi == 1 + 0x1p-39 && p.lo == 0x1p-80);
    assert_true(mx_dd_floor((mx_dd){3.0, -0x1p-60}).hi == 2.0); /* just below 3 */
    assert_true(mx_dd_floor((mx_dd){-0.5, 0}).hi == -1.0);
    assert_int_equal(mx_dd_compare((mx_dd){1.0, 0x1p-60}, mx_dd_make(1.0)), 1);
    assert_int_equal(mx_dd_compare((mx_dd){1.0, -0x1p-60}, mx_dd_make(1.0)), -1);
    assert_int_equal(mx_dd_compare(mx_dd_make(1.0), mx_dd_make(1.0)), 0);
    assert_int_equal(mx_dd_compare(mx_dd_make(1.0), mx_dd_make(2.0)), -1);
    assert_int_equal(mx_dd_compare(mx_dd_make(NAN), mx_dd_make(2.0)), 2);
    assert_true(mx_dd_abs((mx_dd){0.0, -1e-300}).lo == 1e-300);
}

static void test_edges(void **state)
{
    (void)state;
    const mx_dd zero = mx_dd_make(0.0), one = mx_dd_make(1.0), inf = mx_dd_make(INFINITY);
    mx_dd big = mx_dd_mul(mx_dd_make(1e300), mx_dd_make(1e300));
    assert_true(isinf(big.hi) && big.lo == 0);
    assert_true(isinf(mx_dd_add(mx_dd_make(1.7e308), mx_dd_make(1.7e308)).hi));
    assert_true(mx_dd_add(mx_dd_make(1.7e308), mx_dd_make(1.7e308)).lo == 0);
    assert_true(isinf(mx_dd_div(one, zero).hi) && mx_dd_div(one, zero).lo == 0);
    assert_true(mx_dd_div(one, inf).hi == 0 && mx_dd_div(one, inf).lo == 0);
    assert_true(isnan(mx_dd_div(zero, zero).hi));
    assert_true(mx_dd_sqrt(zero).hi == 0 && isnan(mx_dd_sqrt(mx_dd_make(-1)).hi) && isinf(mx_dd_sqrt(inf).hi));
    assert_true(mx_dd_power(zero, 0).hi == 1 && isinf(mx_dd_power(zero, -1).hi));
    assert_true(mx_dd_exp(zero).hi == 1 && mx_dd_exp(mx_dd_make(-INFINITY)).hi == 0 && isinf(mx_dd_exp(mx_dd_make(800)).hi));
    assert_true(isinf(mx_dd_log(zero).hi) && isnan(mx_dd_log(mx_dd_make(-1)).hi) && isinf(mx_dd_log(inf).hi));
    assert_true(mx_dd_log(one).hi == 0);
    assert_true(mx_dd_atan(inf).hi == atan(INFINITY) && mx_dd_tanh(mx_dd_make(50)).hi == 1);
    assert_true(isnan(mx_dd_sin(inf).hi) && isnan(mx_dd_cos(inf).hi) && isnan(mx_dd_tan(inf).hi));
    assert_true(mx_dd_sin(mx_dd_make(1e12)).hi == sin(1e12) && mx_dd_cos(mx_dd_make(1e12)).hi == cos(1e12));
    assert_true(mx_dd_pow(mx_dd_make(-2), mx_dd_make(3)).hi == -8 && isnan(mx_dd_pow(mx_dd_make(-2), mx_dd_make(0.5)).hi));
    assert_true(mx_dd_pow(zero, mx_dd_make(0.5)).hi == 0);
    assert_true(mx_dd_acos(one).hi == 0 && isnan(mx_dd_acos(mx_dd_make(1.5)).hi) && isnan(mx_dd_asin(mx_dd_make(-1.5)).hi));
    assert_true(mx_dd_acos(mx_dd_neg(one)).hi == mx_dd_pi.hi && 2 * mx_dd_asin(one).hi == mx_dd_pi.hi && mx_dd_asin(zero).hi == 0);
    assert_true(mx_dd_sinh(mx_dd_make(-INFINITY)).hi == -INFINITY && mx_dd_cosh(mx_dd_make(-INFINITY)).hi == INFINITY);
    assert_true(mx_dd_sinh(zero).hi == 0 && mx_dd_cosh(zero).hi == 1 && isnan(mx_dd_cosh(mx_dd_make(NAN)).hi));
}

static const struct {
    mx_dd (*function)(mx_dd);
    mx_dd x, value;
} table[] = {
    {mx_dd_exp, {0x1.999999999999ap-4, -0x1.3815da07957c0p-61}, {0x1.1aec7b35a00d4p+0, -0x1.7a866969edf4cp-54}},
    {mx_dd_exp, {-0x1.8000000000000p-1, -0x1.6f3dd592121e8p-58}, {0x1.e3b40ebefcd7ep-2, 0x1.2060cfe3bdd2bp-56}},
    {mx_dd_exp, {0x1.0000000400000p+0, 0x1.b264426ac8851p-55}, {0x1.5bf0a8b6b5394p+1, -0x1.aeef318fd47c2p-54}},
    {mx_dd_exp, {0x1.c000000000000p+1, -0x1.ec70cad651064p-57}, {0x1.08ec721396bdbp+5, 0x1.03a15dd82b3c8p-49}},
    {mx_dd_exp, {0x1.4400000000000p+4, 0x1.45317a908e7a5p-56}, {0x1.290d76d1966a9p+29, 0x1.db0026b4010d9p-25}},
    {mx_dd_exp, {0x1.0c6f7a0b5ed8dp-20, 0x1.7750a2aa56f5cp-77}, {0x1.000010c6f82d7p+0, 0x1.5e54c55d744ebp-55}},
    {mx_dd_exp, {0x1.6666666666666p-2, -0x1.c41228898a834p-57}, {0x1.6b4802c805decp+0, 0x1.64a6a8ce04054p-54}},
    {mx_dd_exp, {-0x1.8000000000000p+3, -0x1.24aaadb58b6e0p-56}, {0x1.9c54c3b43bc8bp-18, -0x1.5f2a6acc9f186p-73}},
    {mx_dd_exp, {0x1.edd2f1a9fbe77p+6, 0x1.008e8b9b0cbfcp-49}, {0x1.1428e1cbc014cp+178, -0x1.16fc219e6145fp+124}},
    {mx_dd_exp, {-0x1.2c10000000000p+9, -0x1.5fa53ee9fe8f0p-46}, {0x1.269ae7b746195p-866, 0x1.a5b6e20b0748dp-923}},
    {mx_dd_log, {0x1.999999999999ap-4, -0x1.1894b1c0310fdp-58}, {-0x1.26bb1bbb55515p+1, -0x1.e323a2f725166p-53}},
    {mx_dd_log, {0x1.8000000000000p-1, -0x1.747abc302819ep-55}, {-0x1.269621134db93p-2, -0x1.c236f904f09d0p-56}},
    {mx_dd_log, {0x1.0000000400000p+0, 0x1.d0ffa888a09aap-59}, {0x1.0000000c87fd4p-30, 0x1.040e8d50dcdc8p-84}},
    {mx_dd_log, {0x1.c000000000000p+1, -0x1.8aa467dc01c38p-53}, {0x1.40b512eb53d60p+0, -0x1.fab75844ea14ep-54}},
    {mx_dd_log, {0x1.4400000000000p+4, -0x1.917d76a182ae8p-51}, {0x1.810b375dce91ep+1, -0x1.feeeef0a1618fp-53}},
    {mx_dd_log, {0x1.0c6f7a0b5ed8dp-20, -0x1.15162a0dfda2fp-75}, {-0x1.ba18a998fffa0p+3, -0x1.3bc9c293d49d9p-51}},
    {mx_dd_log, {0x1.6666666666666p-2, -0x1.50d6388714dc5p-56}, {-0x1.0cc1248b56cccp+0, 0x1.756b10dfb9078p-55}},
    {mx_dd_log, {0x1.8000000000000p+3, -0x1.bb2c600ad03c0p-55}, {0x1.3e116bcd39e7dp+1, -0x1.bdd26cdbf97e7p-55}},
    {mx_dd_log, {0x1.edd2f1a9fbe77p+6, -0x1.d5dfe51a21d16p-51}, {0x1.343774f3e2362p+2, 0x1.0aa8adaea3d78p-53}},
    {mx_dd_log, {0x1.86a0000000000p+16, 0x1.0b856cfaeb08cp-38}, {0x1.7069e2aa2aa5bp+3, -0x1.6f0cd90253266p-53}},
    {mx_dd_sin, {0x1.999999999999ap-4, 0x1.f553c2fd9c29ap-63}, {0x1.98eaecb8bcb2cp-4, 0x1.e5b4d813737f6p-59}},
    {mx_dd_sin, {-0x1.8000000000000p-1, -0x1.aef9e370f4466p-57}, {-0x1.5cffc16bf8f0dp-1, -0x1.e5a100bd3c871p-55}},
    {mx_dd_sin, {0x1.0000000400000p+0, -0x1.dbbbfb5334effp-66}, {0x1.aed548f4e358ep-1, 0x1.083611d14b6fbp-55}},
    {mx_dd_sin, {0x1.c000000000000p+1, 0x1.231c0c3309986p-54}, {-0x1.6733b7eba6220p-2, -0x1.1974d7f36083cp-56}},
    {mx_dd_sin, {0x1.4400000000000p+4, -0x1.ba675e9f60884p-54}, {0x1.f896bf571e2d6p-1, 0x1.edfa8925454dfp-55}},
    {mx_dd_sin, {0x1.0c6f7a0b5ed8dp-20, -0x1.dc643c53490ffp-76}, {0x1.0c6f7a0b5ea7ap-20, -0x1.6b49e12d2dc3cp-75}},
    {mx_dd_sin, {0x1.6666666666666p-2, 0x1.64b84f97cb289p-56}, {0x1.5f209a5390a8bp-2, 0x1.3bbaf14648fb7p-58}},
    {mx_dd_sin, {-0x1.8000000000000p+3, -0x1.7cb0f13971188p-51}, {0x1.12b9af7d765a0p-1, 0x1.1310c102943c0p-55}},
    {mx_dd_sin, {0x1.edd2f1a9fbe77p+6, 0x1.500361891eb63p-48}, {-0x1.9b9dadc41aecfp-1, 0x1.d08cfcddc8812p-56}},
    {mx_dd_sin, {0x1.86a0000000000p+16, 0x1.44b3d93dcbbc9p-39}, {0x1.24daa9c4d6c9bp-5, 0x1.6d1c078021ba0p-59}},
    {mx_dd_cos, {0x1.999999999999ap-4, -0x1.2ea659cb29e43p-59}, {0x1.fd712f9a817c1p-1, -0x1.f9974463dcc73p-55}},
    {mx_dd_cos, {-0x1.8000000000000p-1, 0x1.9f3bb15d86b1dp-56}, {0x1.769fec655211fp-1, 0x1.672d3ca656536p-58}},
    {mx_dd_cos, {0x1.0000000400000p+0, -0x1.b00bd2ff225d1p-56}, {0x1.14a280f49513ap-1, -0x1.f411fc5379ea3p-55}},
    {mx_dd_cos, {0x1.c000000000000p+1, -0x1.81146a20ed95dp-53}, {-0x1.df77403c11a5fp-1, -0x1.fb27b2850e5e8p-55}},
    {mx_dd_cos, {0x1.4400000000000p+4, 0x1.591bee077bf1dp-51}, {0x1.5b32498c3e6dfp-3, -0x1.41c1c99973318p-58}},
    {mx_dd_cos, {0x1.0c6f7a0b5ed8dp-20, -0x1.abc7929748240p-77}, {0x1.fffffffffee68p-1, 0x1.99fb485e306b4p-55}},
    {mx_dd_cos, {0x1.6666666666666p-2, 0x1.f0dcbe67546d8p-57}, {0x1.e0f575d0de5b7p-1, 0x1.44376c08a9ee5p-55}},
    {mx_dd_cos, {-0x1.8000000000000p+3, 0x1.5ca163e656b04p-53}, {0x1.b00da046b65e2p-1, -0x1.c326b3783afc4p-59}},
    {mx_dd_cos, {0x1.edd2f1a9fbe77p+6, 0x1.c4627804221b5p-48}, {-0x1.307e5980a152bp-1, 0x1.27a32ca9bad76p-56}},
    {mx_dd_cos, {0x1.86a0000000000p+16, 0x1.0f55f464a26fdp-38}, {-0x1.ffac3841b4281p-1, 0x1.95bd9636cb2d3p-56}},
    {mx_dd_tan, {0x1.999999999999ap-4, -0x1.99275183bcc82p-58}, {0x1.9af8877430b80p-4, -0x1.2e55750d214e6p-58}},
    {mx_dd_tan, {-0x1.8000000000000p-1, 0x1.bddfc1ce02065p-56}, {-0x1.dcfa36110eeebp-1, -0x1.e2a13030965a1p-55}},
    {mx_dd_tan, {0x1.0000000400000p+0, 0x1.a41e530d42fafp-55}, {0x1.8eb245d9a1f5ap+0, -0x1.0d2ab7f2188aap-54}},
    {mx_dd_tan, {0x1.c000000000000p+1, -0x1.ae432d5f2b814p-57}, {0x1.7f9360c8212a6p-2, 0x1.4e2127803aed4p-56}},
    {mx_dd_tan, {0x1.4400000000000p+4, 0x1.3745c8b66bbb9p-50}, {0x1.740d080bcfd80p+2, 0x1.aa5014af41550p-54}},
    {mx_dd_tan, {0x1.0c6f7a0b5ed8dp-20, -0x1.b88f13f9f9a6bp-77}, {0x1.0c6f7a0b5f3b3p-20, 0x1.18178241d6b8ap-76}},
    {mx_dd_tan, {0x1.6666666666666p-2, -0x1.320bce33aa2c6p-56}, {0x1.75ca079d9e7e3p-2, 0x1.e49bead945230p-56}},
    {mx_dd_tan, {-0x1.8000000000000p+3, -0x1.8daf7c4c385fap-53}, {0x1.458f6ebce0739p-1, -0x1.50df32dc27a46p-55}},
    {mx_dd_tan, {0x1.edd2f1a9fbe77p+6, 0x1.131218e82f828p-48}, {0x1.5a0fe5da948c1p+0, 0x1.c0e8f483f9905p-55}},
    {mx_dd_tan, {0x1.86a0000000000p+16, -0x1.67b9c3e8135bdp-39}, {-0x1.250a9d508d1fbp-5, 0x1.58302be30b508p-63}},
    {mx_dd_atan, {0x1.999999999999ap-4, -0x1.523623135506dp-58}, {0x1.983e282e2cc4cp-4, 0x1.3224f46e42189p-58}},
    {mx_dd_atan, {-0x1.8000000000000p-1, 0x1.012602bd175f2p-56}, {-0x1.4978fa3269ee1p-1, -0x1.fe19ce2d11183p-58}},
    {mx_dd_atan, {0x1.0000000400000p+0, 0x1.db36cbbbe9679p-55}, {0x1.921fb54842d19p-1, -0x1.fa0236f4794ecp-55}},
    {mx_dd_atan, {0x1.c000000000000p+1, 0x1.ce689a6eb7c76p-54}, {0x1.4ae10fc6589a5p+0, -0x1.181dd351b0417p-54}},
    {mx_dd_atan, {0x1.4400000000000p+4, -0x1.ef15314c3203fp-51}, {0x1.857dfd446f9a5p+0, 0x1.9a5fca630ed25p-55}},
    {mx_dd_atan, {0x1.0c6f7a0b5ed8dp-20, -0x1.1050598b723eap-75}, {0x1.0c6f7a0b5e767p-20, -0x1.053fefba62992p-74}},
    {mx_dd_atan, {0x1.6666666666666p-2, -0x1.1df8524bd184bp-56}, {0x1.58c148aa9c5d6p-2, -0x1.313399fb04ee4p-56}},
    {mx_dd_atan, {-0x1.8000000000000p+3, 0x1.52007a535da38p-51}, {-0x1.7cd6f6dc59db4p+0, -0x1.571c02ae29e4cp-54}},
    {mx_dd_atan, {0x1.edd2f1a9fbe77p+6, 0x1.255a4aafd0319p-48}, {0x1.900cdfeb560b4p+0, -0x1.7835c41972f90p-55}},
    {mx_dd_atan, {0x1.86a0000000000p+16, -0x1.f7a0bfac2820dp-39}, {0x1.921f0d7e968a8p+0, 0x1.26ede246960c3p-56}},
    {mx_dd_tanh, {0x1.999999999999ap-4, 0x1.8498bd6720180p-61}, {0x1.983d7795f413ap-4, 0x1.357a3ffbcf90cp-58}},
    {mx_dd_tanh, {-0x1.8000000000000p-1, 0x1.4305847930fc4p-58}, {-0x1.45323e552f228p-1, -0x1.09a811517429cp-56}},
    {mx_dd_tanh, {0x1.0000000400000p+0, -0x1.3cbd3986d5418p-55}, {0x1.85efab54ab54cp-1, 0x1.4b4c68dd828f6p-55}},
    {mx_dd_tanh, {0x1.c000000000000p+1, 0x1.9f8def6c5f782p-54}, {0x1.ff112c63a9077p-1, 0x1.e345ba1fe3f26p-56}},
    {mx_dd_tanh, {0x1.4400000000000p+4, -0x1.de4443cc15ac5p-51}, {0x1.0000000000000p+0, -0x1.7c432199df565p-58}},
    {mx_dd_tanh, {0x1.0c6f7a0b5ed8dp-20, 0x1.34a0398cbeb42p-76}, {0x1.0c6f7a0b5e767p-20, -0x1.7f7da4b71aa12p-77}},
    {mx_dd_tanh, {0x1.6666666666666p-2, -0x1.12e3174fd2361p-56}, {0x1.5872d4a8651d5p-2, 0x1.cde1861b3a037p-56}},
    {mx_dd_tanh, {-0x1.8000000000000p+3, 0x1.e6e0a307a3cf4p-54}, {-0x1.ffffffff59f7cp-1, -0x1.c068eba8bf984p-56}},
    {mx_dd_tanh, {0x1.edd2f1a9fbe77p+6, -0x1.1b966fd2b1a11p-48}, {0x1.0000000000000p+0, 0x0.0p+0}},
    {mx_dd_tanh, {0x1.86a0000000000p+16, -0x1.67b20255ef4dcp-39}, {0x1.0000000000000p+0, 0x0.0p+0}},
    {mx_dd_asin, {0x1.999999999999ap-4, 0x1.92b96a023af34p-60}, {0x1.9a49276037884p-4, 0x1.01c31eaac2569p-58}},
    {mx_dd_asin, {-0x1.8000000000000p-1, -0x1.73628344d6bcap-56}, {-0x1.b235315c680dcp-1, -0x1.3913a2f0b4cbbp-55}},
    {mx_dd_asin, {0x1.fffffff768fa1p-1, 0x1.2e4738d34e498p-55}, {0x1.921cc6f77d7afp+0, 0x1.58c52f8a87f30p-56}},
    {mx_dd_asin, {0x1.4484bfeebc2a0p-100, 0x1.1f2aa9b9df322p-154}, {0x1.4484bfeebc2a0p-100, 0x1.1f2aa9b9df322p-154}},
    {mx_dd_asin, {0x1.0000000000000p-1, 0x1.eb4ff1a6eb8c8p-57}, {0x1.0c152382d7366p-1, -0x1.6094affe0a993p-55}},
    {mx_dd_asin, {-0x1.fffffffffe000p-1, -0x1.b075f6c3d6a81p-55}, {-0x1.921f9ea3caa4ap+0, 0x1.02cfe99da0e68p-55}},
    {mx_dd_acos, {0x1.999999999999ap-4, -0x1.81d6c3438c60fp-58}, {0x1.787b22ce3f590p+0, 0x1.46add362a9511p-57}},
    {mx_dd_acos, {-0x1.8000000000000p-1, 0x1.a66dc75820ae8p-59}, {0x1.359d26f93b6c3p+1, 0x1.169832e47b359p-54}},
    {mx_dd_acos, {0x1.fffffff768fa1p-1, 0x1.c5ff4d98430dcp-55}, {0x1.77266277856adp-15, -0x1.2d64a29f93905p-69}},
    {mx_dd_acos, {0x1.4484bfeebc2a0p-100, 0x1.82c292c6b5c10p-156}, {0x1.921fb54442d18p+0, 0x1.1a62633145bb6p-54}},
    {mx_dd_acos, {0x1.0000000000000p-1, 0x1.9a85a89413b44p-56}, {0x1.0c152382d7365p+0, 0x1.9b14ffbc2d64fp-54}},
    {mx_dd_acos, {-0x1.fffffffffe000p-1, 0x1.8c13bc5067875p-55}, {0x1.921fa9f3e21d4p+1, -0x1.dda2db1ee5477p-53}},
    {mx_dd_sinh, {0x1.999999999999ap-4, -0x1.956b0da456c67p-62}, {0x1.9a487337b59b3p-4, 0x1.bd1fa71560b08p-59}},
    {mx_dd_sinh, {-0x1.8000000000000p-1, 0x1.85439df6e4fcbp-56}, {-0x1.a506b2dd3c690p-1, 0x1.648abc91a9b67p-55}},
    {mx_dd_sinh, {0x1.c000000000000p+1, 0x1.39ad86db5e7acp-56}, {0x1.08ae99f364f3bp+4, 0x1.e1939412b3b7ap-50}},
    {mx_dd_sinh, {0x1.4484bfeebc2a0p-100, 0x1.7fecb270ed3e8p-157}, {0x1.4484bfeebc2a0p-100, 0x1.7fecb270ed3e8p-157}},
    {mx_dd_sinh, {0x1.4400000000000p+4, -0x1.3b808368c62cbp-50}, {0x1.290d76d1966a4p+28, -0x1.72aaaf7052dcbp-26}},
    {mx_dd_sinh, {-0x1.2c40000000000p+9, 0x1.54351f5a19f06p-46}, {-0x1.43ab129a880afp+865, 0x1.71f7a69c1d9a5p+808}},
    {mx_dd_cosh, {0x1.999999999999ap-4, -0x1.694bcca782cadp-59}, {0x1.0147f40224b38p+0, 0x1.b78972d7c884bp-54}},
    {mx_dd_cosh, {-0x1.8000000000000p-1, -0x1.3fc0d4b346acbp-55}, {0x1.4b705d1e5d6a8p+0, -0x1.5ddf296cc23dep-54}},
    {mx_dd_cosh, {0x1.c000000000000p+1, 0x1.dc2e15173be48p-54}, {0x1.092a4a33c887cp+4, -0x1.1d5ba74e9cd9ep-50}},
    {mx_dd_cosh, {0x1.4484bfeebc2a0p-100, -0x1.b9dbe713c221ep-155}, {0x1.0000000000000p+0, 0x1.8000000000000p-201}},
    {mx_dd_cosh, {0x1.4400000000000p+4, 0x1.811a3d7fa7272p-51}, {0x1.290d76d1966adp+28, -0x1.fab8dd247774dp-28}},
    {mx_dd_cosh, {-0x1.2c40000000000p+9, 0x1.b1d71fe65bdc7p-46}, {0x1.43ab129a88091p+865, 0x1.6fc855ee5f815p+811}},
};

static void test_functions(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        mx_dd value = table[i].function(table[i].x);
        mx_dd off = mx_dd_sub(value, table[i].value);
        double scale = table[i].function == mx_dd_sin || table[i].function == mx_dd_cos ? 1.0 : fabs(value.hi);
        if (!(fabs(off.hi) <= 1e-30 * scale)) /* the accuracy that dd.h documents */
            fail_msg("row %zu: %a + %a, expected %a + %a", i, value.hi, value.lo, table[i].value.hi, table[i].value.lo);
    }
}

static void test_inverses(void **state)
{
    (void)state;
    for (int i = 0; i < 5000; i++) {
        mx_dd x = random_dd(i % 2 ? 20 : 0.5);
        close_to(mx_dd_log(mx_dd_exp(x)), x, 1e-31 * (1 + 1 / fabs(x.hi)));
        mx_dd s = mx_dd_sin(x), c = mx_dd_cos(x);
        close_to(mx_dd_add(mx_dd_mul(s, s), mx_dd_mul(c, c)), mx_dd_make(1.0), 1e-30);
        close_to(mx_dd_tan(mx_dd_atan(x)), x, 1e-30 * (1 + fabs(x.hi)));
        mx_dd y = random_dd(2), p = mx_dd_abs(x);
        close_to(mx_dd_pow(p, y), mx_dd_exp(mx_dd_mul(y, mx_dd_log(p))), 1e-29);
    }
    close_to(mx_dd_log(mx_dd_e), mx_dd_make(1.0), 1e-31);
    close_to(mx_dd_scale(mx_dd_atan(mx_dd_make(1.0)), 2), mx_dd_pi, 1e-31);
    close_to(mx_dd_exp(mx_dd_ln2), mx_dd_make(2.0), 1e-31);
    close_to(mx_dd_exp(mx_dd_ln10), mx_dd_make(10.0), 1e-31);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_identities), cmocka_unit_test(test_exact), cmocka_unit_test(test_edges),
        cmocka_unit_test(test_functions),  cmocka_unit_test(test_inverses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
