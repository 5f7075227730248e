/* Time, histograms of it, and what a process of the machine has used. */
#ifndef METER_H
#define METER_H
#include <stdint.h>

enum { HALVES = 32, BUCKETS = 64 * HALVES, PROCESSES = 16 };

/* Exact to 3 in a hundred: 32 buckets for each doubling of nanoseconds. */
struct histogram {
  uint64_t count[BUCKETS], most;
};

uint64_t now_ns(void);
void histogram_clear(struct histogram *h);
void histogram_add(struct histogram *h, uint64_t ns);
/* In milliseconds; -1 if nothing was added. */
double histogram_ms(const struct histogram *h, double share);

/* The processes measured: a list of ids joined with commas. */
void processes_are(char *ids);
/* Seconds of user and system time of all their threads, those that ended among them. */
double cpu_seconds(void);
double own_cpu_seconds(void);
long resident_kib(void);
#endif
