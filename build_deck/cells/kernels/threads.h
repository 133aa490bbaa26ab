// The threads of a block as fibers, for `machine.h`: one runs until it ends or waits for others; who may go on then.
#pragma once
namespace machine {

HOST static void pause(State state) {
  Fiber& mine = fibers[now];
  mine.state = state;
  if (!_setjmp(mine.at)) _longjmp(scheduler, 1);
}

HOST static void begin() {
  for (;;) {
    body(values);
    pause(ENDED);
  }
}

HOST static void barrier(int line) {
  fibers[now].line = line;
  pause(AT_BARRIER);
}

// A warp collective: hand in a value, get that of lane `source`, or for VOTE one bit of every lane.
HOST static uint64_t collective(unsigned mask, uint64_t value, int source) {
  Fiber& mine = fibers[now];
  mine.mask = mask, mine.value = value, mine.source = source;
  pause(AT_WARP);
  return fibers[now].value;
}

HOST static void resume(unsigned thread) {
  now = thread;
  threadIdx = index_of(thread);
  Fiber& fiber = fibers[thread];
  if (_setjmp(scheduler)) return;
  if (fiber.started) _longjmp(fiber.at, 1);
  fiber.started = true;
  getcontext(&fiber.context);
  fiber.context.uc_stack.ss_sp = stacks + thread * STACK;
  fiber.context.uc_stack.ss_size = STACK;
  fiber.context.uc_link = 0;
  makecontext(&fiber.context, begin, 0);
  setcontext(&fiber.context);
}

HOST static void hand_over(unsigned warp, unsigned lanes) {
  uint64_t given[32], votes = 0;
  for (unsigned lane = 0; lane < 32; lane++) {
    given[lane] = lanes >> lane & 1 ? fibers[warp + lane].value : ~0ull;  // of a lane that is not there: poison
    votes |= (uint64_t)(lanes >> lane & 1 && given[lane]) << lane;
  }
  for (unsigned lane = 0; lane < 32; lane++)
    if (lanes >> lane & 1) {
      Fiber& fiber = fibers[warp + lane];
      fiber.value = fiber.source == VOTE ? votes : given[fiber.source & 31];
      fiber.state = READY;
    }
  warp_epochs[warp / 32]++;
}

// Let go on the lanes that wait for each other and have all come; those that have ended are not waited for.
HOST static bool release_warp(unsigned warp) {
  unsigned alive = 0, waiting = 0;
  for (unsigned lane = 0; lane < 32 && warp + lane < threads; lane++) {
    alive |= (unsigned)(fibers[warp + lane].state != ENDED) << lane;
    waiting |= (unsigned)(fibers[warp + lane].state == AT_WARP) << lane;
  }
  for (unsigned lane = 0; lane < 32; lane++) {
    if (!(waiting >> lane & 1)) continue;
    unsigned mask = fibers[warp + lane].mask & alive, agreed = 0;
    for (unsigned other = 0; other < 32; other++)
      if (mask >> other & 1 && waiting >> other & 1 && fibers[warp + other].mask == fibers[warp + lane].mask)
        agreed |= 1u << other;
    if (mask >> lane & 1 && agreed == mask) {
      hand_over(warp, agreed);
      return true;
    }
  }
  return false;
}

// Whether the block goes on; the barrier must be the same one for every thread.
HOST static bool release_block() {
  unsigned count[4] = {0, 0, 0, 0}, first = threads;
  for (unsigned i = 0; i < threads; i++) {
    count[fibers[i].state]++;
    if (fibers[i].state != AT_BARRIER) continue;
    if (first == threads) first = i;
    if (fibers[i].line != fibers[first].line) {
      report->line = fibers[first].line, report->others = fibers[i].line;
      fail(BARRIER);
    }
  }
  if (count[ENDED] == threads) return false;
  report->line = first < threads ? fibers[first].line : 0, report->size = count[AT_BARRIER];
  report->offset = threads;
  if (count[AT_WARP]) fail(DEADLOCK);
  if (count[AT_BARRIER] != threads) fail(BARRIER);
  for (unsigned i = 0; i < threads; i++) fibers[i].state = READY;
  epoch++;
  return true;
}

HOST static void run_block() {
  freshen();
  for (unsigned i = 0; i < threads; i++) fibers[i].state = READY;
  do {
    for (unsigned warp = 0; warp < threads; warp += 32) {
      do {
        for (unsigned i = warp; i < warp + 32 && i < threads; i++)
          if (fibers[i].state == READY) resume(i);
        if (counting) count_requests();
      } while (release_warp(warp));
    }
  } while (release_block());
}

HOST static void run_grid(size_t dynamic) {
  if (!stacks) stacks = reserve(MOST_THREADS * STACK);
  if (!shared_arena) shared_arena = reserve(MOST_VARIABLES * SHARED_SLOT);
  if (!variable_count) declare("", 0, 4);
  resize(variables[0], dynamic, 4);
  for (unsigned z = 0; z < gridDim.z; z++)
    for (unsigned y = 0; y < gridDim.y; y++)
      for (unsigned x = 0; x < gridDim.x; x++) {
        blockIdx = {x, y, z};
        run_block();
      }
}

}  // namespace machine
