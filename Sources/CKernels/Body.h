// The loops themselves, on vectors of 16 numbers: clang splits these into what the instruction set at hand has.

#include "CKernels.h"
#include <math.h>
#include <string.h>

typedef float wide __attribute__((vector_size(64)));
typedef float half __attribute__((vector_size(32)));
typedef float four __attribute__((vector_size(16)));
typedef int32_t wide_int __attribute__((vector_size(64)));

// Wide arguments have another calling convention with each instruction set; here all are inlined, so there is none.
#pragma clang diagnostic ignored "-Wpsabi"

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

INLINE wide load(const float *from) {
    wide value;
    memcpy(&value, from, sizeof value);
    return value;
}

INLINE void store(float *to, wide value) { memcpy(to, &value, sizeof value); }

INLINE wide all(float value) { return (wide){} + value; }

/// Sixteen numbers folded to four, always in the same order.
INLINE four folded(wide value) {
    half sum = __builtin_shufflevector(value, value, 0, 1, 2, 3, 4, 5, 6, 7) +
               __builtin_shufflevector(value, value, 8, 9, 10, 11, 12, 13, 14, 15);
    return __builtin_shufflevector(sum, sum, 0, 1, 2, 3) + __builtin_shufflevector(sum, sum, 4, 5, 6, 7);
}

/// The sums of four vectors.
INLINE four sums(wide a, wide b, wide c, wide d) {
    four p = folded(a), q = folded(b), r = folded(c), s = folded(d);
    four pq = __builtin_shufflevector(p, q, 0, 4, 1, 5) + __builtin_shufflevector(p, q, 2, 6, 3, 7);
    four rs = __builtin_shufflevector(r, s, 0, 4, 1, 5) + __builtin_shufflevector(r, s, 2, 6, 3, 7);
    return __builtin_shufflevector(pq, rs, 0, 1, 4, 5) + __builtin_shufflevector(pq, rs, 2, 3, 6, 7);
}

INLINE float sum(wide value) {
    four f = folded(value);
    return (f[0] + f[2]) + (f[1] + f[3]);
}

INLINE float dot(const float *left, const float *right, size_t blocks) {
    wide total = {};
    for (size_t block = 0; block < blocks; ++block) total += load(left + 16 * block) * load(right + 16 * block);
    return sum(total);
}

/// Adds Σ c (h·p − target) h over the observed rows to an image.
INLINE void observe(const millrace_system *s, const float *restrict point, float target, float *restrict image,
                    const size_t blocks) {
    const size_t stride = blocks * 16;
    size_t position = 0;
    for (; position + 4 <= s->count; position += 4) {
        const uint32_t *numbers = s->observed + position;
        const float *a = s->fixed + numbers[0] * stride, *b = s->fixed + numbers[1] * stride;
        const float *c = s->fixed + numbers[2] * stride, *d = s->fixed + numbers[3] * stride;
        if (position + 12 <= s->count) {
            for (size_t ahead = 8; ahead < 12; ++ahead) {
                const float *next = s->fixed + numbers[ahead] * stride;
                for (size_t block = 0; block < blocks; ++block) __builtin_prefetch(next + 16 * block);
            }
        }
        wide p = {}, q = {}, r = {}, t = {};
        for (size_t block = 0; block < blocks; ++block) {
            wide value = load(point + 16 * block);
            p += value * load(a + 16 * block);
            q += value * load(b + 16 * block);
            r += value * load(c + 16 * block);
            t += value * load(d + 16 * block);
        }
        four weights;
        memcpy(&weights, s->weights + position, sizeof weights);
        four errors = (sums(p, q, r, t) - target) * weights;
        for (size_t block = 0; block < blocks; ++block) {
            wide lower = load(a + 16 * block) * errors[0] + load(b + 16 * block) * errors[1];
            wide upper = load(c + 16 * block) * errors[2] + load(d + 16 * block) * errors[3];
            store(image + 16 * block, load(image + 16 * block) + (lower + upper));
        }
    }
    for (; position < s->count; ++position) {
        const float *row = s->fixed + s->observed[position] * stride;
        float error = (dot(row, point, blocks) - target) * s->weights[position];
        for (size_t block = 0; block < blocks; ++block)
            store(image + 16 * block, load(image + 16 * block) + load(row + 16 * block) * error);
    }
}

/// (G + λI) x + Σ c (hᵀx − target) h.
INLINE void apply(const millrace_system *s, const float *point, float target, float *image, const size_t blocks) {
    const size_t stride = blocks * 16;
    for (size_t block = 0; block < blocks; ++block) {
        wide even = load(point + 16 * block) * s->regularization, odd = {};
        const float *column = s->gram + 16 * block;
        size_t row = 0;
        for (; row + 2 <= s->columns; row += 2) {
            even += load(column + row * stride) * point[row];
            odd += load(column + (row + 1) * stride) * point[row + 1];
        }
        if (row < s->columns) even += load(column + row * stride) * point[row];
        store(image + 16 * block, even + odd);
    }
    observe(s, point, target, image, blocks);
}

INLINE void descend(const millrace_system *s, float *solution, size_t steps, float *memory, const size_t blocks) {
    const size_t length = blocks * 16;
    float *residual = memory, *direction = memory + length, *image = memory + 2 * length;
    apply(s, solution, 1, residual, blocks);
    for (size_t i = 0; i < length; i += 16) {
        store(residual + i, -load(residual + i));
        store(direction + i, load(residual + i));
    }
    float norm = dot(residual, residual, blocks);
    for (size_t step = 0; step < steps && norm > 1e-20f; ++step) {
        apply(s, direction, 0, image, blocks);
        float curvature = dot(direction, image, blocks);
        // Beyond the precision of 32 bits a direction has no length any more.
        if (!(curvature > 0)) return;
        float move = norm / curvature;
        if (!isfinite(move)) return;
        for (size_t i = 0; i < length; i += 16) {
            store(solution + i, load(solution + i) + load(direction + i) * move);
            store(residual + i, load(residual + i) - load(image + i) * move);
        }
        float next = dot(residual, residual, blocks);
        float share = next / norm;
        for (size_t i = 0; i < length; i += 16) store(direction + i, load(residual + i) + load(direction + i) * share);
        norm = next;
    }
}

/// Adds Σ c h hᵀ to eight rows of a matrix, one block of columns.
INLINE void outer(const float *rows, size_t stride, const uint32_t *numbers, const float *weights, size_t count,
                  size_t first, size_t block, float *matrix) {
    wide tile[8] = {};
    for (size_t position = 0; position < count; ++position) {
        const float *row = rows + (numbers ? numbers[position] : position) * stride;
        wide value = load(row + 16 * block);
        if (weights) value *= weights[position];
        UNROLL for (int r = 0; r < 8; ++r) tile[r] += value * row[first + r];
    }
    UNROLL for (int r = 0; r < 8; ++r) {
        float *target = matrix + (first + r) * stride + 16 * block;
        store(target, load(target) + tile[r]);
    }
}

INLINE void outers(const float *rows, size_t blocks, const uint32_t *numbers, const float *weights, size_t count,
                   size_t columns, float *matrix) {
    for (size_t first = 0; first < columns; first += 8)
        for (size_t block = first / 16; block < blocks; ++block)
            outer(rows, blocks * 16, numbers, weights, count, first, block, matrix);
}

INLINE void accumulate(const millrace_system *s, float *matrix, float *right) {
    outers(s->fixed, s->blocks, s->observed, s->weights, s->count, s->columns, matrix);
    for (size_t position = 0; position < s->count; ++position) {
        const float *row = s->fixed + s->observed[position] * s->blocks * 16;
        for (size_t i = 0; i < s->blocks * 16; i += 16)
            store(right + i, load(right + i) + load(row + i) * s->weights[position]);
    }
}

/// Row by row: each row of the factor is taken, times itself, from the rows below.
INLINE int factor(float *matrix, size_t columns, size_t stride) {
    for (size_t row = 0; row < columns; ++row) {
        float *current = matrix + row * stride;
        float pivot = current[row];
        if (!(pivot > 0) || !isfinite(pivot)) return 0;
        float scale = 1 / sqrtf(pivot);
        size_t start = row & ~(size_t)15;
        for (size_t i = start; i < columns; i += 16) store(current + i, load(current + i) * scale);
        for (size_t below = row + 1; below < columns; ++below) {
            float factor = current[below];
            float *target = matrix + below * stride;
            for (size_t i = below & ~(size_t)15; i < columns; i += 16)
                store(target + i, load(target + i) - load(current + i) * factor);
        }
    }
    return 1;
}

/// Solves UᵀU x = b in place.
INLINE void substitute(const float *factor, size_t columns, size_t stride, float *right) {
    for (size_t row = 0; row < columns; ++row) {
        const float *current = factor + row * stride;
        float known = right[row] / current[row];
        size_t i = row & ~(size_t)15;
        // What the loop does to the numbers up to this row is undone.
        float before[16];
        memcpy(before, right + i, sizeof before);
        before[row - i] = known;
        for (size_t j = i; j < columns; j += 16) store(right + j, load(right + j) - load(current + j) * known);
        memcpy(right + i, before, (row - i + 1) * sizeof(float));
    }
    for (size_t row = columns; row-- > 0;) {
        const float *current = factor + row * stride;
        wide total = {};
        for (size_t j = (row | 15) + 1; j < columns; j += 16) total += load(current + j) * load(right + j);
        float known = sum(total);
        for (size_t j = row + 1; j <= (row | 15) && j < columns; ++j) known += current[j] * right[j];
        right[row] = (right[row] - known) / current[row];
    }
}

/// Turns 32 rows, or fewer, into 32 columns, the missing ones zero.
INLINE void pack(const float *rows, size_t stride, size_t count, size_t columns, float *panel) {
    for (size_t row = 0; row < MILLRACE_TILE_COLUMNS; row += 4) {
        const float *from = rows + row * stride;
        size_t column = 0;
        for (; row + 4 <= count && column + 4 <= columns; column += 4) {
            four a, b, c, d;
            memcpy(&a, from + column, sizeof a);
            memcpy(&b, from + stride + column, sizeof b);
            memcpy(&c, from + 2 * stride + column, sizeof c);
            memcpy(&d, from + 3 * stride + column, sizeof d);
            four ab = __builtin_shufflevector(a, b, 0, 4, 1, 5), cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
            four AB = __builtin_shufflevector(a, b, 2, 6, 3, 7), CD = __builtin_shufflevector(c, d, 2, 6, 3, 7);
            four turned[4] = {
                __builtin_shufflevector(ab, cd, 0, 1, 4, 5), __builtin_shufflevector(ab, cd, 2, 3, 6, 7),
                __builtin_shufflevector(AB, CD, 0, 1, 4, 5), __builtin_shufflevector(AB, CD, 2, 3, 6, 7)};
            UNROLL for (size_t k = 0; k < 4; ++k)
                memcpy(panel + (column + k) * MILLRACE_TILE_COLUMNS + row, &turned[k], sizeof turned[k]);
        }
        for (; column < columns; ++column)
            for (size_t r = 0; r < 4; ++r)
                panel[column * MILLRACE_TILE_COLUMNS + row + r] = row + r < count ? from[r * stride + column] : 0;
    }
}

/// A part of a tile: as many rows and blocks of columns as fit into the registers.
INLINE void part(const float *left, const float *right, size_t depth, int subtracts, float *product, size_t stride,
                 const int rows, const int blocks) {
    wide tile[8][2] = {};
    for (size_t k = 0; k < depth; ++k) {
        UNROLL for (int b = 0; b < blocks; ++b) {
            wide value = load(right + k * MILLRACE_TILE_COLUMNS + 16 * b);
            UNROLL for (int r = 0; r < rows; ++r) tile[r][b] += value * left[k * MILLRACE_TILE_ROWS + r];
        }
    }
    UNROLL for (int r = 0; r < rows; ++r) {
        UNROLL for (int b = 0; b < blocks; ++b) {
            float *target = product + r * stride + 16 * b;
            store(target, subtracts ? load(target) - tile[r][b] : tile[r][b]);
        }
    }
}

INLINE void multiply(const float *left, const float *right, size_t depth, int subtracts, float *product,
                     size_t stride, const int rows, const int blocks) {
    for (int b = 0; b < 2; b += blocks)
        for (int r = 0; r < MILLRACE_TILE_ROWS; r += rows)
            part(left + r, right + 16 * b, depth, subtracts, product + r * stride + 16 * b, stride, rows, blocks);
}

/// The products of one row and four panels, some blocks of them at a time; each sum in the order that `part` has.
INLINE void score(const float *row, const float *panels, size_t panel, size_t depth, float *scores, const int together) {
    for (int first = 0; first < 8; first += together) {
        wide totals[8] = {};
        for (size_t k = 0; k < depth; ++k) {
            UNROLL for (int b = 0; b < together; ++b) {
                const float *column = panels + (size_t)(first + b) / 2 * panel + (first + b) % 2 * 16;
                totals[b] += load(column + k * MILLRACE_TILE_COLUMNS) * row[k];
            }
        }
        UNROLL for (int b = 0; b < together; ++b) store(scores + 16 * (first + b), totals[b]);
    }
}

/// As `exponential` in Vectors.swift, sixteen at a time.
INLINE wide exponential(wide value) {
    const wide low = all(-80), high = all(80), shift = all(12582912);
    value = __builtin_elementwise_min(__builtin_elementwise_max(value, low), high);
    wide shifted = value * 1.44269504f + shift;
    wide whole = shifted - shift;
    wide rest = value - whole * 0.693359375f + whole * 2.1219444e-4f;
    wide power = rest * 1.98756915e-4f + 1.3981999507e-3f;
    power = power * rest + 8.3334519073e-3f;
    power = power * rest + 4.1665795894e-2f;
    power = power * rest + 0.16666665459f;
    power = power * rest + 0.50000001201f;
    power = power * rest * rest + rest + 1.0f;
    wide_int bits, exponent;
    memcpy(&bits, &power, sizeof bits);
    memcpy(&exponent, &shifted, sizeof exponent);
    bits += exponent << 23;
    memcpy(&power, &bits, sizeof bits);
    return power;
}

INLINE float exponential_sum(const float *scores, size_t count, float scale) {
    wide total = {};
    for (size_t i = 0; i < count; i += 16) {
        wide score = load(scores + i);
        wide_int isScored = score > all(-INFINITY);
        wide power = exponential(score * scale);
        wide_int bits;
        memcpy(&bits, &power, sizeof bits);
        bits &= isScored;
        memcpy(&power, &bits, sizeof bits);
        total += power;
    }
    return sum(total);
}

INLINE size_t candidates(const float *scores, size_t count, float threshold, uint32_t *positions) {
    size_t found = 0;
    for (size_t i = 0; i < count; i += 16) {
        wide_int isAbove = load(scores + i) > all(threshold);
        if (!__builtin_reduce_or(isAbove)) continue;
        UNROLL for (size_t lane = 0; lane < 16; ++lane) {
            positions[found] = (uint32_t)(i + lane);
            found -= (size_t)(ptrdiff_t)isAbove[lane];
        }
    }
    return found;
}

/// The products of one row and some rows, eight at a time; each sum in the order that `part` has.
INLINE void score_rows(const float *row, const float *rows, size_t stride, size_t depth, const uint32_t *chosen,
                       size_t count, float *scores) {
    for (size_t first = 0; first < count; first += 8) {
        const float *some[8];
        float totals[8] = {};
        UNROLL for (size_t i = 0; i < 8; ++i) some[i] = rows + chosen[first + i < count ? first + i : first] * stride;
        for (size_t k = 0; k < depth; ++k) {
            UNROLL for (size_t i = 0; i < 8; ++i) totals[i] += some[i][k] * row[k];
        }
        for (size_t i = 0; i < 8 && first + i < count; ++i) scores[first + i] = totals[i];
    }
}

/// The positions of a block whose products with a query may exceed a limit.
INLINE size_t near_candidates(const millrace_bytes *block, const millrace_byte_query *query, float limit,
                              uint32_t *positions) {
    size_t found = 0;
    for (size_t item = 0; item < MILLRACE_BYTE_BLOCK; ++item) {
        int32_t product = 0;
        for (size_t k = 0; k < 4 * query->groups; ++k) {
            size_t place = k / 4 * 4 * MILLRACE_BYTE_BLOCK + 4 * item + k % 4;
            product += (int32_t)query->numbers[k] * block->numbers[place];
        }
        float middle = (float)(product - block->offsets[item]) * (query->scale * block->scales[item]);
        float bound = middle + (query->length * block->errors[item] + query->error * block->lengths[item]);
        positions[found] = (uint32_t)item;
        found += bound > limit;
    }
    return found;
}

/// Where a descent through a list of ratings is: the user's row is at hand until another's turn.
typedef struct {
    const millrace_rating *next, *end;
    float *user;
    float *row;
} rating_walk;

/// The weights of a step's own row and of the other's in the last block: the ones beside the biases stay.
INLINE wide bias_lanes(float value, float at12, float at13, float beyond) {
    return (wide){value, value, value, value, value, value, value, value,
                  value, value, value, value, at12,  at13,  beyond, beyond};
}

INLINE void copy(const float *from, float *to, const size_t blocks) {
    for (size_t block = 0; block < blocks; ++block) store(to + 16 * block, load(from + 16 * block));
}

INLINE void rating_step(const millrace_rating_descent *d, rating_walk *walk, const size_t blocks) {
    const millrace_rating *rating = walk->next++;
    float *user = d->users + (size_t)rating->user * blocks * 16, *row = walk->row;
    if (user != walk->user) {
        if (walk->user) copy(row, walk->user, blocks);
        copy(user, row, blocks);
        walk->user = user;
    }
    float *item = d->items + (size_t)rating->item * blocks * 16;
    const float *ahead = d->items + (size_t)(rating + 4 < walk->end ? rating[4] : *rating).item * blocks * 16;
    wide even = {}, odd = {};
    for (size_t block = 0; block < blocks; ++block) {
        __builtin_prefetch(ahead + 16 * block, 1);
        wide product = load(row + 16 * block) * load(item + 16 * block);
        if (block % 2) odd += product; else even += product;
    }
    const float gain = d->rate * (rating->value - d->mean - sum(even + odd)), keep = 1 - d->decay;
    const size_t last = 16 * (blocks - 1);
    for (size_t i = 0; i < last; i += 16) {
        wide left = load(row + i), right = load(item + i);
        store(row + i, left * keep + right * gain);
        store(item + i, right * keep + left * gain);
    }
    wide left = load(row + last), right = load(item + last);
    store(row + last, left * bias_lanes(keep, keep, 1, 1) + right * bias_lanes(gain, gain, 0, 0));
    store(item + last, right * bias_lanes(keep, 1, keep, 1) + left * bias_lanes(gain, 0, gain, 0));
}

/// Rows of a length that is known lie in registers, so far as there are any; others in the memory that is given.
#define DESCEND_RATINGS(length)                                                                                        \
    case length: {                                                                                                     \
        float rows[2][length * 16];                                                                                    \
        left.row = rows[0];                                                                                            \
        right.row = rows[1];                                                                                           \
        return descend_ratings(d, left, right, length);                                                                \
    }

INLINE void descend_ratings(const millrace_rating_descent *d, rating_walk left, rating_walk right,
                            const size_t blocks) {
    while (left.next < left.end && right.next < right.end) {
        rating_step(d, &left, blocks);
        rating_step(d, &right, blocks);
    }
    while (left.next < left.end) rating_step(d, &left, blocks);
    while (right.next < right.end) rating_step(d, &right, blocks);
    if (left.user) copy(left.row, left.user, blocks);
    if (right.user) copy(right.row, right.user, blocks);
}

typedef uint64_t wide_key __attribute__((vector_size(64)));
typedef int64_t wide_rank __attribute__((vector_size(64)));

INLINE size_t take(const uint32_t *distances, size_t count, uint32_t bound, size_t except, uint64_t *keys) {
    size_t taken = 0;
    for (size_t i = 0; i < count; ++i) {
        // Without a branch, which would be guessed wrong.
        keys[taken] = (uint64_t)distances[i] << 32 | i;
        taken += (distances[i] <= bound) & (i != except);
    }
    return taken;
}

/// A key's place is how many are less; of equal ones all go to the first's, and the places between stay empty.
INLINE size_t sort(uint64_t *keys, size_t count, uint64_t *sorted) {
    const wide_key none = (wide_key){} + UINT64_MAX;
    const size_t padded = (count + 7) / 8 * 8;
    for (size_t i = count; i < padded; ++i) keys[i] = UINT64_MAX;
    for (size_t i = 0; i < padded; i += 8) memcpy(sorted + i, &none, sizeof none);
    for (size_t i = 0; i < padded; i += 8) {
        wide_key own;
        memcpy(&own, keys + i, sizeof own);
        wide_rank even = {}, odd = {};
        for (size_t j = 0; j < padded; j += 2) {
            even += (wide_key){} + keys[j] < own;
            odd += (wide_key){} + keys[j + 1] < own;
        }
        wide_rank rank = -(even + odd);
        UNROLL for (size_t lane = 0; lane < 8; ++lane) if (i + lane < count) sorted[rank[lane]] = own[lane];
    }
    size_t distinct = 0;
    for (size_t i = 0; i < count; ++i) {
        sorted[distinct] = sorted[i];
        distinct += sorted[i] != UINT64_MAX;
    }
    return distinct;
}
