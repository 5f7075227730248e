/* The floor: the smallest server that puts one message on many screens. `floor PORT`
 *
 * epoll, one fixed answer to the handshake, the frame built once, one send() for each viewer. It checks nothing, joins
 * nothing and knows nobody: whatever costs less than this needs another kernel, not another program. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { DESCRIPTORS = 1 << 16, NEW = 0, VIEWER = 1, PUBLISHER = 2 };

static int viewers[DESCRIPTORS], count, queue, listener;
static unsigned char kind[DESCRIPTORS], coming[1 << 20], framed[1 << 16];
static int held;

static const char ANSWER[] =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

static void watch(int fd) {
  struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
  epoll_ctl(queue, EPOLL_CTL_ADD, fd, &event);
}

static void accept_all(void) {
  int on = 1, fd;
  while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    kind[fd] = NEW;
    watch(fd);
  }
}

static void greet(int fd, const unsigned char *head) {
  send(fd, ANSWER, sizeof ANSWER - 1, MSG_NOSIGNAL);
  kind[fd] = memcmp(head, "GET /pub", 8) ? VIEWER : PUBLISHER;
  if (kind[fd] == VIEWER) viewers[count++] = fd;
}

static void forget(int fd) {
  for (int i = 0; i < count; i++)
    if (viewers[i] == fd) {
      viewers[i] = viewers[--count];
      break;
    }
  close(fd);
}

/* A slow viewer loses what does not fit; the load client counts what is missing. */
static void show(const unsigned char *masked, const unsigned char *mask, int size) {
  int head = size < 126 ? 2 : 4;
  framed[0] = 0x81;
  framed[1] = size < 126 ? size : 126;
  if (size >= 126) framed[2] = size >> 8, framed[3] = size;
  for (int i = 0; i < size; i++) framed[head + i] = masked[i] ^ mask[i & 3];
  for (int i = 0; i < count; i++) send(viewers[i], framed, head + size, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void publish(const unsigned char *bytes, int size) {
  memcpy(coming + held, bytes, size);
  held += size;
  int at = 0;
  while (held - at >= 8) {
    int head = 2, length = coming[at + 1] & 127;
    if (length == 126) length = coming[at + 2] << 8 | coming[at + 3], head = 4;
    if (held - at < head + 4 + length) break;
    show(coming + at + head + 4, coming + at + head, length);
    at += head + 4 + length;
  }
  memmove(coming, coming + at, held -= at);
}

static void receive(int fd) {
  static unsigned char bytes[1 << 16];
  int size = recv(fd, bytes, sizeof bytes, 0);
  if (size < 0 && errno == EAGAIN) return;
  if (size <= 0) forget(fd);
  else if (kind[fd] == NEW) greet(fd, bytes);
  else if (kind[fd] == PUBLISHER) publish(bytes, size);
}

int main(int words, char **word) {
  if (words != 2) return 2;
  int on = 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(word[1]))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, (void *)&address, sizeof address) || listen(listener, 4096)) return perror("floor"), 1;
  queue = epoll_create1(0);
  watch(listener);
  for (;;) {
    struct epoll_event events[256];
    int ready = epoll_wait(queue, events, 256, -1);
    for (int i = 0; i < ready; i++) events[i].data.fd == listener ? accept_all() : receive(events[i].data.fd);
  }
}
