// What the CPU offers, asked once a vector.
#ifndef CKERNELS_FEATURES_H
#define CKERNELS_FEATURES_H

#include <stdbool.h>

#include "include/CKernels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#define CK_X86 1
// The instructions of each path: the functions that use them carry these, and nothing else does.
#define CK_AVX512 __attribute__((target("avx512f,avx512dq,avx512bw,avx512vl")))
#define CK_GFNI __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi,gfni")))
#define CK_IFMA __attribute__((target("avx512f,avx512dq,avx512vl,avx512ifma")))
#define CK_AESNI __attribute__((target("aes,sse4.1")))
#define CK_CLMUL __attribute__((target("pclmul,sse4.1")))
#define CK_VCLMUL __attribute__((target("pclmul,sse4.1,avx512f,avx512bw,vpclmulqdq")))
#define CK_VAES __attribute__((target("aes,sse4.1,avx512f,avx512bw,vaes")))
#endif

bool ck_has_avx512(void);
bool ck_has_gfni(void);
bool ck_has_ifma(void);
bool ck_has_aesni(void);
bool ck_has_vaes(void);
bool ck_has_clmul(void);
bool ck_has_vclmul(void);

#endif
