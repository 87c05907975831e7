/* The least that a server of agents can do: read frames from many connections and acknowledge them.
 * It looks at nothing but the lengths of frames. `bench ingest --shape crowd` compares with it.
 *
 * usage: bare-epoll FRAMES ACK_HEX SEQUENCE_OFFSET
 *   acknowledges every FRAMES frames of a connection with the bytes ACK_HEX, the count of frames
 *   written into them at SEQUENCE_OFFSET. Prints its port. Ends when standard input ends.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_FDS 65536
#define MAX_EVENTS 1024
#define BUFFER 65536

struct connection {
    uint32_t left;      /* bytes of the current frame that are still to come */
    uint32_t length;    /* the length field as far as it has come */
    int length_bytes;
    uint64_t frames;
    uint64_t acknowledged;
};

static struct connection connections[MAX_FDS];
static uint8_t ack[256];
static int ack_length, ack_offset, every;

static void take(int fd, const uint8_t *bytes, size_t count) {
    struct connection *c = &connections[fd];
    while (count > 0) {
        if (c->left == 0) {
            while (c->length_bytes < 4 && count > 0) {
                c->length |= (uint32_t)*bytes++ << (8 * c->length_bytes++);
                count--;
            }
            if (c->length_bytes < 4) return;
            c->left = c->length - 4;
        }
        size_t n = count < c->left ? count : c->left;
        c->left -= n;
        bytes += n;
        count -= n;
        if (c->left == 0) {
            c->frames++;
            c->length = 0;
            c->length_bytes = 0;
        }
    }
    if (c->frames - c->acknowledged >= (uint64_t)every) {
        c->acknowledged = c->frames;
        memcpy(ack + ack_offset, &c->frames, 8);
        if (write(fd, ack, ack_length) != ack_length) close(fd);
    }
}

int main(int argc, char **argv) {
    static uint8_t buffer[BUFFER];
    static struct epoll_event events[MAX_EVENTS];
    if (argc != 4) return 64;
    every = atoi(argv[1]);
    ack_length = strlen(argv[2]) / 2;
    for (int i = 0; i < ack_length; i++) sscanf(argv[2] + 2 * i, "%2hhx", &ack[i]);
    ack_offset = atoi(argv[3]);

    int one = 1, listening = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    if (bind(listening, (struct sockaddr *)&address, length) || listen(listening, 4096)) return 71;
    getsockname(listening, (struct sockaddr *)&address, &length);
    printf("port %d\n", ntohs(address.sin_port));
    fflush(stdout);

    int poll = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listening};
    epoll_ctl(poll, EPOLL_CTL_ADD, listening, &event);
    event.data.fd = 0;
    epoll_ctl(poll, EPOLL_CTL_ADD, 0, &event);
    for (;;) {
        int ready = epoll_wait(poll, events, MAX_EVENTS, -1);
        for (int i = 0; i < ready; i++) {
            int fd = events[i].data.fd;
            if (fd == 0) return 0;
            if (fd == listening) {
                int client;
                while ((client = accept4(listening, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
                    if (client >= MAX_FDS) return 71;
                    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
                    memset(&connections[client], 0, sizeof connections[client]);
                    event.events = EPOLLIN;
                    event.data.fd = client;
                    epoll_ctl(poll, EPOLL_CTL_ADD, client, &event);
                }
                continue;
            }
            ssize_t count = read(fd, buffer, BUFFER);
            if (count > 0) take(fd, buffer, count);
            else if (count == 0 || errno != EAGAIN) close(fd);
        }
    }
}
