/* Matching two spaces by the names of their features and classes. */
#include "model/events/events.h"

#include "base/text.h"

#include <stdio.h>

/* Number of the level of `from` that is called like level i of `to`; UINT32_MAX: none. */
static uint32_t counterpart(const mx_dictionary *to, size_t i, size_t to_base, const mx_dictionary *from, size_t from_count,
                            size_t from_base)
{
    char number[32];
    const char *text = number;
    size_t length;
    uint32_t code;
    if (to->levels > i)
        text = mx_dictionary_text(to, i, &length);
    else
        length = (size_t)snprintf(number, sizeof number, "%zu", i + to_base);
    if (from->levels > 0)
        return mx_dictionary_find(from, text, length, &code) ? code : UINT32_MAX;
    double value;
    if (!mx_text_double(text, length, &value) || value < (double)from_base || value >= (double)(from_base + from_count) ||
        value != (double)(size_t)value)
        return UINT32_MAX;
    return (uint32_t)((size_t)value - from_base);
}

void mx_space_match(const mx_space *to, const mx_space *from, uint32_t *map_feature, uint32_t *map_class)
{
    for (uint32_t j = 0; j < to->features; j++)
        map_feature[j] = to == from ? j : counterpart(&to->feature, j, to->base, &from->feature, from->features, from->base);
    for (uint32_t c = 0; c < to->classes; c++)
        map_class[c] = to == from ? c : counterpart(&to->class_name, c, 0, &from->class_name, from->classes, 0);
}
