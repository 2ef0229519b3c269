/* Fuzz target: any bytes as a model file; what begins like a binary one is given the right end, so that the checksum does not hide what
 * comes after it. Checked: no crash, little memory; a model that is accepted predicts, and comes back from the text
 * form with the same weights.
 */
#include "fuzz/bytes.h"

#include "model/file/file.h"

#include <maxent/model_file.h>

#include <math.h>
#include <string.h>
#include <zlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
    if (!condition)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[32], text[] = "/tmp/maxent-fuzz-text-XXXXXX";
    maxent_model *model, *again;
    maxent_diagnostic diagnostic;
    uint8_t *copy = malloc(size + 1);
    require(copy != NULL);
    if (size > 0)
        memcpy(copy, data, size);
    if (size >= 32 && memcmp(copy, MX_MODEL_MAGIC, 8) == 0) {
        uint64_t total = size - 16;
        uLong crc = crc32_z(crc32_z(0, NULL, 0), copy, total);
        for (int k = 0; k < 8; k++)
            copy[total + k] = (uint8_t)(total >> (8 * k));
        for (int k = 0; k < 4; k++)
            copy[total + 8 + k] = (uint8_t)(crc >> (8 * k));
        memcpy(copy + total + 12, "end\n", 4);
    }
    fuzz_file(copy, size, path);
    free(copy);
    memset(&diagnostic, 0, sizeof diagnostic);
    if (maxent_model_read(path, &model, &diagnostic) != MAXENT_OK) {
        require(diagnostic.error != MAXENT_OK && diagnostic.message[0] != '\0');
        return 0;
    }
    double *p = malloc(model->classes * sizeof *p);
    const uint32_t index[] = {0, 1, 2, UINT32_MAX};
    require(p != NULL && maxent_model_predict(model, 4, index, NULL, NULL, p) < model->classes);
    free(p);
    int file = mkstemp(text);
    require(file >= 0 && maxent_model_write_text(model, text, NULL) == MAXENT_OK);
    if (maxent_model_read(text, &again, &diagnostic) == MAXENT_OK) {
        require(again->features == model->features && again->vectors == model->vectors);
        require(memcmp(again->weight, model->weight, model->features * model->vectors * sizeof *model->weight) == 0);
        maxent_model_free(again);
    } else {
        fprintf(stderr, "%zu: %s\n", diagnostic.line, diagnostic.message);
        abort();
    }
    unlink(text);
    close(file);
    maxent_model_free(model);
    return 0;
}
