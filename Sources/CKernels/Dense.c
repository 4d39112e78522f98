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
    attributes static void score_rows_##set(const float *row, const float *rows, size_t stride, size_t depth,          \
                                            const uint32_t *chosen, size_t count, float *scores) {                     \
        score_rows(row, rows, stride, depth, chosen, count, scores);                                                   \
    }                                                                                                                  \
    attributes static float exponential_sum_##set(const float *scores, size_t count, float scale) {                    \
        return exponential_sum(scores, count, scale);                                                                  \
    }                                                                                                                  \
    attributes static size_t sort_##set(uint64_t *keys, size_t count, uint64_t *sorted) {                              \
        return sort(keys, count, sorted);                                                                              \
    }                                                                                                                  \
    attributes static size_t candidates_##set(const float *scores, size_t count, float limit, uint32_t *positions) {   \
        return candidates(scores, count, limit, positions);                                                            \
    }

#define TABLE(set, level)                                                                                              \
    {level,          descend_##set, accumulate_##set, gram_##set,            factor_##set, substitute_##set,           \
     pack_##set,     multiply_##set, score_##set, exponential_sum_##set, candidates_##set, descend_ratings_##set,        \
     sort_##set,     score_rows_##set}

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
    size_t (*sort)(uint64_t *, size_t, uint64_t *);
    void (*score_rows)(const float *, const float *, size_t, size_t, const uint32_t *, size_t, float *);
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
static int has_byte_products = 0;

/// Runs before the program begins, so that no thread sees the choice change.
__attribute__((constructor)) static void choose(void) {
    shared = &tables[best()];
#if defined(__x86_64__)
    has_byte_products = best() == 2 && __builtin_cpu_supports("avx512vnni");
#endif
}

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

void millrace_score_rows(const float *row, const float *rows, size_t stride, size_t depth, const uint32_t *chosen,
                         size_t count, float *scores) {
    kernels()->score_rows(row, rows, stride, depth, chosen, count, scores);
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

size_t millrace_sort(uint64_t *keys, size_t count, uint64_t *sorted) { return kernels()->sort(keys, count, sorted); }

#if defined(__x86_64__)
#include <immintrin.h>

/// Sixteen at a time, those that are taken pressed together.
__attribute__((target("avx512f"))) static size_t take_avx512(const uint32_t *distances, size_t count, uint32_t bound,
                                                             size_t except, uint64_t *keys) {
    const __m512i limit = _mm512_set1_epi32((int)bound), missing = _mm512_set1_epi32((int)except);
    __m512i position = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    size_t taken = 0, i = 0;
    for (; i + 16 <= count; i += 16) {
        __m512i distance = _mm512_loadu_si512(distances + i);
        __mmask16 isTaken =
            _mm512_cmple_epu32_mask(distance, limit) & _mm512_cmpneq_epu32_mask(position, missing);
        uint32_t near[16], places[16];
        _mm512_storeu_si512(near, _mm512_maskz_compress_epi32(isTaken, distance));
        _mm512_storeu_si512(places, _mm512_maskz_compress_epi32(isTaken, position));
        size_t found = (size_t)__builtin_popcount(isTaken);
        for (size_t k = 0; k < found; ++k) keys[taken + k] = (uint64_t)near[k] << 32 | places[k];
        taken += found;
        position = _mm512_add_epi32(position, _mm512_set1_epi32(16));
    }
    for (; i < count; ++i) {
        keys[taken] = (uint64_t)distances[i] << 32 | i;
        taken += (distances[i] <= bound) & (i != except);
    }
    return taken;
}
#endif

size_t millrace_take(const uint32_t *distances, size_t count, uint32_t bound, size_t except, uint64_t *keys) {
#if defined(__x86_64__)
    if (kernels()->level == 2) return take_avx512(distances, count, bound, except, keys);
#endif
    return take(distances, count, bound, except, keys);
}

#if defined(__x86_64__)
/// Sixteen items at a time, four columns in one instruction.
__attribute__((target("avx512f,avx512bw,avx512vnni"))) static size_t near_candidates_vnni(
    const millrace_bytes *block, const millrace_byte_query *query, float limit, uint32_t *positions) {
    __m512i products[8] = {};
    for (size_t group = 0; group < query->groups; ++group) {
        int32_t four_numbers;
        memcpy(&four_numbers, query->numbers + 4 * group, sizeof four_numbers);
        __m512i numbers = _mm512_set1_epi32(four_numbers);
        const int8_t *column = block->numbers + group * 4 * MILLRACE_BYTE_BLOCK;
        UNROLL for (size_t i = 0; i < 8; ++i)
            products[i] = _mm512_dpbusd_epi32(products[i], numbers, _mm512_loadu_si512(column + 64 * i));
    }
    size_t found = 0;
    UNROLL for (size_t i = 0; i < 8; ++i) {
        __m512i whole = _mm512_sub_epi32(products[i], _mm512_loadu_si512(block->offsets + 16 * i));
        __m512 scale = _mm512_mul_ps(_mm512_set1_ps(query->scale), _mm512_loadu_ps(block->scales + 16 * i));
        __m512 errors = _mm512_mul_ps(_mm512_set1_ps(query->length), _mm512_loadu_ps(block->errors + 16 * i));
        errors = _mm512_fmadd_ps(_mm512_set1_ps(query->error), _mm512_loadu_ps(block->lengths + 16 * i), errors);
        __m512 bound = _mm512_fmadd_ps(_mm512_cvtepi32_ps(whole), scale, errors);
        __mmask16 isNear = _mm512_cmp_ps_mask(bound, _mm512_set1_ps(limit), _CMP_GT_OQ);
        for (uint32_t left = isNear; left; left &= left - 1)
            positions[found++] = (uint32_t)(16 * i) + (uint32_t)__builtin_ctz(left);
    }
    return found;
}
#endif

int millrace_has_byte_products(void) { return has_byte_products; }

size_t millrace_near_candidates(const millrace_bytes *block, const millrace_byte_query *query, float limit,
                                uint32_t *positions) {
#if defined(__x86_64__)
    if (kernels()->level == 2 && has_byte_products)
        return near_candidates_vnni(block, query, limit, positions);
#endif
    return near_candidates(block, query, limit, positions);
}
