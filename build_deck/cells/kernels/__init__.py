"""CUDA C++ kernels in cells: built by g++ for one CPU thread that stands in for a GPU, or by NVRTC for a real one.

A `cuda` fence holds kernels and device functions and no `main`. Its card's Python cells launch them by name, as
`cuda("cell-id").kernel[grid, block, shared_bytes](x, y, n)`, with torch tensors or numpy arrays; where the tensors lie
decides where the kernel runs. On the CPU what comes out is `simulated`: arithmetic, indexing, barriers, bounds and
races in shared memory are checked, time and everything that the hardware does in parallel is not.
"""
