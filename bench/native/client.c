/* The load client: one thread that opens viewers, publishes, and tells what arrived and what it cost the server.
 *
 * Commands come on standard input, a line each; each is answered by one line of JSON. See crowd.py, which speaks to it.
 * While it measures it polls without sleeping, so that no server pays for waking it. Loopback only. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "feed.h"
#include "lines.h"

enum { VIEWERS_MOST = 1 << 16, PUBLISHERS_MOST = 1024, DEAF_MOST = 1024, GRACE_S = 15, OPEN_LIMIT_S = 120 };

static struct line viewers[VIEWERS_MOST], publishers[PUBLISHERS_MOST], deaf[DEAF_MOST];
static int wanted, publisher_count, deaf_count, message_bytes = 400;
static char **frames;
static size_t frame_count, next_frame;
static uint64_t number;

static void pump(int wait_ms) {
  struct epoll_event events[512];
  int ready = epoll_wait(queue, events, 512, wait_ms);
  for (int i = 0; i < ready; i++)
    if (events[i].data.ptr) line_ready(events[i].data.ptr, tally.open);
}

static void answer(const char *format, ...) {
  va_list rest;
  va_start(rest, format);
  vprintf(format, rest);
  va_end(rest);
  putchar('\n');
  fflush(stdout);
}

/* What the server said first when it refused something, fit to stand in JSON. */
static const char *refusal(void) {
  for (char *c = tally.first_refusal; *c; c++)
    if (*c == '"' || *c == '\\' || (unsigned char)*c < ' ' || (unsigned char)*c > '~') *c = '\'';
  return tally.first_refusal;
}

/* Viewers up to `count` in all, at most `at_once` under way; over `seconds` if that is not 0. */
static void open_viewers(int count, int at_once, double seconds) {
  uint64_t began = now_ns(), limit = began + OPEN_LIMIT_S * 1000000000ull;
  long resident = resident_kib();
  double cpu = cpu_seconds();
  int opened = -tally.open, next = 0, retries = tally.retries;
  wanted = count;
  histogram_clear(&tally.opened);
  tally.greeting_bytes = 0;
  for (int i = 0; i < wanted; i++) {
    viewers[i].number = i;
    /* In an order that has nothing to do with where they stood before. */
    if (viewers[i].state == AWAY) viewers[i].due = seconds ? began + (i * 7919ull % wanted) * seconds * 1e9 / wanted : 0;
  }
  while (tally.open < wanted && now_ns() < limit && !tally.first_refusal[0]) {
    uint64_t now = now_ns();
    for (int tried = 0; tried < wanted && tally.opening < at_once; tried++, next = (next + 1) % wanted) {
      struct line *line = viewers + next;
      uint64_t pause = line->retries * 200000000ull;
      if (line->state == AWAY && now >= line->due + pause) line_open(line, 0);
    }
    pump(seconds ? 1 : 0);
  }
  opened += tally.open;
  double took = (now_ns() - began) / 1e9, used = cpu_seconds() - cpu;
  answer("{\"open\":%d,\"opened\":%d,\"seconds\":%.3f,\"cpu_us\":%.2f,\"retries\":%d,\"kib_before\":%ld,\"kib\":%ld,"
         "\"p50_ms\":%.2f,\"p99_ms\":%.2f,\"max_ms\":%.2f,\"bytes\":%.0f,\"refusal\":\"%s\"}",
         tally.open, opened, took, opened ? used / opened * 1e6 : 0, tally.retries - retries, resident, resident_kib(),
         histogram_ms(&tally.opened, .5), histogram_ms(&tally.opened, .99), tally.opened.most / 1e6,
         opened ? (double)tally.greeting_bytes / opened : 0, refusal());
}

static void open_publishers(int count) {
  uint64_t limit = now_ns() + 20000000000ull;
  for (; publisher_count < count && publisher_count < PUBLISHERS_MOST; publisher_count++) {
    struct line *line = publishers + publisher_count;
    *line = (struct line){.publisher = 1, .number = publisher_count};
    line_open(line, 0);
    while (line->state != OPEN && line->state != AWAY && now_ns() < limit) pump(1);
  }
  int open = 0;
  for (int i = 0; i < publisher_count; i++) open += publishers[i].state == OPEN;
  answer("{\"publishers\":%d}", open);
}

static void open_deaf(int count) {
  uint64_t limit = now_ns() + 20000000000ull;
  int before = tally.open;
  for (; deaf_count < count && deaf_count < DEAF_MOST; deaf_count++) {
    deaf[deaf_count] = (struct line){.number = deaf_count};
    line_open(deaf + deaf_count, 1);
    while (deaf[deaf_count].state != OPEN && deaf[deaf_count].state != AWAY && now_ns() < limit) pump(1);
  }
  /* Nobody waits for these: an item is on the last screen without them. */
  int joined = tally.open - before;
  tally.open = before;
  answer("{\"deaf\":%d}", joined);
}

static void count_cut(void) {
  int cut = 0;
  for (int i = 0; i < deaf_count; i++) cut += line_was_cut(deaf + i);
  answer("{\"cut\":%d,\"deaf\":%d}", cut, deaf_count);
}

static void load(const char *path) {
  char *line = NULL;
  size_t room = 0;
  ssize_t size;
  FILE *file = fopen(path, "r");
  for (size_t i = 0; i < frame_count; i++) free(frames[i]);
  frame_count = next_frame = 0;
  while (file && (size = getline(&line, &room, file)) > 1) {
    line[size - 1] = 0;
    if (frame_count % 1024 == 0) frames = realloc(frames, (frame_count + 1024) * sizeof *frames);
    frames[frame_count++] = strdup(line);
  }
  if (file) fclose(file);
  free(line);
  answer("{\"frames\":%zu}", frame_count);
}

/* One with nothing unanswered; if there is none and it must be, the next in turn. */
static struct line *free_publisher(int must) {
  static int turn;
  for (int tried = 0; tried < publisher_count; tried++) {
    struct line *line = publishers + (turn = (turn + 1) % publisher_count);
    if (line->state == OPEN && !line->asked) return line;
  }
  return must && publisher_count ? publishers + (turn = (turn + 1) % publisher_count) : NULL;
}

static int publish_frame(int must) {
  struct line *line = next_frame < frame_count ? free_publisher(must) : NULL;
  if (!line || line->state != OPEN) return 0;
  const char *text = frames[next_frame++], *post = strstr(text, "\"post\":\"");
  uint64_t now = now_ns();
  if (post) feed_sent_post(post + 8, now);
  else feed.published++;
  line->asked++;
  line->asked_at = now;
  line_send(line, text, strlen(text));
  return 1;
}

/* As long as an item of the product, and with its numbers, so that one reader serves all. */
static int publish_plain(void) {
  char text[8192];
  const char *before = "", *after = "";
  if (options.protocol == SOCKETIO) before = "42[\"pub\",", after = "]";
  if (options.protocol == CENTRIFUGO) before = "{\"id\":9,\"publish\":{\"channel\":\"r\",\"data\":", after = "}}";
  number++;
  int size = snprintf(text, sizeof text, "%s{\"t\":\"ev\",\"a\":%llu,\"b\":%llu,\"x\":\"", before,
                      (unsigned long long)number, (unsigned long long)number);
  int upto = message_bytes - 2 + (int)strlen(before);
  while (size < upto) text[size++] = 'x';
  size += snprintf(text + size, sizeof text - size, "\"}%s", after);
  feed_sent_number(number, now_ns());
  line_send(publishers, text, size);
  return 1;
}

static int publish(int must) { return options.protocol == WENZHENG ? publish_frame(must) : publish_plain(); }

struct phase {
  uint64_t began;
  double cpu, own;
};

static struct phase phase_begin(void) {
  feed_clear();
  histogram_clear(&tally.answers);
  tally.answered = tally.refused = tally.lost = 0;
  return (struct phase){now_ns(), cpu_seconds(), own_cpu_seconds()};
}

static void phase_end(struct phase phase) {
  uint64_t limit = now_ns() + GRACE_S * 1000000000ull;
  int asking = options.protocol == WENZHENG;
  while ((feed.delivered < feed.published * tally.open || (asking && tally.answered + tally.refused < feed.published)) &&
         now_ns() < limit)
    pump(0);
  double wall = (now_ns() - phase.began) / 1e9, cpu = cpu_seconds() - phase.cpu, own = own_cpu_seconds() - phase.own;
  answer("{\"published\":%llu,\"answered\":%llu,\"refused\":%llu,\"delivered\":%llu,\"missing\":%lld,\"writes\":%llu,"
         "\"bytes\":%llu,\"holes\":%llu,\"lost\":%d,\"wall_s\":%.3f,\"cpu_s\":%.4f,\"client_s\":%.3f,\"kib\":%ld,"
         "\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"max_ms\":%.3f,\"last_p50_ms\":%.3f,\"last_p99_ms\":%.3f,"
         "\"answer_p50_ms\":%.3f,\"answer_p99_ms\":%.3f,\"refusal\":\"%s\"}",
         (unsigned long long)feed.published, (unsigned long long)tally.answered, (unsigned long long)tally.refused,
         (unsigned long long)feed.delivered, (long long)(feed.published * tally.open - feed.delivered),
         (unsigned long long)feed.writes, (unsigned long long)feed.bytes, (unsigned long long)feed.holes, tally.lost,
         wall, cpu, own, resident_kib(), histogram_ms(&feed.shown, .5), histogram_ms(&feed.shown, .99),
         feed.shown.most / 1e6, histogram_ms(&feed.last, .5), histogram_ms(&feed.last, .99),
         histogram_ms(&tally.answers, .5), histogram_ms(&tally.answers, .99), refusal());
}

/* At most `window` publications that are not on every screen yet. */
static void closed_loop(int window, double seconds) {
  struct phase phase = phase_begin();
  uint64_t until = phase.began + (uint64_t)(seconds * 1e9);
  while (now_ns() < until && tally.open && (options.protocol != WENZHENG || next_frame < frame_count)) {
    while (feed.published < feed.delivered / tally.open + window && publish(0))
      ;
    pump(0);
  }
  phase_end(phase);
}

static void at_rate(double rate, int burst, double seconds) {
  struct phase phase = phase_begin();
  uint64_t until = phase.began + (uint64_t)(seconds * 1e9), next = phase.began;
  while (now_ns() < until) {
    if (now_ns() >= next) {
      for (int i = 0; i < burst; i++) publish(1);
      next += (uint64_t)(1e9 / rate);
    }
    pump(0);
  }
  phase_end(phase);
}

/* All frames, each publisher the next one when its last is answered. */
static void ask_all(void) {
  struct phase phase = phase_begin();
  while (next_frame < frame_count && now_ns() < phase.began + OPEN_LIMIT_S * 1000000000ull) {
    while (publish(0))
      ;
    pump(0);
  }
  phase_end(phase);
}

static void rest(double seconds) {
  uint64_t until = now_ns() + (uint64_t)(seconds * 1e9);
  double cpu = cpu_seconds();
  while (now_ns() < until) pump(20);
  answer("{\"open\":%d,\"byes\":%d,\"lost\":%d,\"kib\":%ld,\"cpu_s\":%.4f}", tally.open, tally.byes, tally.lost,
         resident_kib(), cpu_seconds() - cpu);
}

static void close_viewers(void) {
  for (int i = 0; i < wanted; i++) line_close(viewers + i), viewers[i].due = viewers[i].retries = 0;
  tally.lost = tally.byes = 0;
  answer("{\"open\":%d}", tally.open);
}

static int obey(char *line) {
  char path[4096];
  int count, window;
  double seconds, rate;
  if (sscanf(line, "open %d %d %lf", &count, &window, &seconds) == 3) open_viewers(count, window, seconds);
  else if (sscanf(line, "publishers %d", &count) == 1) open_publishers(count);
  else if (sscanf(line, "deaf %d", &count) == 1) open_deaf(count);
  else if (sscanf(line, "load %4095s", path) == 1) load(path);
  else if (sscanf(line, "closed %d %lf", &window, &seconds) == 2) closed_loop(window, seconds);
  else if (sscanf(line, "rate %lf %d %lf", &rate, &count, &seconds) == 3) at_rate(rate, count, seconds);
  else if (sscanf(line, "rest %lf", &seconds) == 1) rest(seconds);
  else if (sscanf(line, "processes %4095s", path) == 1) processes_are(path), answer("{}");
  else if (!strncmp(line, "ask", 3)) ask_all();
  else if (!strncmp(line, "cut", 3)) count_cut();
  else if (!strncmp(line, "shut", 4)) close_viewers();
  else return 0;
  return 1;
}

static void tokens_from(const char *path) {
  static char *tokens[PUBLISHERS_MOST];
  size_t room = 0;
  ssize_t size;
  FILE *file = fopen(path, "r");
  options.tokens = tokens;
  while (file && options.token_count < PUBLISHERS_MOST &&
         (size = getline(tokens + options.token_count, (room = 0, &room), file)) > 1)
    tokens[options.token_count++][size - 1] = 0;
  if (file) fclose(file);
}

static void options_from(int words, char **word) {
  static const char *spoken[] = {"plain", "wenzheng", "socketio", "centrifugo"};
  for (int o; (o = getopt(words, word, "p:k:P:i:s:q:r:t:b:")) != -1;) switch (o) {
      case 'p': options.port = atoi(optarg); break;
      case 'k':
        for (int i = 0; i < 4; i++)
          if (!strcmp(optarg, spoken[i])) options.protocol = i;
        break;
      case 'P': processes_are(optarg); break;
      case 'i': options.sources = atoi(optarg); break;
      case 's': options.viewer_path = optarg; break;
      case 'q': options.publisher_path = optarg; break;
      case 'r': options.room = optarg; break;
      case 't': tokens_from(optarg); break;
      case 'b': message_bytes = atoi(optarg); break;
      default: exit(2);
    }
}

int main(int words, char **word) {
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  options_from(words, word);
  queue = epoll_create1(0);
  struct epoll_event input = {.events = EPOLLIN, .data.ptr = NULL};
  epoll_ctl(queue, EPOLL_CTL_ADD, 0, &input);
  /* A command is written whole and only after the last was answered, so that nothing is left in a buffer of ours. */
  for (char line[4200]; ; ) {
    struct epoll_event events[512];
    int ready = epoll_wait(queue, events, 512, -1), asked = 0;
    for (int i = 0; i < ready; i++)
      if (events[i].data.ptr) line_ready(events[i].data.ptr, tally.open);
      else asked = 1;
    if (!asked) continue;
    ssize_t size = read(0, line, sizeof line - 1);
    if (size <= 0) return 0;
    line[size] = 0;
    if (!obey(line)) return fprintf(stderr, "not understood: %s", line), 2;
  }
}
