/* Connections of the load client: viewers who watch one room, and publishers who write into it. */
#ifndef LINES_H
#define LINES_H
#include <stddef.h>
#include <stdint.h>

#include "meter.h"

enum protocol { PLAIN, WENZHENG, SOCKETIO, CENTRIFUGO };
enum state { AWAY, CONNECTING, HANDSHAKE, GREETING, OPEN };

struct line {
  int fd, number, retries, asked; /* asked: commands that are not answered yet */
  uint8_t state, publisher, deaf;
  unsigned char *rest; /* of a message that has not come whole */
  size_t held;
  uint64_t due, began, next, asked_at;
};

struct options {
  enum protocol protocol;
  int port, sources;
  const char *viewer_path, *publisher_path, *room, *channel;
  char **tokens;
  int token_count;
};

struct tally {
  int open, opening, lost, byes, retries;
  uint64_t answered, refused, greeting_bytes;
  struct histogram opened, answers;
  char first_refusal[200];
};

extern struct options options;
extern struct tally tally;
extern int queue; /* epoll; standard input is in it with a null pointer */

void line_open(struct line *line, int deaf);
void line_close(struct line *line);
void line_send(struct line *line, const char *text, size_t size);
void line_ready(struct line *line, uint64_t screens);
/* Reads what is left for one that never read; 1 when the server had ended it. */
int line_was_cut(struct line *line);
#endif
