#define _GNU_SOURCE
#include "meter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static pid_t processes[PROCESSES];
static int known;

uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000ull + t.tv_nsec;
}

void histogram_clear(struct histogram *h) { memset(h, 0, sizeof *h); }

void histogram_add(struct histogram *h, uint64_t ns) {
  int at = (int)ns;
  if (ns >= HALVES) {
    int doubling = 63 - __builtin_clzll(ns);
    at = (doubling - 4) * HALVES + (int)((ns >> (doubling - 5)) & (HALVES - 1));
  }
  h->count[at < BUCKETS ? at : BUCKETS - 1]++;
  if (ns > h->most) h->most = ns;
}

double histogram_ms(const struct histogram *h, double share) {
  uint64_t all = 0, passed = 0;
  for (int i = 0; i < BUCKETS; i++) all += h->count[i];
  for (int i = 0; all && i < BUCKETS; i++) {
    passed += h->count[i];
    if (passed < share * all) continue;
    if (i < HALVES) return i / 1e6;
    int doubling = i / HALVES + 4;
    return ((1ull << doubling) + ((uint64_t)(i % HALVES) << (doubling - 5)) + (1ull << (doubling - 5)) / 2) / 1e6;
  }
  return -1;
}

void processes_are(char *ids) {
  known = 0;
  for (char *id = strtok(ids, ","); id && known < PROCESSES; id = strtok(NULL, ",")) processes[known++] = atoi(id);
}

static double read_clock(clockid_t clock) {
  struct timespec t;
  return clock_gettime(clock, &t) ? 0 : t.tv_sec + t.tv_nsec / 1e9;
}

double cpu_seconds(void) {
  double sum = 0;
  clockid_t clock;
  for (int i = 0; i < known; i++)
    if (clock_getcpuclockid(processes[i], &clock) == 0) sum += read_clock(clock);
  return sum;
}

double own_cpu_seconds(void) { return read_clock(CLOCK_PROCESS_CPUTIME_ID); }

long resident_kib(void) {
  long sum = 0, all, resident;
  char path[64];
  for (int i = 0; i < known; i++) {
    snprintf(path, sizeof path, "/proc/%d/statm", processes[i]);
    FILE *file = fopen(path, "r");
    if (!file) continue;
    if (fscanf(file, "%ld %ld", &all, &resident) == 2) sum += resident * (sysconf(_SC_PAGESIZE) / 1024);
    fclose(file);
  }
  return sum;
}
