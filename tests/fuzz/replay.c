/* Replays a fuzz target on stored inputs: every file named, or in a folder named, on the command line.
 *
 * Built into the fuzz targets where libFuzzer is not asked for, so that each input that once broke something stays a test.
 * A crash, a sanitizer report or a hang fails the test. An empty corpus fails too: it would prove nothing.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Returns 1, or 0 when the file cannot be read. */
static int replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        return 0;
    }
    size_t size = 0, capacity = 1 << 16;
    uint8_t *data = malloc(capacity);
    while (data != NULL) {
        size += fread(data + size, 1, capacity - size, file);
        if (size < capacity)
            break;
        capacity *= 2;
        uint8_t *more = realloc(data, capacity);
        if (more == NULL)
            free(data);
        data = more;
    }
    int ok = data != NULL && !ferror(file);
    fclose(file);
    if (ok) {
        uint8_t *exact = malloc(size > 0 ? size : 1); /* no slack behind the input: sanitizers see the first byte too far */
        ok = exact != NULL;
        if (ok) {
            for (size_t i = 0; i < size; i++)
                exact[i] = data[i];
            LLVMFuzzerTestOneInput(exact, size);
        }
        free(exact);
    }
    free(data);
    if (!ok)
        fprintf(stderr, "%s: cannot be read\n", path);
    return ok;
}

/* Returns 1, or 0 when something cannot be read; adds to *count the files replayed. */
static int replay(const char *path, size_t *count)
{
    struct stat status;
    if (stat(path, &status) != 0) {
        perror(path);
        return 0;
    }
    if (!S_ISDIR(status.st_mode)) {
        ++*count;
        return replay_file(path);
    }
    DIR *folder = opendir(path);
    if (folder == NULL) {
        perror(path);
        return 0;
    }
    int ok = 1;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char name[4096];
        if (entry->d_name[0] == '.')
            continue;
        int length = snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        if (length < 0 || (size_t)length >= sizeof name || stat(name, &status) != 0) {
            perror(name);
            ok = 0;
        } else if (S_ISREG(status.st_mode)) {
            ++*count;
            ok &= replay_file(name);
        }
    }
    closedir(folder);
    return ok;
}

int main(int argc, char **argv)
{
    size_t count = 0;
    int ok = 1;
    for (int i = 1; i < argc; i++)
        ok &= replay(argv[i], &count);
    printf("%zu inputs replayed\n", count);
    if (count == 0)
        fprintf(stderr, "the corpus is empty\n");
    return ok && count > 0 ? 0 : 1;
}
