#define _GNU_SOURCE
#include "feed.h"

#include <string.h>

enum { NUMBERS = 1 << 16, POSTS = 1 << 16, ID = 26, NEAR = 320 };

struct feed feed;

static struct {
  uint64_t number, sent, screens;
} items[NUMBERS];

static struct {
  char id[ID];
  uint64_t sent;
} posts[POSTS];

void feed_clear(void) {
  memset(&feed, 0, sizeof feed);
  memset(items, 0, sizeof items);
  memset(posts, 0, sizeof posts);
}

static int slot_of(const unsigned char *id) {
  uint32_t mixed = 2166136261u;
  for (int i = 0; i < ID; i++) mixed = (mixed ^ id[i]) * 16777619u;
  int slot = mixed % POSTS;
  while (posts[slot].sent && memcmp(posts[slot].id, id, ID)) slot = (slot + 1) % POSTS;
  return slot;
}

void feed_sent_post(const char *id, uint64_t at) {
  int slot = slot_of((const unsigned char *)id);
  memcpy(posts[slot].id, id, ID);
  posts[slot].sent = at;
  feed.published++;
}

void feed_sent_number(uint64_t number, uint64_t at) {
  items[number % NUMBERS].number = number;
  items[number % NUMBERS].sent = at;
  items[number % NUMBERS].screens = 0;
  feed.published++;
}

uint64_t number_after(const unsigned char *message, size_t size, const char *key) {
  const unsigned char *at = memmem(message, size < NEAR ? size : NEAR, key, strlen(key));
  uint64_t number = 0;
  if (at)
    for (at += strlen(key); at < message + size && *at >= '0' && *at <= '9'; at++) number = number * 10 + (*at - '0');
  return number;
}

/* The first viewer's message tells which post has which number; for all others the number is enough. */
static void learn(const unsigned char *message, size_t size, uint64_t first, uint64_t last) {
  const unsigned char *at = message, *end = message + size;
  for (uint64_t number = first; number <= last; number++) {
    at = memmem(at, end - at, "\"id\":\"", 6);
    if (!at || end - at < 6 + ID) return;
    at += 6;
    items[number % NUMBERS].number = number;
    items[number % NUMBERS].sent = posts[slot_of(at)].sent;
    items[number % NUMBERS].screens = 0;
  }
}

uint64_t feed_shown(uint64_t next, const unsigned char *message, size_t size, uint64_t at, uint64_t screens) {
  uint64_t first = number_after(message, size, "\"a\":"), last = number_after(message, size, "\"b\":");
  if (!first || last < first) return next;
  if (next && first > next) feed.holes += first - next;
  if (first < next) first = next;
  int ours = 0;
  for (uint64_t number = first; number <= last; number++) {
    if (items[number % NUMBERS].number != number)
      learn(message, size, number_after(message, size, "\"a\":"), last);
    if (items[number % NUMBERS].number != number || !items[number % NUMBERS].sent) continue;
    uint64_t took = at - items[number % NUMBERS].sent;
    ours = 1;
    feed.delivered++;
    histogram_add(&feed.shown, took);
    if (++items[number % NUMBERS].screens == screens) histogram_add(&feed.last, took);
  }
  if (ours) feed.writes++, feed.bytes += size;
  return last + 1;
}
