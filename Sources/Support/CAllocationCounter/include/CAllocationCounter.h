#ifndef C_ALLOCATION_COUNTER_H
#define C_ALLOCATION_COUNTER_H
// Counts what a thread asks of the heap. Linking this target replaces malloc and its relatives in the whole
// program by functions that count and pass on to the C library. For tests only.

#include <stdbool.h>
#include <stdint.h>

// Blocks this thread has asked for since it began: malloc, calloc, aligned allocations, and realloc that moved or
// made a block.
uint64_t allocation_count(void);

// False when the count stays 0 because a sanitizer owns the heap.
bool allocation_counts(void);

// Prints the call stacks of this thread's next allocations to standard error, to find out who asks.
void allocation_trace_next(int count);

#endif
