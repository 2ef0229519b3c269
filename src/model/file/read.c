/* Reading models: the binary form, whose layout stands in write.c, and the choice between it and the text form.
 *
 * The file is read in one pass straight into the model. Until the checksum is known to be right nothing in it is trusted: arrays grow with
 * what is really there, so that a damaged size cannot ask for more memory than a small multiple of the file, and every count is checked
 * against the others.
 */
#include "model/file/file.h"

#include "base/error.h"
#include "base/memory.h"
#include "model/events/source.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

enum { STEP = 1 << 16, PADDING = 16, BATCH = 256 };

typedef struct source {
    mx_stream *stream;
    uint64_t total;           /* bytes of the model that were used */
    uint64_t fetched;         /* and that were read from the stream */
    uLong crc;                /* of those before `summed` */
    size_t at, end, summed;   /* in the buffer: the next byte, the end, what is in the checksum */
    maxent_error error;
    maxent_diagnostic *diagnostic;
    unsigned char buffer[STEP + PADDING];
} source;

static maxent_error damaged(source *s, const char *what)
{
    if (s->error == MAXENT_OK)
        s->error = mx_source_fail(mx_stream_name(s->stream), s->diagnostic, MAXENT_ERROR_FILE, "a damaged model: %s", what);
    return s->error;
}

/* The checksum of what was used up to here. */
static uint32_t checksum(source *s)
{
    if (s->at > s->summed)
        s->crc = crc32_z(s->crc, s->buffer + s->summed, s->at - s->summed);
    s->summed = s->at;
    return (uint32_t)s->crc;
}

/* What is left in the buffer moves to its front, and it is filled up. */
static void refill(source *s)
{
    size_t left = s->end - s->at, got = 0;
    (void)checksum(s);
    memmove(s->buffer, s->buffer + s->at, left);
    s->at = s->summed = 0;
    s->end = left;
    if (s->error == MAXENT_OK)
        s->error = mx_stream_read(s->stream, (char *)s->buffer + left, STEP - left, &got, s->diagnostic);
    s->end += s->error == MAXENT_OK ? got : 0;
    s->fetched += s->error == MAXENT_OK ? got : 0;
}

static void get(source *s, void *bytes, size_t count)
{
    unsigned char *to = bytes;
    size_t first = s->end - s->at < count ? s->end - s->at : count, rest = count - first, got = 0;
    if (s->error != MAXENT_OK) {
        memset(bytes, 0, count);
        return;
    }
    memcpy(to, s->buffer + s->at, first);
    s->at += first;
    if (rest > 0 && rest < STEP / 2) {
        refill(s);
        got = s->end < rest ? s->end : rest;
        memcpy(to + first, s->buffer, got);
        s->at = got;
    } else if (rest > 0) { /* straight to its place */
        (void)checksum(s);
        s->error = mx_stream_read(s->stream, (char *)to + first, rest, &got, s->diagnostic);
        s->fetched += s->error == MAXENT_OK ? got : 0;
        if (s->error == MAXENT_OK)
            s->crc = crc32_z(s->crc, to + first, got);
    }
    if (s->error == MAXENT_OK && got < rest)
        s->error = mx_source_fail(mx_stream_name(s->stream), s->diagnostic, MAXENT_ERROR_FILE, "a damaged model: the file is cut short");
    if (s->error != MAXENT_OK)
        memset(bytes, 0, count);
    else
        s->total += count;
}

static uint32_t get_u32(source *s)
{
    unsigned char b[4];
    get(s, b, 4);
    return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static uint64_t get_u64(source *s)
{
    uint64_t low = get_u32(s);
    return low | (uint64_t)get_u32(s) << 32;
}

/* Exactly the bytes of doubles become doubles, in place. */
static void get_doubles(source *s, double *value, size_t count)
{
    get(s, value, 8 * count);
    for (size_t i = 0; i < count; i++) {
        unsigned char b[8];
        uint64_t bits = 0;
        memcpy(b, &value[i], 8);
        for (int k = 0; k < 8; k++)
            bits |= (uint64_t)b[k] << (8 * k);
        memcpy(&value[i], &bits, 8);
    }
}

static double get_double(source *s)
{
    double value;
    get_doubles(s, &value, 1);
    return value;
}

static void no_memory(source *s)
{
    if (s->error == MAXENT_OK)
        s->error = mx_fail(s->diagnostic, MAXENT_ERROR_MEMORY, "out of memory");
}

/* An array that grows as its bytes arrive; NULL on failure. */
static double *get_array(source *s, uint64_t count)
{
    double *array = NULL;
    uint64_t have = 0, room = 0;
    if (count > SIZE_MAX / 16) {
        damaged(s, "a size that cannot be");
        return NULL;
    }
    double share = mx_stream_share(s->stream), left = share > 0 ? (double)s->fetched / share - (double)s->total : 0.0;
    uint64_t there = left > 0 && left < 1e15 ? (uint64_t)left / 8 + 1 : 0; /* numbers that the rest of the file can have */
    there = there > STEP ? there : STEP;
    do {
        room = room == 0 ? (count < there ? count : there) : (2 * room < count ? 2 * room : count);
        double *larger = mx_resize(array, (size_t)room, sizeof *larger);
        if (larger == NULL) {
            no_memory(s);
            break;
        }
        array = larger;
        get_doubles(s, array + have, (size_t)(room - have));
        have = room;
    } while (have < count && s->error == MAXENT_OK);
    if (s->error != MAXENT_OK) {
        mx_free(array);
        return NULL;
    }
    return array;
}

/* A text of at most 1 GiB; NULL on failure. */
static char *get_text(source *s, size_t *length)
{
    uint32_t size = get_u32(s);
    char *text = NULL;
    size_t have = 0;
    if (size > 1u << 30)
        damaged(s, "a name that is too long");
    for (size_t room = 0; s->error == MAXENT_OK; room *= 2) {
        room = room == 0 ? 256 : room;
        room = room < size ? room : size;
        char *larger = mx_resize(text, room + 1, 1);
        if (larger == NULL) {
            no_memory(s);
            break;
        }
        text = larger;
        get(s, text + have, room - have);
        have = room;
        if (have == size)
            break;
    }
    if (s->error != MAXENT_OK) {
        mx_free(text);
        return NULL;
    }
    text[size] = '\0';
    *length = size;
    return text;
}

/* Names that lie whole in the buffer: at most BATCH and `most`. */
static uint32_t get_near_names(source *s, mx_dictionary *names, uint32_t most)
{
    mx_dictionary_query query[BATCH];
    uint32_t count = 0, first = (uint32_t)names->levels;
    size_t at = s->at;
    for (; count < BATCH && count < most && s->end - at >= 4; count++) {
        const unsigned char *b = s->buffer + at;
        size_t length = (size_t)b[0] | (size_t)b[1] << 8 | (size_t)b[2] << 16 | (size_t)b[3] << 24;
        if (length > s->end - at - 4)
            break;
        query[count].text = (const char *)b + 4;
        query[count].length = length;
        at += 4 + length;
    }
    if (mx_dictionary_add_many(names, query, count) < count)
        no_memory(s);
    for (uint32_t i = 0; i < count && s->error == MAXENT_OK; i++)
        if (query[i].code != first + i)
            damaged(s, "a name comes twice");
    s->total += at - s->at;
    s->at = at;
    return count;
}

static void get_names(source *s, mx_dictionary *names)
{
    uint32_t count = get_u32(s), code;
    for (uint32_t i = 0; i < count && s->error == MAXENT_OK;) {
        uint32_t near = get_near_names(s, names, count - i);
        i += near;
        if (near == 0 && s->error == MAXENT_OK) { /* cut in two by the end of the buffer, or longer than it is */
            size_t length;
            char *text = get_text(s, &length);
            if (text != NULL && !mx_dictionary_add(names, text, length, &code))
                no_memory(s);
            else if (text != NULL && code != i)
                damaged(s, "a name comes twice");
            mx_free(text);
            i++;
        }
    }
}

static void get_columns(source *s, mx_space *space, int offsets)
{
    size_t length;
    char *target = get_text(s, &length);
    uint32_t absent = get_u32(s), contrasts = get_u32(s);
    uint64_t count = get_u64(s);
    if (absent > MAXENT_ABSENT_IMPUTE || contrasts > 1 || count > MX_CSV_FIELD_LIMIT)
        damaged(s, "columns that cannot be");
    mx_columns *columns = s->error == MAXENT_OK ? mx_columns_new((size_t)count) : NULL;
    if (columns == NULL) {
        no_memory(s);
        mx_free(target);
        return;
    }
    space->table = columns;
    space->table_free = mx_columns_free;
    columns->target = target;
    columns->absent = (int)absent;
    columns->contrasts = (int)contrasts;
    for (size_t i = 0; i < count && s->error == MAXENT_OK; i++) {
        mx_column_use *column = &columns->column[i];
        column->name = get_text(s, &length);
        column->numeric = get_u32(s) != 0;
        column->mean = get_double(s);
        column->centre = get_double(s);
        column->scale = get_double(s);
        get_names(s, &column->level);
        if (s->error == MAXENT_OK &&
            (strlen(column->name) != length || !isfinite(column->mean) || !isfinite(column->centre) || !isfinite(column->scale) ||
             column->scale < 0))
            damaged(s, "a column that cannot be");
    }
    if (offsets && s->error == MAXENT_OK) {
        get_names(s, &columns->offset);
        if (columns->offset.levels == 0)
            damaged(s, "offsets without a column");
    }
}

maxent_error mx_model_check_space(mx_space *space, const char *name, maxent_diagnostic *diagnostic)
{
    uint32_t features = space->features;
    const char *wrong = NULL;
    if (space->classes < 2)
        wrong = "fewer than two classes";
    else if (space->class_name.levels != 0 && space->class_name.levels != space->classes)
        wrong = "the number of classes is not that of their names";
    else if (space->class_name.levels == 0 && space->form != MX_SPACE_ARRAY)
        wrong = "classes without names";
    else if (space->base > 1)
        wrong = "a first feature that is neither 0 nor 1";
    else if (space->form == MX_SPACE_TABLE && !mx_columns_offsets_fit(((mx_columns *)space->table)->offset.levels, space->classes))
        wrong = "the columns of offsets are not those of its classes";
    else if (space->form == MX_SPACE_TABLE) {
        maxent_error error = mx_columns_settle(space->table, space, diagnostic);
        if (error == MAXENT_ERROR_MEMORY)
            return error;
        if (error != MAXENT_OK || space->features != features)
            wrong = "its columns are not those of its features";
    } else if (space->feature.levels != features && (space->form == MX_SPACE_NAMED || space->feature.levels != 0))
        wrong = "the number of features is not that of their names";
    if (wrong == NULL && space->form == MX_SPACE_SVM)
        for (size_t j = 0; j < space->feature.levels && wrong == NULL; j++) {
            size_t length;
            const char *text = mx_dictionary_text(&space->feature, j, &length);
            uint64_t number = 0;
            for (size_t i = 0; i < length && length <= 10; i++)
                number = text[i] >= '0' && text[i] <= '9' ? number * 10 + (uint64_t)(text[i] - '0') : UINT64_MAX / 16;
            if (length == 0 || length > 10 || number >= UINT32_MAX || (length > 1 && text[0] == '0'))
                wrong = "a feature of svmlight data that is no number";
        }
    return wrong == NULL ? MAXENT_OK : mx_source_fail(name, diagnostic, MAXENT_ERROR_FILE, "a damaged model: %s", wrong);
}

static void check_finite(source *s, const double *value, uint64_t count)
{
    for (uint64_t i = 0; i < count && s->error == MAXENT_OK; i++)
        if (!isfinite(value[i]))
            damaged(s, "a weight that is not finite");
}

static void get_weights(source *s, maxent_model *model, int sparse)
{
    uint64_t weights = (uint64_t)model->features * model->vectors;
    if (!sparse) {
        model->weight = get_array(s, weights);
    } else {
        uint64_t used = get_u64(s), last = 0;
        if (used > weights)
            damaged(s, "more weights than there are");
        if (s->error == MAXENT_OK && weights < (uint64_t)1 << 40)
            model->weight = mx_zalloc((size_t)weights, sizeof *model->weight);
        if (s->error == MAXENT_OK && model->weight == NULL)
            no_memory(s);
        for (uint64_t i = 0; i < used && s->error == MAXENT_OK; i++) {
            uint64_t at = get_u64(s);
            double value = get_double(s);
            if (s->error == MAXENT_OK && (at >= weights || (i > 0 && at <= last)))
                damaged(s, "a weight in a place that cannot be");
            if (s->error == MAXENT_OK)
                model->weight[at] = value;
            last = at;
        }
    }
    if (s->error == MAXENT_OK)
        check_finite(s, model->weight, weights);
}

static void get_fit(source *s, maxent_model *model)
{
    maxent_fit *fit = &model->fit;
    model->l1 = get_double(s);
    model->l2 = get_double(s);
    uint32_t verdict = get_u32(s), method = get_u32(s);
    size_t length = 0;
    char *message = get_text(s, &length);
    double measured[6];
    get_doubles(s, measured, 6);
    fit->separated = (size_t)get_u64(s);
    fit->iterations = (size_t)get_u64(s);
    if (verdict >= MAXENT_VERDICT_COUNT || method >= MAXENT_FIT_METHOD_COUNT || length >= sizeof fit->message || !isfinite(model->l1) ||
        !isfinite(model->l2) || fit->separated > (size_t)1 << 49 || fit->iterations > (size_t)1 << 49)
        damaged(s, "a fit that cannot be");
    if (s->error == MAXENT_OK) {
        fit->verdict = (maxent_verdict)verdict;
        fit->method = (maxent_fit_method)method;
        memcpy(fit->message, message, length);
        fit->objective = measured[0];
        fit->log_loss = measured[1];
        fit->penalty = measured[2];
        fit->gap = measured[3];
        fit->gradient = measured[4];
        fit->passes = measured[5];
    }
    mx_free(message);
}

static void get_end(source *s)
{
    uint64_t total = s->total;
    uint32_t crc = checksum(s);
    uint64_t written = get_u64(s);
    uint32_t stored = get_u32(s);
    char end[4];
    get(s, end, 4);
    if (s->error == MAXENT_OK && (written != total || memcmp(end, "end\n", 4) != 0))
        damaged(s, "its end is not where it should be");
    if (s->error == MAXENT_OK && stored != crc)
        damaged(s, "the checksum is not that of the contents");
    if (s->error == MAXENT_OK && s->at == s->end)
        refill(s);
    if (s->error == MAXENT_OK && s->at < s->end)
        damaged(s, "there is something after its end");
}

/* After the magic. */
static maxent_model *get_model(source *s)
{
    maxent_model *model = NULL;
    mx_space *space = mx_space_new();
    uint32_t version = get_u32(s);
    if (space == NULL)
        no_memory(s);
    if (s->error == MAXENT_OK && version != MX_MODEL_VERSION)
        s->error = mx_source_fail(mx_stream_name(s->stream), s->diagnostic, MAXENT_ERROR_FILE,
                                  "a model of version %u; this program reads version %d: %s", (unsigned)version, MX_MODEL_VERSION,
                                  version > MX_MODEL_VERSION ? "it was written by a newer one" : "damaged");
    if (get_u32(s) != 0)
        damaged(s, "flags that are not known");
    uint32_t form = get_u32(s), features = get_u32(s), classes = get_u32(s), base = get_u32(s), flags = get_u32(s);
    if (form > MX_SPACE_TABLE || features == UINT32_MAX || classes == UINT32_MAX || flags > 31 ||
        ((flags & MX_MODEL_OFFSETS) != 0 && form != MX_SPACE_TABLE))
        damaged(s, "a beginning that cannot be");
    if (s->error != MAXENT_OK)
        goto done;
    space->form = (mx_space_form)form;
    space->features = features;
    space->classes = classes;
    space->base = base;
    model = mx_zalloc(1, sizeof *model);
    if (model == NULL) {
        no_memory(s);
        goto done;
    }
    get_fit(s, model);
    get_names(s, &space->class_name);
    if (space->form == MX_SPACE_TABLE)
        get_columns(s, space, (flags & MX_MODEL_OFFSETS) != 0);
    else
        get_names(s, &space->feature);
    if (s->error == MAXENT_OK)
        s->error = mx_model_check_space(space, mx_stream_name(s->stream), s->diagnostic);
    model->space = space;
    model->features = features;
    model->classes = classes;
    model->vectors = classes == 2 ? 1 : classes;
    space = NULL;
    uint64_t all = ((uint64_t)features + ((flags & MX_MODEL_INTERCEPT) != 0)) * model->vectors;
    if (s->error == MAXENT_OK)
        get_weights(s, model, (flags & MX_MODEL_SPARSE) != 0);
    if (s->error == MAXENT_OK && (flags & MX_MODEL_INTERCEPT) != 0 && (model->intercept = get_array(s, model->vectors)) != NULL)
        check_finite(s, model->intercept, model->vectors);
    if (s->error == MAXENT_OK && (flags & MX_MODEL_DIRECTION) != 0 && (model->direction = get_array(s, all)) != NULL)
        check_finite(s, model->direction, all);
    if (s->error == MAXENT_OK && (flags & MX_MODEL_COVARIANCE) != 0) {
        if (all > 1u << 30)
            damaged(s, "a size that cannot be");
        else if ((model->covariance = get_array(s, all * (all + 1) / 2)) != NULL)
            check_finite(s, model->covariance, all * (all + 1) / 2);
    }
    if (s->error == MAXENT_OK)
        get_end(s);
done:
    mx_space_release(space);
    if (s->error != MAXENT_OK && model != NULL) {
        maxent_model_free(model);
        model = NULL;
    }
    return model;
}

static maxent_error read_text(source *s, const char *start, size_t have, maxent_model **out)
{
    char *text = NULL;
    size_t used = have, room = 0, got = 0;
    do {
        room = room == 0 ? STEP : 2 * room;
        char *larger = mx_resize(text, room + 1, 1);
        if (larger == NULL) {
            no_memory(s);
            break;
        }
        text = larger;
        if (used == have)
            memcpy(text, start, have);
        s->error = mx_stream_read(s->stream, text + used, room - used, &got, s->diagnostic);
        used += got;
    } while (s->error == MAXENT_OK && used == room);
    if (s->error == MAXENT_OK)
        s->error = mx_model_parse_text(mx_stream_name(s->stream), text, used, out, s->diagnostic);
    mx_free(text);
    return s->error;
}

maxent_error maxent_model_read(const char *path, maxent_model **out, maxent_diagnostic *diagnostic)
{
    source *s = mx_zalloc(1, sizeof *s);
    char magic[8];
    size_t got = 0;
    if (s == NULL)
        return mx_fail(diagnostic, MAXENT_ERROR_MEMORY, "out of memory");
    s->crc = crc32_z(0, NULL, 0);
    s->diagnostic = diagnostic;
    s->error = mx_stream_open(path, &s->stream, diagnostic);
    if (s->error == MAXENT_OK)
        s->error = mx_stream_read(s->stream, magic, sizeof magic, &got, diagnostic);
    if (s->error == MAXENT_OK && got == 8 && memcmp(magic, MX_MODEL_TEXT_MAGIC, 8) == 0) {
        read_text(s, magic, got, out);
    } else if (s->error == MAXENT_OK && (got < 8 || memcmp(magic, MX_MODEL_MAGIC, 8) != 0)) {
        s->error = mx_source_fail(mx_stream_name(s->stream), diagnostic, MAXENT_ERROR_FILE, "this is not a model%s",
                                  got > 0 && got < 8 && memcmp(magic, MX_MODEL_MAGIC, got) == 0 ? ": the file is cut short" : "");
    } else if (s->error == MAXENT_OK) {
        s->crc = crc32_z(s->crc, (const unsigned char *)magic, 8);
        s->total = s->fetched = 8;
        maxent_model *model = get_model(s);
        if (model != NULL)
            *out = model;
    }
    mx_stream_close(s->stream);
    maxent_error error = s->error;
    mx_free(s);
    return error;
}
