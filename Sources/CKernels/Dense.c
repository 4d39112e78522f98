#include "Body.h"

/// The kernels of one instruction set; a tile is worked on in parts of so many rows and blocks of columns.
#define KERNELS(set, attributes, tall, broad, together)                                                               \
    attributes static void descend_##set(const millrace_system *s, float *solution, size_t steps, float *memory) {     \
        switch (s->blocks) {                                                                                           \
        case 1: return descend(s, solution, steps, memory, 1);                                                         \
        case 2: return descend(s, solution, steps, memory, 2);                                                         \
        case 4: return descend(s, solution, steps, memory, 4);                                                         \
        case 8: return descend(s, solution, steps, memory, 8);                                                         \
        default: return descend(s, solution, steps, memory, s->blocks);                                                \
        }                                                                                                              \
    }                                                                                                                  \
    attributes static void descend_ratings_##set(const millrace_rating_descent *d, rating_walk left,                   \
                                                 rating_walk right) {                                                  \
        switch (d->blocks) {                                                                                           \
            DESCEND_RATINGS(1)                                                                                         \
            DESCEND_RATINGS(2)                                                                                         \
            DESCEND_RATINGS(4)                                                                                         \
            DESCEND_RATINGS(7)                                                                                         \
        default: return descend_ratings(d, left, right, d->blocks);                                                    \
        }                                                                                                              \
    }                                                                                                                  \
    attributes static void accumulate_##set(const millrace_system *s, float *matrix, float *right) {                   \
        accumulate(s, matrix, right);                                                                                  \
    }                                                                                                                  \
    attributes static void gram_##set(const float *x, size_t count, size_t columns, size_t width, float *matrix) {     \
        outers(x, width, 0, 0, count, columns, matrix);                                                                \
    }                                                                                                                  \
    attributes static int factor_##set(float *matrix, size_t columns, size_t stride) {                                 \
        return factor(matrix, columns, stride);                                                                        \
    }                                                                                                                  \
    attributes static void substitute_##set(const float *u, size_t columns, size_t stride, float *right) {             \
        substitute(u, columns, stride, right);                                                                         \
    }                                                                                                                  \
    attributes static void pack_##set(const float *rows, size_t stride, size_t count, size_t columns, float *panel) {  \
        pack(rows, stride, count, columns, panel);                                                                     \
    }                                                                                                                  \
    attributes static void multiply_##set(const float *left, const float *right, size_t depth, int subtracts,          \
                                          float *product, size_t stride) {                                             \
        multiply(left, right, depth, subtracts, product, stride, tall, broad);                                        \
    }                                                                                                                  \
    attributes static void score_##set(const float *row, const float *panels, size_t panel, size_t depth,              \
                                       float *scores) {                                                                \
        score(row, panels, panel, depth, scores, together);                                                            \
    }                                                                                                                  \
    attributes static float exponential_sum_##set(const float *scores, size_t count, float scale) {                    \
        return exponential_sum(scores, count, scale);                                                                  \
    }                                                                                                                  \
    attributes static size_t candidates_##set(const float *scores, size_t count, float limit, uint32_t *positions) {   \
        return candidates(scores, count, limit, positions);                                                            \
    }

#define TABLE(set, level)                                                                                              \
    {level,          descend_##set, accumulate_##set, gram_##set,            factor_##set, substitute_##set,           \
     pack_##set,     multiply_##set, score_##set, exponential_sum_##set, candidates_##set, descend_ratings_##set}

typedef struct {
    int level;
    void (*descend)(const millrace_system *, float *, size_t, float *);
    void (*accumulate)(const millrace_system *, float *, float *);
    void (*gram)(const float *, size_t, size_t, size_t, float *);
    int (*factor)(float *, size_t, size_t);
    void (*substitute)(const float *, size_t, size_t, float *);
    void (*pack)(const float *, size_t, size_t, size_t, float *);
    void (*multiply)(const float *, const float *, size_t, int, float *, size_t);
    void (*score)(const float *, const float *, size_t, size_t, float *);
    float (*exponential_sum)(const float *, size_t, float);
    size_t (*candidates)(const float *, size_t, float, uint32_t *);
    void (*descend_ratings)(const millrace_rating_descent *, rating_walk, rating_walk);
} table;

#if defined(__x86_64__)
KERNELS(least, , 2, 1, 2)
KERNELS(avx2, __attribute__((target("avx2,fma"))), 4, 1, 4)
KERNELS(avx512, __attribute__((target("avx2,fma,avx512f,avx512vl,avx512dq,avx512bw"), min_vector_width(512))), 8, 2, 8)
static const table tables[] = {TABLE(least, 0), TABLE(avx2, 1), TABLE(avx512, 2)};

static int best(void) {
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return 0;
    int has512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                 __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
    return has512 ? 2 : 1;
}
#else
KERNELS(least, , 4, 1, 4)
static const table tables[] = {TABLE(least, 0)};

static int best(void) { return 0; }
#endif

/// What all threads use that have made no choice of their own.
static const table *shared = &tables[0];
static _Thread_local const table *own;

/// Runs before the program begins, so that no thread sees the choice change.
__attribute__((constructor)) static void choose(void) { shared = &tables[best()]; }

static inline const table *kernels(void) { return own ? own : shared; }

int millrace_instruction_set(void) { return kernels()->level; }

int millrace_use(int instruction_set) {
    if (instruction_set < 0 || instruction_set > best()) return 0;
    own = &tables[instruction_set];
    return 1;
}

void millrace_descend(const millrace_system *system, float *solution, size_t steps, float *memory) {
    kernels()->descend(system, solution, steps, memory);
}

void millrace_accumulate(const millrace_system *system, float *matrix, float *right) {
    kernels()->accumulate(system, matrix, right);
}

void millrace_gram(const float *rows, size_t count, size_t columns, size_t blocks, float *matrix) {
    kernels()->gram(rows, count, columns, blocks, matrix);
}

int millrace_factor(float *matrix, size_t columns, size_t stride) {
    return kernels()->factor(matrix, columns, stride);
}

void millrace_substitute(const float *factor, size_t columns, size_t stride, float *right) {
    kernels()->substitute(factor, columns, stride, right);
}

void millrace_pack(const float *rows, size_t stride, size_t count, size_t columns, float *panel) {
    kernels()->pack(rows, stride, count, columns, panel);
}

void millrace_multiply(const float *left, const float *right, size_t depth, int subtracts, float *product,
                       size_t stride) {
    kernels()->multiply(left, right, depth, subtracts, product, stride);
}

void millrace_score(const float *row, const float *panels, size_t panel, size_t depth, float *scores) {
    kernels()->score(row, panels, panel, depth, scores);
}

float millrace_exponential_sum(const float *scores, size_t count, float scale) {
    return kernels()->exponential_sum(scores, count, scale);
}

size_t millrace_candidates(const float *scores, size_t count, float threshold, uint32_t *positions) {
    return kernels()->candidates(scores, count, threshold, positions);
}

void millrace_descend_ratings(const millrace_rating_descent *descent, const millrace_rating *left, size_t left_count,
                              const millrace_rating *right, size_t right_count, float *memory) {
    rating_walk first = {left, left + left_count, 0, memory};
    rating_walk second = {right, right + right_count, 0, memory + descent->blocks * 16};
    kernels()->descend_ratings(descent, first, second);
}
