/// The innermost loops of Kernels, compiled for several instruction sets; the best the processor has is chosen once.
///
/// Rows are made of blocks of 16 floats (`blocks` of them), zero beyond their last column. Every sum has one fixed
/// order, whatever the instruction set; only whether a product is rounded before it is added differs, between
/// processors with and without fused multiplication and addition.
#ifndef CKERNELS_H
#define CKERNELS_H

#include <stddef.h>
#include <stdint.h>

/// The rows of the tiles that `millrace_multiply` makes.
#define MILLRACE_TILE_ROWS 8
/// The columns of the tiles that `millrace_multiply` makes.
#define MILLRACE_TILE_COLUMNS 32

/// The system of one row: (G + λI + Σ c h hᵀ) x = Σ c h.
typedef struct {
    /// The rows h.
    const float *_Nonnull fixed;
    /// G, with `columns` rows.
    const float *_Nonnull gram;
    size_t columns;
    size_t blocks;
    float regularization;
    /// Which of the rows were observed, and their weights c.
    const uint32_t *_Nonnull observed;
    const float *_Nonnull weights;
    size_t count;
} millrace_system;

/// A user's rating of an item, by their rows.
typedef struct {
    uint32_t user;
    uint32_t item;
    float value;
} millrace_rating;

/// A descent through ratings; see RatingFactors.swift for what its rows are.
typedef struct {
    float *_Nonnull users;
    float *_Nonnull items;
    size_t blocks;
    float mean;
    float rate;
    float decay;
} millrace_rating_descent;

/// The items of a block of bytes.
#define MILLRACE_BYTE_BLOCK 128

/// Items as numbers of one byte: an item's row is about its scale times its bytes.
typedef struct {
    /// For each four columns the bytes of all items, four an item.
    const int8_t *_Nonnull numbers;
    /// For each item 128 times the sum of its bytes.
    const int32_t *_Nonnull offsets;
    const float *_Nonnull scales;
    /// How far the item's row is from what its bytes say.
    const float *_Nonnull errors;
    const float *_Nonnull lengths;
} millrace_bytes;

/// A query vector as numbers of one byte, 128 more than what they stand for, four to a group.
typedef struct {
    const uint8_t *_Nonnull numbers;
    size_t groups;
    float scale;
    /// The length of what the bytes say.
    float length;
    /// How far the vector is from what its bytes say, with room for what is lost by rounding.
    float error;
} millrace_byte_query;

/// The instruction set in use on this thread: 0 the processor family's least, 1 AVX2 with FMA, 2 AVX-512.
int millrace_instruction_set(void);

/// Uses an instruction set on this thread from now on, for tests that compare them.
///
/// Returns 0 where the processor does not have it.
int millrace_use(int instruction_set);

/// So many steps of conjugate gradient from the present solution; `memory` holds three rows.
void millrace_descend(const millrace_system *_Nonnull system, float *_Nonnull solution, size_t steps,
                      float *_Nonnull memory);

/// A step of gradient descent for each rating of two lists that share neither users nor items.
///
/// The lists are gone through side by side, since a step must wait for the one before it: the other list's fills the
/// time. The result is that of one list after the other. `memory` holds two rows.
void millrace_descend_ratings(const millrace_rating_descent *_Nonnull descent, const millrace_rating *_Nonnull left,
                              size_t left_count, const millrace_rating *_Nonnull right, size_t right_count,
                              float *_Nonnull memory);

/// Adds Σ c h hᵀ over the system's observed rows to the upper triangle of a matrix, and Σ c h to a row.
///
/// The matrix has memory for a number of rows that is a multiple of 8.
void millrace_accumulate(const millrace_system *_Nonnull system, float *_Nonnull matrix, float *_Nonnull right);

/// Adds XᵀX of so many rows that lie together to the upper triangle of a matrix, which has memory as above.
void millrace_gram(const float *_Nonnull rows, size_t count, size_t columns, size_t blocks, float *_Nonnull matrix);

/// Makes the upper triangle of a matrix its Cholesky factor U, UᵀU being the matrix; returns 0 where there is none.
///
/// The stride is a multiple of 16; what is below the diagonal is overwritten.
int millrace_factor(float *_Nonnull matrix, size_t columns, size_t stride);

/// Solves UᵀU x = b, b becoming x; `right` is as long as the stride.
void millrace_substitute(const float *_Nonnull factor, size_t columns, size_t stride, float *_Nonnull right);

/// Writes rows, up to 32, as columns: 32 numbers for each of `columns`, those of rows beyond `count` zero.
void millrace_pack(const float *_Nonnull rows, size_t stride, size_t count, size_t columns, float *_Nonnull panel);

/// The product of a tile: 8 rows of `left` (8 numbers for each of `depth`) and 32 columns of `right` (32 for each).
///
/// It is written to `product`, or with `subtracts` taken away from what is there.
void millrace_multiply(const float *_Nonnull left, const float *_Nonnull right, size_t depth, int subtracts,
                       float *_Nonnull product, size_t stride);

/// The products of one row and the 128 columns of four panels, which lie `panel` numbers apart, as `millrace_multiply`
/// has them to the last bit.
void millrace_score(const float *_Nonnull row, const float *_Nonnull panels, size_t panel, size_t depth,
                    float *_Nonnull scores);

/// The products of one row and some rows out of many, as `millrace_multiply` has them to the last bit.
void millrace_score_rows(const float *_Nonnull row, const float *_Nonnull rows, size_t stride, size_t depth,
                         const uint32_t *_Nonnull chosen, size_t count, float *_Nonnull scores);

/// Whether the processor multiplies bytes so fast that `millrace_near_candidates` is worth its memory.
int millrace_has_byte_products(void);

/// Writes the positions of a block whose items' products with a query may exceed a limit; returns their number.
///
/// `positions` has places for one more than the block has items.
size_t millrace_near_candidates(const millrace_bytes *_Nonnull block, const millrace_byte_query *_Nonnull query,
                                float limit, uint32_t *_Nonnull positions);

/// Σ e^(scale · score) over scores more than −∞, of a count that is a multiple of 16.
float millrace_exponential_sum(const float *_Nonnull scores, size_t count, float scale);

/// Writes the positions of scores above a threshold, of a count that is a multiple of 16; returns their number.
size_t millrace_candidates(const float *_Nonnull scores, size_t count, float threshold, uint32_t *_Nonnull positions);

/// Writes keys, a distance above a position, of the distances up to a bound, but for one position; returns their number.
///
/// `keys` has places for eight more than `count`.
size_t millrace_take(const uint32_t *_Nonnull distances, size_t count, uint32_t bound, size_t except,
                     uint64_t *_Nonnull keys);

/// Writes keys less than UINT64_MAX in ascending order, equal ones once; returns how many there are.
///
/// The work grows with the square of their count; for some hundred it is faster than any other sort. Both arrays have
/// places for eight more.
size_t millrace_sort(uint64_t *_Nonnull keys, size_t count, uint64_t *_Nonnull sorted);

#endif
