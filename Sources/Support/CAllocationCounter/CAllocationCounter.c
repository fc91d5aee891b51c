// glibc exports its allocator under second names, so that a program may define the first ones.
#define _GNU_SOURCE
#include "CAllocationCounter.h"

#include <errno.h>
#include <execinfo.h>
#include <stddef.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define OWNS_HEAP 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define OWNS_HEAP 0
#endif
#endif
#ifndef OWNS_HEAP
#define OWNS_HEAP 1
#endif

static _Thread_local uint64_t count __attribute__((tls_model("initial-exec")));
static _Thread_local int traces __attribute__((tls_model("initial-exec")));

uint64_t allocation_count(void) { return count; }
bool allocation_counts(void) { return OWNS_HEAP; }
void allocation_trace_next(int number) { traces = number; }

#if OWNS_HEAP
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

static void note(void) {
  count++;
  if (traces <= 0) return;
  int left = traces - 1;
  // Taking the stack may itself allocate.
  traces = 0;
  void *frames[32];
  backtrace_symbols_fd(frames, backtrace(frames, 32), 2);
  traces = left;
}

void *malloc(size_t size) {
  note();
  return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
  note();
  return __libc_calloc(number, size);
}

void *realloc(void *block, size_t size) {
  void *result = __libc_realloc(block, size);
  if (result != block) note();
  return result;
}

void *memalign(size_t alignment, size_t size) {
  note();
  return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **block, size_t alignment, size_t size) {
  if (alignment < sizeof(void *) || (alignment & (alignment - 1)) != 0) return EINVAL;
  void *result = memalign(alignment, size);
  if (!result) return ENOMEM;
  *block = result;
  return 0;
}

void free(void *block) { __libc_free(block); }
#endif
