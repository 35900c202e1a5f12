/* Hand-written AVX2 twin of the Philox scan: 8 op seeds at a time, three kernels, sums in registers. */
#include <immintrin.h>
#include <stdint.h>

#define M0 _mm256_set1_epi64x(0xD2511F53)
#define M1 _mm256_set1_epi64x(0xCD9E8D57)
#define X3(a, b, c) _mm256_xor_si256(_mm256_xor_si256(a, b), c)
#define SET(x) _mm256_set1_epi64x(x)

static inline __m256 pack(__m256i low, __m256i high) {
    __m256i both = _mm256_blend_epi32(low, _mm256_slli_epi64(high, 32), 0xAA);
    return _mm256_castsi256_ps(_mm256_or_si256(_mm256_and_si256(both, _mm256_set1_epi32(0x7FFFFF)), _mm256_set1_epi32(0x3F800000)));
}

static inline __m256 weight(const uint64_t *pair) { return _mm256_castsi256_ps(SET((long long)*pair)); }

/* table: 3 words a group; keys: 10 x 2; weights: groups x 3 x 2 pairs of floats; out: 3 rows of `stride` floats */
void score(uint64_t first, int64_t count, int64_t groups, const uint64_t *table, const uint64_t *keys, const uint64_t *weights,
           const float *offsets, float *out, int64_t stride) {
    __m256i k0[10], k1[10];
    for (int r = 0; r < 10; r++) { k0[r] = SET(keys[2 * r]); k1[r] = SET(keys[2 * r + 1]); }
    const __m256i lanes = _mm256_set_epi64x(3, 2, 1, 0);
    for (int64_t at = 0; at < count; at += 8) {
        __m256i word[2], product[2];
        __m256 sums[2][3];
        for (int v = 0; v < 2; v++) {
            __m256i lower = _mm256_mul_epu32(_mm256_add_epi64(SET(first + at + 4 * v), lanes), M1);
            product[v] = _mm256_mul_epu32(_mm256_xor_si256(_mm256_srli_epi64(lower, 32), k0[0]), M0);
            word[v] = _mm256_xor_si256(lower, k0[1]);
            for (int k = 0; k < 3; k++) sums[v][k] = _mm256_setzero_ps();
        }
        for (int64_t g = 0; g < groups; g++) {
            __m256i c[2][4];
            for (int v = 0; v < 2; v++) {
                c[v][0] = _mm256_xor_si256(SET(table[3 * g]), word[v]);
                c[v][1] = SET(table[3 * g + 1]);
                c[v][2] = _mm256_xor_si256(_mm256_srli_epi64(product[v], 32), SET(table[3 * g + 2]));
                c[v][3] = product[v];
            }
#pragma GCC unroll 8
            for (int r = 2; r < 10; r++)
#pragma GCC unroll 2
                for (int v = 0; v < 2; v++) {
                    __m256i p = _mm256_mul_epu32(c[v][0], M0), q = _mm256_mul_epu32(c[v][2], M1);
                    c[v][0] = X3(_mm256_srli_epi64(q, 32), c[v][1], k0[r]);
                    c[v][2] = X3(_mm256_srli_epi64(p, 32), c[v][3], k1[r]);
                    c[v][1] = q;
                    c[v][3] = p;
                }
            const uint64_t *w = weights + 6 * g;
#pragma GCC unroll 2
            for (int v = 0; v < 2; v++) {
                __m256 a = pack(c[v][0], c[v][1]), b = pack(c[v][2], c[v][3]);
#pragma GCC unroll 3
                for (int k = 0; k < 3; k++)
                    sums[v][k] = _mm256_fmadd_ps(b, weight(w + 2 * k + 1), _mm256_fmadd_ps(a, weight(w + 2 * k), sums[v][k]));
            }
        }
        for (int v = 0; v < 2; v++)
            for (int k = 0; k < 3; k++) {
                float lane[8];
                _mm256_storeu_ps(lane, sums[v][k]);
                for (int i = 0; i < 4; i++) out[k * stride + at + 4 * v + i] = lane[2 * i] + lane[2 * i + 1] - offsets[k];
            }
    }
}
