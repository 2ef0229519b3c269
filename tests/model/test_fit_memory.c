/* No memory: the k-th allocation fails for every k, alone or with all later ones, in every method and in all that surrounds them. The
 * call says so, hands nothing out and leaks nothing (under the sanitizers). */
#include "random_events.h"

#include "support/failing_alloc.h"

typedef struct job {
    const char *name;
    plan p;
    maxent_fit_options o;
    int how; /* 0: fit, 1: path, 2: folds, 3: events from arrays, 4: merge, 5: evaluate */
} job;

static maxent_error attempt(const job *j, const raw *r)
{
    static const double scale[] = {10, 1};
    maxent_error error = MAXENT_OK;
    maxent_model *model = NULL;
    maxent_path_point point[2];
    maxent_events *events = NULL;
    uint32_t label[512] = {0};
    size_t merged;
    switch (j->how) {
    case 0:
        error = maxent_model_fit(r->events, &j->o, &model, NULL, NULL);
        break;
    case 1:
        error = maxent_model_fit_path(r->events, &j->o, 2, scale, point, &model, NULL);
        break;
    case 2:
        error = maxent_model_cross_validate(r->events, &j->o, 3, 2, scale, point, NULL);
        break;
    default:
        error = maxent_events_from_dense(r->p.n, r->p.m, r->p.C, r->x, r->p.m, label, NULL, &events, NULL);
        if (error == MAXENT_OK)
            error = maxent_events_set_targets(events, r->target, NULL);
        if (error == MAXENT_OK && r->offset != NULL)
            error = maxent_events_set_offsets(events, r->offset, NULL);
        if (error == MAXENT_OK && j->how == 4)
            error = maxent_events_merge(events, &merged, NULL);
        if (error == MAXENT_OK && j->how == 5) {
            maxent_evaluation e;
            error = maxent_model_fit(events, &j->o, &model, NULL, NULL);
            if (error == MAXENT_OK)
                error = maxent_model_evaluate(model, events, 2, &e, NULL);
        }
    }
    if (error != MAXENT_OK && j->how != 5)
        assert_null(model);
    maxent_model_free(model);
    maxent_events_free(events);
    return error;
}

static void test_every_allocation(void **state)
{
    (void)state;
    static const plan small = {300, 6, 3, 2, 1, 1, 1, 0.5, 3}, binary = {300, 6, 2, 1, 0, 0, 0, 0.5, 4};
    static const plan large = {60, 700, 3, 1, 1, 0, 1, 0.02, 6};
    static const plan few = {100, 2, 3, 0, 0, 1, 0, 0.5, 5};
    job jobs[] = {
        {"dual", small, {.l2 = 1, .method = MAXENT_FIT_DUAL}, 0},
        {"dual, two classes", binary, {.l2 = 1, .method = MAXENT_FIT_DUAL}, 0},
        {"newton", small, {.standard_errors = 1, .method = MAXENT_FIT_NEWTON}, 0},
        {"newton-cg", small, {.l2 = 1, .method = MAXENT_FIT_NEWTON_CG}, 0},
        {"proximal", binary, {.l1 = 1}, 0},
        {"proximal, large", large, {.l1 = 1, .method = MAXENT_FIT_PROXIMAL}, 0},
        {"path", binary, {.l2 = 1, .method = MAXENT_FIT_DUAL}, 1},
        {"folds", few, {.l2 = 1}, 2},
        {"arrays", small, {.l2 = 0}, 3},
        {"merge", few, {.l2 = 0}, 4},
        {"evaluate", few, {.l2 = 1}, 5},
    };
    double factor[6] = {1, 2, 1, 1, 3, 1};
    for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++) {
        job *j = &jobs[i];
        raw r = raw_new(j->p);
        j->o.tolerance = 1e-6;
        j->o.threads = 2;
        j->o.seed = 1;
        if (j->how == 0 && j->p.C == 3 && j->p.m == 6)
            j->o.l2_feature = factor;
        for (int after = 0; after < 2; after++) {
            size_t failed, k = 0;
            do {
                failing_alloc_start(++k, after);
                maxent_error error = attempt(j, &r);
                failed = failing_alloc_stop();
                if (error != MAXENT_OK && error != MAXENT_ERROR_MEMORY)
                    fail_msg("%s, allocation %zu: error %d", j->name, k, (int)error);
                if (failed == 0 && error != MAXENT_OK)
                    fail_msg("%s: error %d though nothing failed", j->name, (int)error);
                assert_true(k < 5000);
            } while (failed > 0);
        }
        raw_free(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_allocation)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
