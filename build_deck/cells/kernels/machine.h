// A CUDA launch carried out by one CPU thread: blocks one after another, the threads of a block as fibers.
//
// A thread runs until it ends or waits for others, so a run repeats itself exactly. Every load and store of the kernel
// comes through the hooks that `-fsanitize=thread` inserts (the sanitizer's own library is not linked) and is checked
// before it happens. Nothing here says anything about time, and of races only those in shared memory are seen.
#pragma once
#define _GLIBCXX_INCLUDE_NEXT_C_HEADERS
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#define HOST __attribute__((no_sanitize("thread"), noinline))

struct uint3 { unsigned x, y, z; };
struct dim3 {
  unsigned x, y, z;
  dim3(unsigned a = 1, unsigned b = 1, unsigned c = 1) : x(a), y(b), z(c) {}
};
static uint3 threadIdx, blockIdx;
static dim3 blockDim, gridDim;
static const int warpSize = 32;

namespace machine {

enum Kind {
  FINE, OUTSIDE_ARGUMENT, OUTSIDE_SHARED, NULL_POINTER, BARRIER, DEADLOCK, RACE, TOO_MUCH_SHARED, NO_MEMORY, MISALIGNED
};
enum State { READY, AT_BARRIER, AT_WARP, ENDED };

const unsigned MOST_THREADS = 1024, MOST_VARIABLES = 64, MOST_ARGUMENTS = 64;
const size_t STACK = 64 << 10, SHARED_SLOT = 1 << 20, STATIC_LIMIT = 48 << 10;
const unsigned char POISON = 0xff;  // NaN in every floating type, -1 in integers

// What Python reads; `shim.Report` mirrors it.
struct Report {
  int kind, store, line, others;
  unsigned where;  // argument, when outside one
  int64_t offset, size;
  uint3 block, thread, other;
  const char* name;  // of the shared variable
  int64_t counts[8];  // requests and sectors of global loads and stores, requests and wavefronts of shared ones
};

struct Argument { char* host; size_t size; int writes; };  // `shim.Argument` mirrors it

struct Fiber {
  ucontext_t context;
  jmp_buf at;
  bool started;
  State state;
  int line;
  unsigned mask;
  int source;  // the lane whose value a warp collective hands over; VOTE for a ballot
  uint64_t value;
};
const int VOTE = -1;

// Who touched a piece of shared memory last, and when: epochs count barriers.
struct Touch { unsigned thread, block, warp; bool many, warps, atomic; };
struct Shared { const char* name; size_t size, piece; Touch *reads, *writes; };

static Fiber fibers[MOST_THREADS];
static char *stacks, *arena, *shared_arena;
static size_t slot, arena_size;
static Argument* arguments;
static unsigned argument_count, threads, now;
static Shared variables[MOST_VARIABLES];
static unsigned variable_count, epoch, warp_epochs[32];
static size_t static_bytes;
static bool atomic_now, counting;
static jmp_buf scheduler, leave;
static Report* report;
static void (*body)(void**);
static void** values;

HOST static uint3 index_of(unsigned thread) {
  return {thread % blockDim.x, thread / blockDim.x % blockDim.y, thread / (blockDim.x * blockDim.y)};
}

[[noreturn]] HOST static void fail(Kind kind) {
  report->kind = kind;
  report->block = blockIdx;
  if (kind != BARRIER && kind != DEADLOCK) report->thread = threadIdx;
  _longjmp(leave, 1);
}

HOST static char* reserve(size_t size) {
  void* made = mmap(0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (made == MAP_FAILED) fail(NO_MEMORY);
  return (char*)made;
}

}  // namespace machine
#include "count.h"
namespace machine {

// Whether two touches by different threads have nothing between them that puts them in order.
HOST static bool unordered(const Touch& last) {
  if (last.thread == ~0u || last.block != epoch || (last.thread == now && !last.many)) return false;
  return last.warps || last.thread / 32 != now / 32 || last.warp == warp_epochs[now / 32];
}

HOST static void touch_shared(Shared& variable, size_t offset, unsigned size, bool store) {
  for (size_t at = offset / variable.piece; at <= (offset + size - 1) / variable.piece; at++) {
    Touch &read = variable.reads[at], &written = variable.writes[at];
    const Touch& last = store ? read : written;
    if (unordered(last) && !(atomic_now && last.atomic)) {
      report->name = variable.name, report->offset = at * variable.piece, report->store = store;
      report->other = index_of(last.thread);
      fail(RACE);
    }
    Touch& mine = store ? written : read;
    bool again = !store && mine.thread != ~0u && mine.block == epoch;
    bool other = again && mine.thread != now;
    bool warps = again && (mine.warps || mine.thread / 32 != now / 32);
    mine = {now, epoch, warp_epochs[now / 32], other || (again && mine.many), warps, atomic_now};
  }
}

// Arguments and shared variables begin at multiples of far more than 16 bytes, so offsets tell how an address lies.
HOST static void touch(void* pointer, unsigned size, bool store, void* site, bool aligned = true) {
  size_t address = (size_t)pointer, at = address - (size_t)arena;
  if (at < arena_size) {
    unsigned which = at / slot;
    int64_t offset = (int64_t)(at % slot) - (int64_t)(slot / 4);
    if (offset < 0 || offset + size > (int64_t)arguments[which].size) {
      report->where = which, report->offset = offset, report->size = size, report->store = store;
      fail(OUTSIDE_ARGUMENT);
    }
    if (aligned && offset % size) {
      report->where = which, report->offset = offset, report->size = size, report->store = store;
      fail(MISALIGNED);
    }
    if (counting) note(site, at, size, store, false);
    return;
  }
  at = address - (size_t)shared_arena;
  if (at < MOST_VARIABLES * SHARED_SLOT) {
    Shared& variable = variables[at / SHARED_SLOT];
    int64_t offset = (int64_t)(at % SHARED_SLOT) - (int64_t)(SHARED_SLOT / 4);
    if (offset < 0 || offset + size > (int64_t)variable.size) {
      report->name = variable.name, report->others = variable.size;
      report->offset = offset, report->size = size, report->store = store;
      fail(OUTSIDE_SHARED);
    }
    if (aligned && offset % size) {
      report->name = variable.name, report->offset = offset, report->size = size, report->store = store;
      fail(MISALIGNED);
    }
    touch_shared(variable, offset, size, store);
    if (counting) note(site, at, size, store, true);
  } else if (address < 65536) {
    report->store = store;
    fail(NULL_POINTER);
  }
}

HOST static char* shared(unsigned which) { return shared_arena + which * SHARED_SLOT + SHARED_SLOT / 4; }

// Bytes that are watched as one: an element, but at most four, so that neighbours are not taken for each other.
template <class T> constexpr size_t piece(T*) { return sizeof(T) % 4 == 0 ? 4 : sizeof(T) % 2 == 0 ? 2 : 1; }
template <class T, size_t n> constexpr size_t piece(T (*)[n]) { return piece((T*)0); }

HOST static void resize(Shared& variable, size_t size, size_t piece) {
  size_t bytes = (size / piece + 1) * sizeof(Touch);
  variable.size = size, variable.piece = piece;
  variable.reads = (Touch*)memset(realloc(variable.reads, bytes), 0xff, bytes);
  variable.writes = (Touch*)memset(realloc(variable.writes, bytes), 0xff, bytes);
}

HOST static unsigned declare(const char* name, size_t size, size_t piece) {
  Shared& variable = variables[variable_count];
  variable.name = name;
  resize(variable, size, piece);
  memset(shared(variable_count), POISON, size);
  return variable_count++;
}

// The memory of one `__shared__` variable, fresh and poisoned in every block.
HOST static char* shared_variable(int& which, const char* name, size_t size, size_t piece) {
  if (which < 0) {
    static_bytes += size;
    if (variable_count == MOST_VARIABLES || static_bytes > STATIC_LIMIT) fail(TOO_MUCH_SHARED);
    which = declare(name, size, piece);
  }
  return shared(which);
}

// The memory whose size the launch says; what it holds is known when a thread asks for it.
HOST static char* dynamic_memory(size_t piece) {
  if (piece < variables[0].piece) resize(variables[0], variables[0].size, piece);
  return shared(0);
}

HOST static void freshen() {
  epoch++;  // never reset, so that touches of earlier blocks are old
  for (unsigned i = 0; i < variable_count; i++) memset(shared(i), POISON, variables[i].size);
}

}  // namespace machine
#include "threads.h"
