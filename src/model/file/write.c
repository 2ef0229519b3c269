/* Writing models: binary, exact, checked.
 *
 *     8 bytes    93 'maxent' 0a
 *     u32        version, 1
 *     u32        0
 *     ...        the model, see write_model: numbers are little-endian whatever the machine, doubles by their bits,
 *                texts are u32 length and bytes
 *     u64        bytes before this one
 *     u32        CRC-32 of them (zlib's)
 *     4 bytes    'end\n'
 */
#define _DEFAULT_SOURCE
#include "model/file/file.h"

#include "base/error.h"
#include "base/memory.h"
#include "report/report.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum { STEP = 1 << 16 };

typedef struct writer {
    mx_output output;
    unsigned char buffer[STEP];
    size_t used;
    uint64_t total;
    uLong crc;
    maxent_error error;
    maxent_diagnostic *diagnostic;
} writer;

static void flush(writer *w)
{
    if (w->error == MAXENT_OK)
        w->error = mx_output_write(&w->output, (const char *)w->buffer, w->used, w->diagnostic);
    w->used = 0;
}

static void put(writer *w, const void *bytes, size_t count)
{
    const unsigned char *from = bytes;
    w->crc = count > 0 ? crc32_z(w->crc, from, count) : w->crc;
    w->total += count;
    while (count > 0) {
        size_t now = STEP - w->used < count ? STEP - w->used : count;
        memcpy(w->buffer + w->used, from, now);
        w->used += now;
        from += now;
        count -= now;
        if (w->used == STEP)
            flush(w);
    }
}

static void put_u32(writer *w, uint32_t value)
{
    unsigned char b[4] = {(unsigned char)value, (unsigned char)(value >> 8), (unsigned char)(value >> 16), (unsigned char)(value >> 24)};
    put(w, b, 4);
}

static void put_u64(writer *w, uint64_t value)
{
    put_u32(w, (uint32_t)value);
    put_u32(w, (uint32_t)(value >> 32));
}

static void put_doubles(writer *w, const double *value, size_t count)
{
    unsigned char part[512];
    for (size_t i = 0; i < count;) {
        size_t used = 0;
        for (; i < count && used < sizeof part; i++) {
            uint64_t bits;
            memcpy(&bits, &value[i], 8);
            for (int k = 0; k < 8; k++)
                part[used++] = (unsigned char)(bits >> (8 * k));
        }
        put(w, part, used);
    }
}

static void put_double(writer *w, double value)
{
    put_doubles(w, &value, 1);
}

static void put_text(writer *w, const char *text, size_t length)
{
    put_u32(w, (uint32_t)length);
    put(w, text, length);
}

static void put_names(writer *w, const mx_dictionary *names)
{
    put_u32(w, (uint32_t)names->levels);
    for (size_t i = 0; i < names->levels; i++) {
        size_t length;
        const char *text = mx_dictionary_text(names, i, &length);
        put_text(w, text, length);
    }
}

static void put_columns(writer *w, const mx_columns *columns)
{
    put_text(w, columns->target, strlen(columns->target));
    put_u32(w, (uint32_t)columns->absent);
    put_u32(w, (uint32_t)columns->contrasts);
    put_u64(w, columns->count);
    for (size_t i = 0; i < columns->count; i++) {
        const mx_column_use *column = &columns->column[i];
        put_text(w, column->name, strlen(column->name));
        put_u32(w, (uint32_t)column->numeric);
        put_double(w, column->mean);
        put_double(w, column->centre);
        put_double(w, column->scale);
        put_names(w, &column->level);
    }
    if (columns->offset.levels > 0)
        put_names(w, &columns->offset);
}

static uint64_t bits_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, 8);
    return bits;
}

static void write_model(writer *w, const maxent_model *model)
{
    const mx_space *space = model->space;
    const maxent_fit *fit = &model->fit;
    size_t weights = model->features * model->vectors, used = 0, all = (model->features + (model->intercept != NULL)) * model->vectors;
    for (size_t i = 0; i < weights; i++)
        used += bits_of(model->weight[i]) != 0;
    int sparse = 2 * used < weights;
    put(w, MX_MODEL_MAGIC, 8);
    put_u32(w, MX_MODEL_VERSION);
    put_u32(w, 0);
    put_u32(w, (uint32_t)space->form);
    put_u32(w, space->features);
    put_u32(w, space->classes);
    put_u32(w, space->base);
    const mx_columns *columns = space->form == MX_SPACE_TABLE ? space->table : NULL;
    put_u32(w, (uint32_t)((columns != NULL && columns->offset.levels > 0 ? MX_MODEL_OFFSETS : 0) | (sparse ? MX_MODEL_SPARSE : 0) |
                          (model->covariance != NULL ? MX_MODEL_COVARIANCE : 0) |
                          (model->direction != NULL ? MX_MODEL_DIRECTION : 0) | (model->intercept != NULL ? MX_MODEL_INTERCEPT : 0)));
    put_double(w, model->l1);
    put_double(w, model->l2);
    put_u32(w, (uint32_t)fit->verdict);
    put_u32(w, (uint32_t)fit->method);
    put_text(w, fit->message, strnlen(fit->message, sizeof fit->message));
    const double measured[] = {fit->objective, fit->log_loss, fit->penalty, fit->gap, fit->gradient, fit->passes};
    put_doubles(w, measured, 6); /* no times: the same fit makes the same file */
    put_u64(w, fit->separated);
    put_u64(w, fit->iterations);
    put_names(w, &space->class_name);
    if (space->form == MX_SPACE_TABLE)
        put_columns(w, space->table);
    else
        put_names(w, &space->feature);
    if (sparse) {
        put_u64(w, used);
        for (size_t i = 0; i < weights; i++)
            if (bits_of(model->weight[i]) != 0) {
                put_u64(w, i);
                put_double(w, model->weight[i]);
            }
    } else {
        put_doubles(w, model->weight, weights);
    }
    if (model->intercept != NULL)
        put_doubles(w, model->intercept, model->vectors);
    if (model->direction != NULL)
        put_doubles(w, model->direction, all);
    if (model->covariance != NULL)
        put_doubles(w, model->covariance, all * (all + 1) / 2);
    uint32_t crc = (uint32_t)w->crc;
    put_u64(w, w->total);
    put_u32(w, crc);
    put(w, "end\n", 4);
    flush(w);
}

maxent_error maxent_model_write(const maxent_model *model, const char *path, maxent_diagnostic *diagnostic)
{
    writer *w = mx_zalloc(1, sizeof *w);
    if (w == NULL)
        return mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "out of memory");
    w->diagnostic = diagnostic;
    w->crc = crc32_z(0, NULL, 0);
    maxent_error error = mx_output_open(&w->output, path, diagnostic);
    if (error == MAXENT_OK) {
        write_model(w, model);
        error = w->error;
        if (error == MAXENT_OK && w->output.temporary != NULL && fsync(w->output.descriptor) != 0 && errno != EINVAL)
            error = mx_fail(diagnostic, MAXENT_ERROR_WRITE, "%s: cannot be written to its disk", w->output.path);
        error = mx_output_close(&w->output, error, diagnostic);
    }
    mx_free(w);
    return error;
}
