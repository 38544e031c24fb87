#include "features.h"

static _Thread_local bool portable;

void ck_use_portable(bool value) { portable = value; }

#if CK_X86
#define SUPPORTS(name) __builtin_cpu_supports(name)
#else
#define SUPPORTS(name) false
#endif

bool ck_has_avx512(void) {
    return !portable && SUPPORTS("avx512f") && SUPPORTS("avx512dq") && SUPPORTS("avx512bw")
        && SUPPORTS("avx512vl");
}

bool ck_has_gfni(void) { return ck_has_avx512() && SUPPORTS("avx512vbmi") && SUPPORTS("gfni"); }

bool ck_has_ifma(void) { return ck_has_avx512() && SUPPORTS("avx512ifma"); }

bool ck_has_aesni(void) { return !portable && SUPPORTS("aes") && SUPPORTS("sse4.1"); }

bool ck_has_vaes(void) { return ck_has_aesni() && ck_has_avx512() && SUPPORTS("vaes"); }

bool ck_has_clmul(void) { return !portable && SUPPORTS("pclmul") && SUPPORTS("sse4.1"); }

bool ck_has_vclmul(void) { return ck_has_clmul() && ck_has_avx512() && SUPPORTS("vpclmulqdq"); }
