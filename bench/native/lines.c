#define _GNU_SOURCE
#include "lines.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "feed.h"

enum { BUFFER = 1 << 20, DEAF_BUFFER = 4096, DEAF_WAIT_MS = 1000 };

struct options options = {.sources = 1, .viewer_path = "/room", .publisher_path = "/pub", .room = "", .channel = "r"};
struct tally tally;
int queue;

static unsigned char buffer[BUFFER];

static void watch(struct line *line, uint32_t what, int how) {
  struct epoll_event event = {.events = what, .data.ptr = line};
  epoll_ctl(queue, how, line->fd, &event);
}

void line_open(struct line *line, int deaf) {
  int on = 1, small = DEAF_BUFFER;
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(options.port)}, from = {.sin_family = AF_INET};
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  line->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (line->fd < 0) perror("socket"), exit(1);
  setsockopt(line->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (deaf) setsockopt(line->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  if (options.sources > 1) {
    /* One address has too few ports for tens of thousands of connections that come and go. */
    setsockopt(line->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + line->number % options.sources);
    if (bind(line->fd, (void *)&from, sizeof from)) perror("bind"), exit(1);
  }
  line->began = now_ns();
  if (!line->due) line->due = line->began;
  line->state = CONNECTING;
  line->deaf = deaf;
  line->next = 0;
  if (!line->publisher) tally.opening++;
  if (connect(line->fd, (void *)&to, sizeof to) && errno != EINPROGRESS) perror("connect"), exit(1);
  watch(line, EPOLLOUT, EPOLL_CTL_ADD);
}

void line_close(struct line *line) {
  if (line->state == AWAY) return;
  if (!line->publisher) line->state == OPEN ? tally.open-- : tally.opening--;
  if (line->state == OPEN) tally.lost++;
  close(line->fd);
  free(line->rest);
  line->rest = NULL;
  line->held = 0;
  line->state = AWAY;
}

static void say_head(struct line *line) {
  /* Of the size a browser sends. */
  char head[2048];
  const char *path = line->publisher ? options.publisher_path : options.viewer_path;
  const char *spoken = options.protocol == WENZHENG ? "Sec-WebSocket-Protocol: wenzheng.v1.json\r\n" : "";
  int size = snprintf(head, sizeof head,
      "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: Upgrade\r\nPragma: no-cache\r\nCache-Control: no-cache\r\n"
      "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 "
      "Safari/537.36\r\nUpgrade: websocket\r\nOrigin: http://127.0.0.1:%d\r\nSec-WebSocket-Version: 13\r\n"
      "Accept-Encoding: gzip, deflate, br\r\nAccept-Language: zh-CN,zh;q=0.9,en;q=0.8\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n%s\r\n",
      path, options.port, options.port, spoken);
  if (send(line->fd, head, size, MSG_NOSIGNAL) != size) { line_close(line); return; }
  line->state = HANDSHAKE;
  watch(line, EPOLLIN, EPOLL_CTL_MOD);
}

static void send_frame(struct line *line, int code, const char *text, size_t size) {
  static unsigned char framed[1 << 16];
  const unsigned char mask[4] = {0x11, 0x22, 0x33, 0x44};
  size_t head = size < 126 ? 2 : 4;
  framed[0] = 0x80 | code;
  framed[1] = 0x80 | (size < 126 ? size : 126);
  if (size >= 126) framed[2] = size >> 8, framed[3] = size;
  memcpy(framed + head, mask, 4);
  for (size_t i = 0; i < size; i++) framed[head + 4 + i] = text[i] ^ mask[i & 3];
  if (send(line->fd, framed, head + 4 + size, MSG_NOSIGNAL) != (ssize_t)(head + 4 + size))
    fprintf(stderr, "a message did not fit into the socket\n");
}

void line_send(struct line *line, const char *text, size_t size) { send_frame(line, 1, text, size); }

static void open_now(struct line *line) {
  line->state = OPEN;
  if (line->publisher) return;
  tally.open++;
  tally.opening--;
  histogram_add(&tally.opened, now_ns() - line->due);
  if (line->deaf) epoll_ctl(queue, EPOLL_CTL_DEL, line->fd, NULL);
}

static void say_hello(struct line *line) {
  char text[2048];
  int size = 0;
  line->state = GREETING;
  if (options.protocol == WENZHENG && line->publisher && options.token_count)
    size = snprintf(text, sizeof text, "[{\"t\":\"hello\",\"id\":\"h\",\"token\":\"%s\"}]",
                    options.tokens[line->number % options.token_count]);
  else if (options.protocol == WENZHENG)
    size = snprintf(text, sizeof text, "[{\"t\":\"hello\",\"id\":\"h\"},{\"t\":\"join\",\"id\":\"j\",\"room\":\"%s\"}]",
                    options.room);
  else if (options.protocol == CENTRIFUGO)
    size = snprintf(text, sizeof text, "{\"id\":1,\"connect\":{}}%s",
                    line->publisher ? "" : "\n{\"id\":2,\"subscribe\":{\"channel\":\"r\"}}");
  if (options.protocol == PLAIN) open_now(line);
  else if (size) line_send(line, text, size);
}

static int has(const unsigned char *p, size_t size, const char *word) {
  return memmem(p, size < 400 ? size : 400, word, strlen(word)) != NULL;
}

static void greeted(struct line *line, const unsigned char *p, size_t size) {
  tally.greeting_bytes += size;
  switch (options.protocol) {
    case WENZHENG:
      if (line->publisher ? has(p, size, "\"t\":\"welcome\"") : has(p, size, "\"t\":\"snap\"")) {
        line->next = line->publisher ? 0 : number_after(p, size, "\"head\":") + 1;
        open_now(line);
      } else if (has(p, size, "\"t\":\"err\"")) {
        snprintf(tally.first_refusal, sizeof tally.first_refusal, "%.*s", (int)(size < 190 ? size : 190), p);
        line_close(line);
      }
      break;
    case SOCKETIO:
      if (size && p[0] == '0') line_send(line, "40", 2);
      else if (size > 1 && p[0] == '4' && p[1] == '0') open_now(line);
      break;
    case CENTRIFUGO:
      if (has(p, size, line->publisher ? "\"connect\":" : "\"subscribe\":")) open_now(line);
      break;
    default: break;
  }
}

static void answered(struct line *line, const unsigned char *p, size_t size) {
  int refused = has(p, size, "\"t\":\"err\"");
  if (!refused && !has(p, size, "\"t\":\"ok\"")) return;
  line->asked--;
  refused ? tally.refused++ : tally.answered++;
  histogram_add(&tally.answers, now_ns() - line->asked_at);
  if (refused && !tally.first_refusal[0])
    snprintf(tally.first_refusal, sizeof tally.first_refusal, "%.*s", (int)(size < 190 ? size : 190), p);
}

static void take(struct line *line, const unsigned char *p, size_t size, uint64_t at, uint64_t screens) {
  if (options.protocol == SOCKETIO && size == 1 && p[0] == '2') { line_send(line, "3", 1); return; }
  if (options.protocol == CENTRIFUGO && size == 2 && p[0] == '{') { line_send(line, "{}", 2); return; }
  if (line->state == GREETING) greeted(line, p, size);
  else if (line->publisher) answered(line, p, size);
  else if (options.protocol == WENZHENG && has(p, size < 40 ? size : 40, "\"t\":\"bye\"")) tally.byes++;
  else if (options.protocol != WENZHENG || has(p, size < 16 ? size : 16, "\"t\":\"ev\""))
    line->next = feed_shown(line->next, p, size, at, screens);
}

/* Centrifugo puts several messages into one, a line each. */
static void take_lines(struct line *line, const unsigned char *p, size_t size, uint64_t at, uint64_t screens) {
  for (const unsigned char *end = p + size, *next; p < end && line->state != AWAY; p = next + 1) {
    next = memchr(p, '\n', end - p);
    if (!next) next = end;
    take(line, p, next - p, at, screens);
  }
}

static size_t handshake(struct line *line, size_t size) {
  unsigned char *end = memmem(buffer, size, "\r\n\r\n", 4);
  if (!end) return 0;
  if (memcmp(buffer, "HTTP/1.1 101", 12)) {
    snprintf(tally.first_refusal, sizeof tally.first_refusal, "handshake: %.60s", buffer);
    line_close(line);
    return 0;
  }
  say_hello(line);
  return end + 4 - buffer;
}

static void receive(struct line *line, uint64_t screens) {
  size_t size = line->held, at = 0;
  if (size) memcpy(buffer, line->rest, size);
  ssize_t came = recv(line->fd, buffer + size, BUFFER - size, 0);
  if (came < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (came <= 0) { line_close(line); return; }
  size += came;
  uint64_t now = now_ns();
  if (line->state == HANDSHAKE) at = handshake(line, size);
  while (line->state > HANDSHAKE && size - at >= 2) {
    size_t head = 2, length = buffer[at + 1] & 127;
    if (length == 126) {
      if (size - at < 4) break;
      length = buffer[at + 2] << 8 | buffer[at + 3], head = 4;
    } else if (length == 127) {
      if (size - at < 10) break;
      for (length = 0, head = 10; head-- > 2;) length |= (size_t)buffer[at + head] << 8 * (9 - head);
      head = 10;
    }
    if (size - at - head < length) break;
    int code = buffer[at] & 15;
    unsigned char *payload = buffer + at + head;
    if ((code == 1 || code == 2) && options.protocol == CENTRIFUGO) take_lines(line, payload, length, now, screens);
    else if (code == 1 || code == 2) take(line, payload, length, now, screens);
    else if (code == 9) send_frame(line, 10, (char *)payload, length);
    else if (code == 8) line_close(line);
    at += head + length;
  }
  if (line->state == AWAY) return;
  free(line->rest);
  line->rest = NULL;
  line->held = size - at;
  if (line->held) memcpy(line->rest = malloc(line->held), buffer + at, line->held);
}

void line_ready(struct line *line, uint64_t screens) {
  int fault = 0;
  socklen_t size = sizeof fault;
  if (line->state == AWAY) return;
  if (line->state != CONNECTING) { receive(line, screens); return; }
  getsockopt(line->fd, SOL_SOCKET, SO_ERROR, &fault, &size);
  if (fault) line->retries++, tally.retries++, line_close(line);
  else say_head(line);
}

int line_was_cut(struct line *line) {
  struct pollfd one = {.fd = line->fd, .events = POLLIN};
  while (poll(&one, 1, DEAF_WAIT_MS) > 0) {
    ssize_t came = recv(line->fd, buffer, BUFFER, MSG_DONTWAIT);
    if (came == 0 || (came < 0 && errno != EAGAIN)) return 1;
  }
  return 0;
}
