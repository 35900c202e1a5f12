/* Hand-written AVX-512 twin of the numpy seed search: 256 generators a tile, up to three targets, first `words` outputs. */
#include <immintrin.h>
#include <stdint.h>

#define TILE 256
#define V (TILE / 16)
#define SET(x) _mm512_set1_epi32((int)(x))

static inline __m512i step(__m512i x, uint32_t index) {
    return _mm512_add_epi32(_mm512_mullo_epi32(_mm512_xor_si512(x, _mm512_srli_epi32(x, 30)), SET(1812433253u)), SET(index));
}

static inline __m512i output(__m512i word, __m512i next, __m512i far) {
    __m512i joined = _mm512_ternarylogic_epi32(SET(0x80000000u), word, next, 0xCA);
    __mmask16 odd = _mm512_test_epi32_mask(next, SET(1));
    __m512i y = _mm512_xor_si512(far, _mm512_srli_epi32(joined, 1));
    y = _mm512_mask_xor_epi32(y, odd, y, SET(0x9908B0DFu));
    y = _mm512_xor_si512(y, _mm512_srli_epi32(y, 11));
    y = _mm512_ternarylogic_epi32(y, _mm512_slli_epi32(y, 7), SET(0x9D2C5680u), 0x78);
    y = _mm512_ternarylogic_epi32(y, _mm512_slli_epi32(y, 15), SET(0xEFC60000u), 0x78);
    return _mm512_and_si512(_mm512_xor_si512(y, _mm512_srli_epi32(y, 18)), SET(0xFFFFFF));
}

/* Returns how many seeds met a target; the seeds go to found (as many as fit). */
int64_t find(uint64_t first, int64_t count, int words, const int64_t *targets, int64_t *found, int64_t room) {
    static __thread uint32_t head[17 * TILE] __attribute__((aligned(64)));
    const __m512i lanes = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    const __m512i t0 = SET(targets[0]), t1 = SET(targets[1]), t2 = SET(targets[2]);
    int64_t hits = 0;
    for (int64_t start = 0; start < count; start += TILE) {
        __m512i state[V];
        __mmask16 met[V] = {0};
        for (int v = 0; v < V; v++) {
            state[v] = _mm512_add_epi32(SET(first + start + 16 * v), lanes);
            _mm512_store_si512(head + 16 * v, state[v]);
        }
        for (int i = 1; i <= words; i++)
            for (int v = 0; v < V; v++) {
                state[v] = step(state[v], i);
                _mm512_store_si512(head + i * TILE + 16 * v, state[v]);
            }
        int i = words + 1;
        for (; i + 3 < 398; i += 4)
            for (int v = 0; v < V; v++) state[v] = step(step(step(step(state[v], i), i + 1), i + 2), i + 3);
        for (; i < 398; i++)
            for (int v = 0; v < V; v++) state[v] = step(state[v], i);
        for (int w = 0; w < words; w++)
            for (int v = 0; v < V; v++) {
                __m512i y = output(_mm512_load_si512(head + w * TILE + 16 * v), _mm512_load_si512(head + (w + 1) * TILE + 16 * v), state[v]);
                met[v] |= _mm512_cmpeq_epi32_mask(y, t0) | _mm512_cmpeq_epi32_mask(y, t1) | _mm512_cmpeq_epi32_mask(y, t2);
                state[v] = step(state[v], 398 + w);
            }
        for (int v = 0; v < V; v++)
            while (met[v]) {
                int lane = __builtin_ctz(met[v]);
                met[v] &= met[v] - 1;
                if (hits < room) found[hits] = first + start + 16 * v + lane;
                hits++;
            }
    }
    return hits;
}
