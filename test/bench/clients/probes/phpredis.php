<?php
// The probe for phpredis; loop.mjs says what a probe reads and prints.

function say(string $kind, string $text): void {
    printf("%s %.1f %s\n", $kind, hrtime(true) / 1e6, $text);
}

[$host, $port, $password, $prefix, $setting] = explode(' ', trim(fgets(STDIN)));
echo 'start ' . phpversion('redis') . "\n";

/** With the password in the options, a connection that the library makes anew is logged in, too. */
function connected(Redis $redis, string $host, int $port, string $password, string $setting): Redis {
    if ($setting === 'default') {
        $redis->connect($host, $port);
        $redis->auth($password);
        return $redis;
    }
    // Connect time-out in seconds, persistent id, retry interval in ms, read time-out in seconds.
    $redis->connect($host, $port, 0.25, null, 0, 0.5);
    $redis->auth($password);
    if ($setting === 'recommended') {
        $redis->setOption(Redis::OPT_MAX_RETRIES, 40);
        $redis->setOption(Redis::OPT_BACKOFF_ALGORITHM, Redis::BACKOFF_ALGORITHM_CONSTANT);
        $redis->setOption(Redis::OPT_BACKOFF_BASE, 25);
    }
    return $redis;
}

$redis = connected(new Redis(), $host, (int) $port, $password, $setting);
for ($key = 0; ; $key++) {
    try {
        $done = $redis->set("$prefix:$key", (string) $key);
        // An error reply such as READONLY is no exception: the result is false.
        $done ? say('ack', (string) $key) : say('fail', 'false: ' . ($redis->getLastError() ?? 'no error'));
        $redis->clearLastError();
    } catch (RedisException $error) {
        say('fail', get_class($error) . ': ' . $error->getMessage());
    }
    usleep(2000);
}
