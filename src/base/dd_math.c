/* The functions of dd_functions.h for every processor, and constants (mpmath, 120 digits, rounded to two doubles). */
#include "base/dd_functions.h"

const mx_dd mx_dd_pi = {0x1.921fb54442d18p+1, 0x1.1a62633145c07p-53};
const mx_dd mx_dd_e = {0x1.5bf0a8b145769p+1, 0x1.4d57ee2b1013ap-53};
const mx_dd mx_dd_ln2 = {0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56};
const mx_dd mx_dd_ln10 = {0x1.26bb1bbb55516p+1, -0x1.f48ad494ea3e9p-53};

mx_dd mx_dd_exp(mx_dd a)
{
    return dd_exp(a);
}

mx_dd mx_dd_log(mx_dd a)
{
    return dd_log(a);
}

mx_dd mx_dd_pow(mx_dd a, mx_dd b)
{
    return dd_pow(a, b);
}

mx_dd mx_dd_sin(mx_dd a)
{
    return dd_sin(a);
}

mx_dd mx_dd_cos(mx_dd a)
{
    return dd_cos(a);
}

mx_dd mx_dd_tan(mx_dd a)
{
    return dd_tan(a);
}

mx_dd mx_dd_atan(mx_dd a)
{
    return dd_atan(a);
}

mx_dd mx_dd_asin(mx_dd a)
{
    return dd_asin(a);
}

mx_dd mx_dd_acos(mx_dd a)
{
    return dd_acos(a);
}

mx_dd mx_dd_sinh(mx_dd a)
{
    return dd_sinh(a);
}

mx_dd mx_dd_cosh(mx_dd a)
{
    return dd_cosh(a);
}

mx_dd mx_dd_tanh(mx_dd a)
{
    return dd_tanh(a);
}
