"""A cuda cell and a Python cell that launches its kernels."""

from __future__ import annotations

from cell_jobs import Cells, snippet

from build_deck.cells.protocol import Outcome
from tests.kernel_sources import MATMUL

HEAD = "import torch\nk = cuda('kernels')\n"


def run(cells: Cells, kernels: str, python: str) -> tuple[Outcome, ...]:
    return cells(snippet("kernels", kernels, 10, language="cuda"), snippet("cell", HEAD + python, 100))


def check(cells: Cells, kernels: str, python: str) -> None:
    """Both cells end well."""
    ended = run(cells, kernels, python)
    assert [(each.status, each.error) for each in ended] == [("ok", ""), ("ok", "")]
    assert [each.launches for each in ended] == [{}, {"kernels": "simulated"}]


ADD = """
#include <cuda_runtime.h>
__global__ void add(const float* __restrict__ x, const float *y, float* out, int n) {  // one element each
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = x[i] + y[i];
}
"""


TILES = (
    MATMUL
    + """
template <class T> __device__ T warp_sum(T v) {
  for (int s = warpSize / 2; s; s /= 2) v += __shfl_down_sync(0xffffffff, v, s);
  return v;
}
__global__ void __launch_bounds__(256) total(const float* x, double* out, int n) {
  extern __shared__ float part[];
  float v = 0;
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) v += x[i];
  v = warp_sum(v);
  if (threadIdx.x % 32 == 0) part[threadIdx.x / 32] = v;
  __syncthreads();
  if (threadIdx.x < 32) {
    v = warp_sum(threadIdx.x < blockDim.x / 32 ? part[threadIdx.x] : 0.0f);
    if (threadIdx.x == 0) atomicAdd(out, v);
  }
}
"""
)
WARPS = """
#include <cuda_fp16.h>
#include <cuda_bf16.h>
__global__ void warp(int* out) {
  int lane = threadIdx.x;
  out[lane] = __shfl_xor_sync(~0u, lane, 1);
  out[32 + lane] = __shfl_up_sync(~0u, lane, 4, 8);
  out[64 + lane] = __shfl_sync(~0u, lane, 5, 16);
  out[96 + lane] = __ballot_sync(~0u, lane % 2);
  if (lane < 8) out[128 + lane] = __any_sync(0xff, lane == 7) + 2 * __all_sync(0xff, lane == 7);
}
__global__ void wide(const float4* x, float4* out) {
  float4 v = x[threadIdx.x];
  out[threadIdx.x] = make_float4(v.w, v.z, v.y, v.x);
}
__global__ void halves(const __half* x, half* y, __nv_bfloat16* z) {
  int i = threadIdx.x;
  y[i] = __float2half(__half2float(x[i]) * 1.5f);
  z[i] = __float2bfloat16(__half2float(x[i]));
}
"""
COUNTED = """
__global__ void copy(const float* x, float* out, int stride) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  out[i] = x[i * stride];
}
__global__ void columns(float* out, int pad, int stride) {
  extern __shared__ float a[];
  a[threadIdx.x * (32 + pad)] = threadIdx.x;
  __syncthreads();
  out[threadIdx.x] = a[threadIdx.x * stride % 1024];
}
__global__ void members(const float4* x, float* out) {
  float4 v = x[threadIdx.x];
  out[threadIdx.x] = v.x + v.y;
}
__global__ void wide(const float4* x, float4* out) {
  __shared__ float4 a[32];
  a[threadIdx.x] = x[threadIdx.x];
  __syncthreads();
  out[threadIdx.x] = a[threadIdx.x];
}
"""
ORDERED = """
__global__ void histogram(const int* x, int* out, int n) {
  __shared__ int bins[4];
  if (threadIdx.x < 4) bins[threadIdx.x] = 0;
  __syncthreads();
  atomicAdd(&bins[x[threadIdx.x]], 1);
  __syncthreads();
  if (threadIdx.x < 4) out[threadIdx.x] = bins[threadIdx.x];
}
__global__ void warps(int* out) {
  __shared__ int a[32];
  a[threadIdx.x] = threadIdx.x;
  __syncwarp();
  int next = a[(threadIdx.x + 1) % 32];
  __syncwarp();
  a[threadIdx.x] = next;
  __syncwarp();
  out[threadIdx.x] = a[31 - threadIdx.x];
}
__global__ void neighbours(unsigned char* x) {
  __shared__ unsigned char a[64];
  extern __shared__ unsigned short b[];
  b[threadIdx.x] = a[threadIdx.x] = x[threadIdx.x];
  x[threadIdx.x] = min(a[threadIdx.x] + b[threadIdx.x], 255);
}
"""
WRONG = """
__global__ void outside(const float* x, float* out, int by) { out[threadIdx.x] = x[threadIdx.x + by]; }
__global__ void before(float* out) { out[(int)threadIdx.x - 1] = 0; }
__global__ void tile(float* out) {
  __shared__ float a[4][8];
  a[threadIdx.x][8 * 4 - 8] = 1;
}
__global__ void read_early(float* x) {
  __shared__ float a[64];
  a[threadIdx.x] = x[threadIdx.x];
  x[threadIdx.x] = a[(threadIdx.x + 1) % 64];
}
__global__ void written_late(float* x) {
  __shared__ float a[64];
  a[threadIdx.x] = x[threadIdx.x];
  __syncthreads();
  float next = a[(threadIdx.x + 1) % 64];
  a[threadIdx.x] = next;
}
__global__ void some(float* x) {
  if (threadIdx.x < 40) __syncthreads();
}
__global__ void elsewhere(float* x) {
  if (threadIdx.x < 40)
    __syncthreads();
  else
    __syncthreads();
}
__global__ void absent(float* x) {
  if (threadIdx.x % 32 < 16) __shfl_sync(0xffffffff, 1, 0);
  __syncthreads();
}
__global__ void crooked(const float* x, float* out, int by) {
  ((float4*)out)[threadIdx.x] = *(const float4*)(x + by);
}
__global__ void crooked_tile(float* out) {
  __shared__ float a[64];
  float2 two = *(float2*)(a + 1);
  out[0] = two.x + two.y;
}
__global__ void nothing(float* x) {
  float* none = 0;
  none[threadIdx.x] = 1;
}
"""
