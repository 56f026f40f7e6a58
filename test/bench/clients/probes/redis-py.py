"""The probe for redis-py; loop.mjs says what a probe reads and prints."""

import sys
import time

import redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry

SETTINGS = {
    "default": {},
    "time-outs": {"socket_timeout": 0.5, "socket_connect_timeout": 0.1},
    "recommended": {
        "socket_timeout": 0.5,
        "socket_connect_timeout": 0.1,
        # Version 4 reports a refused connection as OSError first, and would not try again.
        "retry": Retry(ConstantBackoff(0.025), 100, (redis.ConnectionError, redis.TimeoutError, OSError)),
        "retry_on_error": [redis.ConnectionError, redis.TimeoutError, redis.exceptions.ReadOnlyError],
    },
}


def say(kind, text):
    print(f"{kind} {time.monotonic() * 1000:.1f} {text}", flush=True)


host, port, password, prefix, setting = sys.stdin.readline().split()
print(f"start {redis.__version__}", flush=True)
client = redis.Redis(host=host, port=int(port), password=password, **SETTINGS[setting])
key = 0
while True:
    try:
        client.set(f"{prefix}:{key}", str(key))
        say("ack", key)
    except redis.RedisError as error:
        say("fail", f"{type(error).__name__}: {' '.join(str(error).split())}")
    key += 1
    time.sleep(0.002)
