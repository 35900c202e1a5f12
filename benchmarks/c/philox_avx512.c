/* Hand-written AVX-512 twin of the Philox scan: 16 op seeds at a time, three kernels, sums in registers. */
#include <immintrin.h>
#include <stdint.h>

#define M0 _mm512_set1_epi64(0xD2511F53)
#define M1 _mm512_set1_epi64(0xCD9E8D57)
#define X3(a, b, c) _mm512_ternarylogic_epi64(a, b, c, 0x96)
#define SET(x) _mm512_set1_epi64(x)

static inline __m512 pack(__m512i low, __m512i high) {
    __m512i both = _mm512_mask_blend_epi32(0xAAAA, low, _mm512_slli_epi64(high, 32));
    return _mm512_castsi512_ps(_mm512_ternarylogic_epi32(both, _mm512_set1_epi32(0x7FFFFF), _mm512_set1_epi32(0x3F800000), 0xEA));
}

static inline __m512 weight(const uint64_t *pair) { return _mm512_castsi512_ps(SET((long long)*pair)); }

/* table: 3 words a group; keys: 10 x 2; weights: groups x 3 x 2 pairs of floats; out: 3 rows of `stride` floats */
void score(uint64_t first, int64_t count, int64_t groups, const uint64_t *table, const uint64_t *keys, const uint64_t *weights,
           const float *offsets, float *out, int64_t stride) {
    __m512i k0[10], k1[10];
    for (int r = 0; r < 10; r++) { k0[r] = SET(keys[2 * r]); k1[r] = SET(keys[2 * r + 1]); }
    const __m512i lanes = _mm512_set_epi64(7, 6, 5, 4, 3, 2, 1, 0);
    for (int64_t at = 0; at < count; at += 16) {
        __m512i word[2], product[2];
        __m512 sums[2][3];
        for (int v = 0; v < 2; v++) {
            __m512i lower = _mm512_mul_epu32(_mm512_add_epi64(SET(first + at + 8 * v), lanes), M1);
            product[v] = _mm512_mul_epu32(_mm512_xor_si512(_mm512_srli_epi64(lower, 32), k0[0]), M0);
            word[v] = _mm512_xor_si512(lower, k0[1]);
            for (int k = 0; k < 3; k++) sums[v][k] = _mm512_setzero_ps();
        }
        for (int64_t g = 0; g < groups; g++) {
            __m512i c[2][4];
            for (int v = 0; v < 2; v++) {
                c[v][0] = _mm512_xor_si512(SET(table[3 * g]), word[v]);
                c[v][1] = SET(table[3 * g + 1]);
                c[v][2] = _mm512_xor_si512(_mm512_srli_epi64(product[v], 32), SET(table[3 * g + 2]));
                c[v][3] = product[v];
            }
#pragma GCC unroll 8
            for (int r = 2; r < 10; r++)
#pragma GCC unroll 2
                for (int v = 0; v < 2; v++) {
                    __m512i p = _mm512_mul_epu32(c[v][0], M0), q = _mm512_mul_epu32(c[v][2], M1);
                    c[v][0] = X3(_mm512_srli_epi64(q, 32), c[v][1], k0[r]);
                    c[v][2] = X3(_mm512_srli_epi64(p, 32), c[v][3], k1[r]);
                    c[v][1] = q;
                    c[v][3] = p;
                }
            const uint64_t *w = weights + 6 * g;
#pragma GCC unroll 2
            for (int v = 0; v < 2; v++) {
                __m512 a = pack(c[v][0], c[v][1]), b = pack(c[v][2], c[v][3]);
#pragma GCC unroll 3
                for (int k = 0; k < 3; k++)
                    sums[v][k] = _mm512_fmadd_ps(b, weight(w + 2 * k + 1), _mm512_fmadd_ps(a, weight(w + 2 * k), sums[v][k]));
            }
        }
        for (int v = 0; v < 2; v++)
            for (int k = 0; k < 3; k++) {
                float lane[16];
                _mm512_storeu_ps(lane, sums[v][k]);
                for (int i = 0; i < 8; i++) out[k * stride + at + 8 * v + i] = lane[2 * i] + lane[2 * i + 1] - offsets[k];
            }
    }
}
