/* Fuzz target: any text as a quantity over a small file, each of a few estimators.
 *
 * Checked: no crash; an error has a message and a place within the text; a value is not NaN, is not minus infinity, and does not depend
 * on being computed again.
 */
#include <maxent/measure.h>

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
    if (!condition)
        abort();
}

static char path[64];

static void remove_file(void)
{
    remove(path);
}

static void make_file(void)
{
    static const char table[] = "a,b,x,y,p,q\nu,1,1.5,2,0.5,0.25\nv,2,2.5,7,0.25,0.5\nv,2,2.75,4,0.25,0.25\nu,1,9.5,5,0,0\n";
    strcpy(path, "/tmp/fuzz-quantity-XXXXXX");
    int file = mkstemp(path);
    require(file >= 0 && write(file, table, sizeof table - 1) == (ssize_t)sizeof table - 1);
    close(file);
    atexit(remove_file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const estimator[] = {NULL, "nsb", "vasicek", "gao"};
    if (path[0] == '\0')
        make_file();
    char *text = malloc(size + 1);
    require(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    for (size_t i = 0; i < sizeof estimator / sizeof *estimator; i++) {
        maxent_measure_options options;
        maxent_measured one, two;
        maxent_diagnostic diagnostic;
        const char *quantity = text;
        maxent_measure_options_init(&options);
        options.estimator = estimator[i];
        options.k = 1;
        options.threads = 1;
        if (maxent_measure_file(path, 1, &quantity, &options, &one, NULL, NULL, &diagnostic) != MAXENT_OK) {
            require(diagnostic.message[0] != '\0');
            require(memchr(diagnostic.excerpt, '\0', sizeof diagnostic.excerpt) != NULL && diagnostic.column <= size + 1);
            continue;
        }
        require(!isnan(one.value) && one.value > -1e300);
        require(maxent_measure_file(path, 1, &quantity, &options, &two, NULL, NULL, NULL) == MAXENT_OK);
        require(one.value == two.value);
    }
    free(text);
    return 0;
}
