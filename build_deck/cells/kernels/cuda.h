// The CUDA C++ that kernels are written in, for `machine.h`: qualifiers, vectors, halves, intrinsics, atomics, launch.
#pragma once
#include "machine.h"

#define __global__
#define __device__
#define __host__
#define __constant__ static
#define __forceinline__ inline
#define __noinline__ __attribute__((noinline))
#define __align__(n) alignas(n)
#define __launch_bounds__(...)
#define CUDART_INF_F INFINITY
#define CUDART_NAN_F NAN

// `shim.py` writes these for `__shared__ T name[n];` and `extern __shared__ T name[];`
#define SHARED(type, name) \
  ([]() -> type& {                                                                                       \
    static int which = -1;                                                                               \
    return *(type*)machine::shared_variable(which, #name, sizeof(type), machine::piece((type*)0));       \
  }())
#define DYNAMIC(type) ((type*)machine::dynamic_memory(machine::piece((type*)0)))

struct alignas(8) float2 { float x, y; };
struct float3 { float x, y, z; };
struct alignas(16) float4 { float x, y, z, w; };
struct alignas(8) int2 { int x, y; };
struct int3 { int x, y, z; };
struct alignas(16) int4 { int x, y, z, w; };
struct alignas(8) uint2 { unsigned x, y; };
struct alignas(16) uint4 { unsigned x, y, z, w; };
struct alignas(16) double2 { double x, y; };
inline float2 make_float2(float x, float y) { return {x, y}; }
inline float3 make_float3(float x, float y, float z) { return {x, y, z}; }
inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }
inline int2 make_int2(int x, int y) { return {x, y}; }
inline int4 make_int4(int x, int y, int z, int w) { return {x, y, z, w}; }
inline double2 make_double2(double x, double y) { return {x, y}; }

// ---- halves: stored in two bytes, computed in float
typedef _Float16 __half;
typedef __half half;
struct alignas(4) __half2 { __half x, y; };
typedef __half2 half2;
inline __half __float2half(float x) { return (__half)x; }
inline __half __float2half_rn(float x) { return (__half)x; }
inline float __half2float(__half x) { return (float)x; }
inline __half __hadd(__half a, __half b) { return (__half)((float)a + (float)b); }
inline __half __hsub(__half a, __half b) { return (__half)((float)a - (float)b); }
inline __half __hmul(__half a, __half b) { return (__half)((float)a * (float)b); }
inline __half __hfma(__half a, __half b, __half c) { return (__half)((double)a * (double)b + (double)c); }
inline __half2 __floats2half2_rn(float a, float b) { return {(__half)a, (__half)b}; }
inline float2 __half22float2(__half2 a) { return {(float)a.x, (float)a.y}; }
inline __half2 __hadd2(__half2 a, __half2 b) { return {__hadd(a.x, b.x), __hadd(a.y, b.y)}; }
inline __half2 __hmul2(__half2 a, __half2 b) { return {__hmul(a.x, b.x), __hmul(a.y, b.y)}; }

struct __nv_bfloat16 { uint16_t bits; };
inline float __bfloat162float(__nv_bfloat16 x) {
  uint32_t wide = (uint32_t)x.bits << 16;
  float made;
  memcpy(&made, &wide, 4);
  return made;
}
inline __nv_bfloat16 __float2bfloat16(float x) {
  uint32_t wide;
  memcpy(&wide, &x, 4);
  if (x != x) return {0x7fff};
  return {(uint16_t)((wide + 0x7fff + (wide >> 16 & 1)) >> 16)};
}

// ---- mathematics
template <class A, class B> inline auto min(A a, B b) -> decltype(true ? A() : B()) { return b < a ? b : a; }
template <class A, class B> inline auto max(A a, B b) -> decltype(true ? A() : B()) { return a < b ? b : a; }
inline float exp(float x) { return expf(x); }
inline float log(float x) { return logf(x); }
inline float sqrt(float x) { return sqrtf(x); }
inline float fabs(float x) { return fabsf(x); }
inline float abs(float x) { return fabsf(x); }
inline double abs(double x) { return fabs(x); }
inline float pow(float x, float y) { return powf(x, y); }
inline float tanh(float x) { return tanhf(x); }
inline float floor(float x) { return floorf(x); }
inline float ceil(float x) { return ceilf(x); }
inline float __expf(float x) { return expf(x); }
inline float __exp2f(float x) { return exp2f(x); }
inline float __logf(float x) { return logf(x); }
inline float __log2f(float x) { return log2f(x); }
inline float __powf(float x, float y) { return powf(x, y); }
inline float __fdividef(float a, float b) { return a / b; }
inline float __frcp_rn(float x) { return 1 / x; }
inline float rsqrtf(float x) { return 1 / sqrtf(x); }
inline float __fmaf_rn(float a, float b, float c) { return fmaf(a, b, c); }
inline int __popc(unsigned x) { return __builtin_popcount(x); }
inline int __ffs(int x) { return __builtin_ffs(x); }
inline int __clz(int x) { return x ? __builtin_clz(x) : 32; }
inline int __float_as_int(float x) { int y; memcpy(&y, &x, 4); return y; }
inline float __int_as_float(int x) { float y; memcpy(&y, &x, 4); return y; }
inline unsigned __float_as_uint(float x) { return (unsigned)__float_as_int(x); }
inline float __uint_as_float(unsigned x) { return __int_as_float((int)x); }
inline int __float2int_rn(float x) { return (int)rintf(x); }
template <class T> inline T __ldg(const T* p) { return *p; }

// ---- waiting for others
#define __syncthreads() machine::barrier(__LINE__)
inline void __syncwarp(unsigned mask = ~0u) { machine::collective(mask, 0, machine::VOTE); }
inline void __threadfence() {}
inline void __threadfence_block() {}
inline unsigned __ballot_sync(unsigned mask, int p) { return (unsigned)machine::collective(mask, !!p, machine::VOTE); }
inline int __any_sync(unsigned mask, int p) { return __ballot_sync(mask, p) != 0; }
inline int __all_sync(unsigned mask, int p) { return !__ballot_sync(mask, !p); }
template <class T> inline T exchange(unsigned mask, T value, int source) {
  static_assert(sizeof(T) <= 8, "a shuffle moves at most 8 bytes");
  uint64_t given = 0;
  memcpy(&given, &value, sizeof value);
  given = machine::collective(mask, given, source);
  memcpy(&value, &given, sizeof value);
  return value;
}
template <class T> inline T __shfl_sync(unsigned mask, T value, int source, int width = 32) {
  int lane = machine::now % 32;
  return exchange(mask, value, (lane & ~(width - 1)) + (source & (width - 1)));
}
template <class T> inline T __shfl_up_sync(unsigned mask, T value, unsigned by, int width = 32) {
  int lane = machine::now % 32;
  return exchange(mask, value, (lane & (width - 1)) >= (int)by ? lane - (int)by : lane);
}
template <class T> inline T __shfl_down_sync(unsigned mask, T value, unsigned by, int width = 32) {
  int lane = machine::now % 32;
  return exchange(mask, value, (lane & (width - 1)) + (int)by < width ? lane + (int)by : lane);
}
template <class T> inline T __shfl_xor_sync(unsigned mask, T value, int with, int width = 32) {
  int lane = machine::now % 32, other = lane ^ with;
  return exchange(mask, value, other / width == lane / width ? other : lane);
}

// ---- atomics: one thread runs at a time, so that it is enough to say that they are no race
template <class T, class F> HOST T atomically(T* address, F change) {
  machine::atomic_now = true;
  machine::touch(address, sizeof(T), false, __builtin_return_address(0));
  machine::touch(address, sizeof(T), true, __builtin_return_address(0));
  machine::atomic_now = false;
  T before = *address;
  *address = change(before);
  return before;
}
template <class T, class U> inline T atomicAdd(T* p, U v) { return atomically(p, [=](T x) { return (T)(x + (T)v); }); }
template <class T, class U> inline T atomicSub(T* p, U v) { return atomically(p, [=](T x) { return (T)(x - (T)v); }); }
template <class T, class U> inline T atomicMax(T* p, U v) { return atomically(p, [=](T x) { return max(x, (T)v); }); }
template <class T, class U> inline T atomicMin(T* p, U v) { return atomically(p, [=](T x) { return min(x, (T)v); }); }
template <class T, class U> inline T atomicExch(T* p, U v) { return atomically(p, [=](T) { return (T)v; }); }
template <class T, class U> inline T atomicAnd(T* p, U v) { return atomically(p, [=](T x) { return (T)(x & (T)v); }); }
template <class T, class U> inline T atomicOr(T* p, U v) { return atomically(p, [=](T x) { return (T)(x | (T)v); }); }
template <class T, class U, class V> inline T atomicCAS(T* p, U expected, V v) {
  return atomically(p, [=](T x) { return x == (T)expected ? (T)v : x; });
}

// ---- the hooks of -fsanitize=thread, and the way in
#define HOOK(name, size, store) \
  extern "C" HOST void __tsan_##name(void* p) { machine::touch(p, size, store, __builtin_return_address(0)); } \
  extern "C" HOST void __tsan_unaligned_##name(void* p) { \
    machine::touch(p, size, store, __builtin_return_address(0), false); \
  }
HOOK(read1, 1, false) HOOK(read2, 2, false) HOOK(read4, 4, false) HOOK(read8, 8, false) HOOK(read16, 16, false)
HOOK(write1, 1, true) HOOK(write2, 2, true) HOOK(write4, 4, true) HOOK(write8, 8, true) HOOK(write16, 16, true)
extern "C" HOST void __tsan_init() {}
extern "C" HOST void __tsan_read_range(void* p, size_t n) {
  machine::touch(p, n, false, __builtin_return_address(0), false);
}
extern "C" HOST void __tsan_write_range(void* p, size_t n) {
  machine::touch(p, n, true, __builtin_return_address(0), false);
}

// Run one kernel. `places[i]` says which of the arguments parameter i points to, -1 for a scalar, whose address is in
// `given`. Arguments are copied in, each with empty memory around it, and those that the kernel may write copied back.
extern "C" HOST void proofdeck_launch(void (*kernel)(void**), void** given, const int* places, unsigned parameters,
                                      machine::Argument* buffers, unsigned count, const unsigned* shape,
                                      size_t dynamic, int counts, machine::Report* told) {
  using namespace machine;
  void* pointers[MOST_ARGUMENTS];
  report = told, arguments = buffers, argument_count = count, body = kernel, values = given;
  gridDim = dim3(shape[0], shape[1], shape[2]), blockDim = dim3(shape[3], shape[4], shape[5]);
  threads = shape[3] * shape[4] * shape[5];
  counting = counts, atomic_now = false, arena = 0, arena_size = 0;
  if (!_setjmp(leave)) {
    slot = 1 << 20;
    for (unsigned i = 0; i < count; i++)
      while (slot < 2 * buffers[i].size) slot *= 2;
    if (count) {
      arena = reserve(count * slot);
      arena_size = count * slot;
    }
    for (unsigned i = 0; i < count; i++) memcpy(arena + i * slot + slot / 4, buffers[i].host, buffers[i].size);
    for (unsigned i = 0; i < parameters; i++)
      if (places[i] >= 0) pointers[i] = arena + places[i] * slot + slot / 4, given[i] = &pointers[i];
    run_grid(dynamic);
    for (unsigned i = 0; i < count; i++)
      if (buffers[i].writes) memcpy(buffers[i].host, arena + i * slot + slot / 4, buffers[i].size);
  } else {
    for (unsigned i = 0; i < threads; i++) fibers[i].started = false;  // they stopped in the middle
    traced = 0;
  }
  if (arena) munmap(arena, arena_size);
  fflush(0);
}
