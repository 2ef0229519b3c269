/* Fuzz target: any bytes as a file of numbers. Checked: no crash; errors have words; numbers are finite and survive writing. */
#include "base/memory.h"
#include "facts/compile.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
    if (!condition)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mx_source source = {"fuzz", (const char *)data, size};
    double *value = NULL, back;
    unsigned char *decimal = NULL;
    size_t count = 0;
    maxent_diagnostic where;
    maxent_error error = mx_list_parse(&source, NULL, &value, &decimal, &count, &where);
    if (error != MAXENT_OK) {
        require(where.error == error && where.message[0] != '\0' && where.line > 0);
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        char text[MX_DOUBLE_TEXT];
        require(isfinite(value[i]) && decimal[i] <= 1);
        mx_double_text(value[i], text);
        require(mx_text_double(text, strlen(text), &back) && back == value[i]);
    }
    mx_free(value);
    mx_free(decimal);
    return 0;
}
