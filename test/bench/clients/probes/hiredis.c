/* The probe for hiredis; loop.mjs says what a probe reads and prints. */
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

static void say(const char *kind, const char *name, const char *text) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    printf("%s %.1f %s%s\n", kind, now.tv_sec * 1e3 + now.tv_nsec / 1e6, name, text);
}

static char host[64], password[128], prefix[32], setting[32];
static int port;

/* The library makes no connection anew by itself, and one that was made anew is not logged in: AUTH is the application's work. */
static redisContext *opened(redisContext *before) {
    const struct timeval connect_timeout = {0, 250000}, reply_timeout = {0, 500000};
    int patient = strcmp(setting, "default") == 0;
    redisContext *context = before;
    if (context) redisReconnect(context);
    else context = patient ? redisConnect(host, port) : redisConnectWithTimeout(host, port, connect_timeout);
    if (context && !context->err && !patient) redisSetTimeout(context, reply_timeout);
    if (context && !context->err) {
        redisReply *reply = redisCommand(context, "AUTH %s", password);
        if (reply) freeReplyObject(reply);
    }
    return context;
}

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (scanf("%63s %d %127s %31s %31s", host, &port, password, prefix, setting) != 5) return 2;
    printf("start %d.%d.%d\n", HIREDIS_MAJOR, HIREDIS_MINOR, HIREDIS_PATCH);
    redisContext *context = opened(NULL);
    if (!context) return 1;
    for (long key = 0;; key++) {
        redisReply *reply = context->err ? NULL : redisCommand(context, "SET %s:%ld %ld", prefix, key, key);
        char text[24];
        snprintf(text, sizeof text, "%ld", key);
        if (!reply) {
            say("fail", "", context->errstr);
            context = opened(context);
        } else {
            if (reply->type == REDIS_REPLY_ERROR) say("fail", "reply: ", reply->str);
            else say("ack", "", text);
            freeReplyObject(reply);
        }
        const struct timespec pause = {0, 2000000};
        nanosleep(&pause, NULL);
    }
}
