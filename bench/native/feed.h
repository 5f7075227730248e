/* What was published when, and what came of it on the screens: by number, or by the id of a post. */
#ifndef FEED_H
#define FEED_H
#include <stddef.h>
#include <stdint.h>

#include "meter.h"

struct feed {
  uint64_t published, delivered, writes, bytes, holes;
  struct histogram shown, last; /* each item on each screen; each item on the last of them */
};

extern struct feed feed;

void feed_clear(void);
/* `id` of a post whose number is not known yet. */
void feed_sent_post(const char *id, uint64_t at);
void feed_sent_number(uint64_t number, uint64_t at);
/* A message as a viewer got it who stands before `next`; answers where it stands now. */
uint64_t feed_shown(uint64_t next, const unsigned char *message, size_t size, uint64_t at, uint64_t screens);
/* The number after `key`, such as `"head":`, near the beginning of a message; 0 without. */
uint64_t number_after(const unsigned char *message, size_t size, const char *key);
#endif
