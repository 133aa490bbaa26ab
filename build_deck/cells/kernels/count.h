// What the lanes of a warp ask for at the same place of the program, the same time round, is one request. Here requests
// are gathered while a launch is counted, and split into 32-byte sectors of global memory or turns of the shared banks.
#pragma once

namespace machine {

struct Access {
  void* site;
  unsigned lane, order, nth;
  size_t address;
  unsigned size;
  bool store, shared;
};
static Access* trace;
static size_t traced, trace_room;

HOST static void note(void* site, size_t address, unsigned size, bool store, bool shared) {
  if (traced == trace_room) {
    trace_room = trace_room ? 2 * trace_room : 4096;
    trace = (Access*)realloc(trace, trace_room * sizeof(Access));
  }
  trace[traced] = {site, now % 32, (unsigned)traced, 0, address, size, store, shared};
  traced++;
}

HOST static int by_lane(const void* a, const void* b) {
  const Access &left = *(const Access*)a, &right = *(const Access*)b;
  if (left.site != right.site) return left.site < right.site ? -1 : 1;
  if (left.lane != right.lane) return left.lane < right.lane ? -1 : 1;
  return left.order < right.order ? -1 : 1;
}

HOST static int by_turn(const void* a, const void* b) {
  const Access &left = *(const Access*)a, &right = *(const Access*)b;
  if (left.site != right.site) return left.site < right.site ? -1 : 1;
  if (left.nth != right.nth) return left.nth < right.nth ? -1 : 1;
  return left.lane < right.lane ? -1 : 1;
}

HOST static int by_number(const void* a, const void* b) {
  size_t left = *(const size_t*)a, right = *(const size_t*)b;
  return left < right ? -1 : left > right;
}

HOST static unsigned distinct(size_t* numbers, unsigned count) {
  qsort(numbers, count, sizeof(size_t), by_number);
  unsigned found = 0;
  for (unsigned i = 0; i < count; i++) found += i == 0 || numbers[i] != numbers[i - 1];
  return found;
}

HOST static unsigned sectors(const Access* first, unsigned count) {
  size_t numbers[64];
  unsigned filled = 0;
  for (unsigned i = 0; i < count; i++) {
    numbers[filled++] = first[i].address / 32;
    numbers[filled++] = (first[i].address + first[i].size - 1) / 32;
  }
  return distinct(numbers, filled);
}

HOST static unsigned wavefronts(const Access* first, unsigned count) {
  unsigned words = (first->size + 3) / 4, lanes = 32 / words, total = 0;
  for (unsigned start = 0; start < 32; start += lanes) {  // wide accesses go in halves or quarters of a warp
    unsigned worst = 0;
    for (unsigned bank = 0; bank < 32; bank++) {
      size_t numbers[128];
      unsigned filled = 0;
      for (unsigned i = 0; i < count; i++)
        if (first[i].lane / lanes == start / lanes)
          for (unsigned word = 0; word < words; word++)
            if ((first[i].address / 4 + word) % 32 == bank) numbers[filled++] = first[i].address / 4 + word;
      unsigned found = distinct(numbers, filled);
      worst = found > worst ? found : worst;
    }
    total += worst;
  }
  return total;
}

HOST static void count_requests() {
  qsort(trace, traced, sizeof(Access), by_lane);
  for (size_t i = 1; i < traced; i++)
    if (trace[i].site == trace[i - 1].site && trace[i].lane == trace[i - 1].lane) trace[i].nth = trace[i - 1].nth + 1;
  qsort(trace, traced, sizeof(Access), by_turn);
  for (size_t i = 0, end; i < traced; i = end) {
    for (end = i; end < traced && trace[end].site == trace[i].site && trace[end].nth == trace[i].nth;) end++;
    int64_t* pair = report->counts + 4 * trace[i].shared + 2 * trace[i].store;
    pair[0]++;
    pair[1] += trace[i].shared ? wavefronts(trace + i, end - i) : sectors(trace + i, end - i);
  }
  traced = 0;
}

}  // namespace machine
