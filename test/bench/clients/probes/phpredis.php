<?php
// The probe for phpredis; loop.mjs says what a probe reads and prints.

function say(string $kind, string $text): void {
    printf("%s %.1f %s\n", $kind, hrtime(true) / 1e6, $text);
}

[$host, $port, $password, $prefix, $setting] = explode(' ', trim(fgets(STDIN)));
echo 'start ' . phpversion('redis') . "\n";

function connected(string $host, int $port, string $password, string $setting): Redis {
    $redis = new Redis();
    if ($setting === 'recommended') {
        // Connect time-out in seconds, persistent id, pause between attempts in ms, read time-out in seconds.
        $redis->connect($host, $port, 0.1, null, 25, 0.5);
        $redis->setOption(Redis::OPT_MAX_RETRIES, 200);
    } else {
        $redis->connect($host, $port);
    }
    $redis->auth($password);
    return $redis;
}

$redis = connected($host, (int) $port, $password, $setting);
for ($key = 0; ; $key++) {
    try {
        $redis ??= connected($host, (int) $port, $password, $setting);
        // An error reply such as READONLY is no exception: the result is false.
        if ($redis->set("$prefix:$key", (string) $key)) {
            say('ack', (string) $key);
        } else {
            say('fail', 'false: ' . $redis->getLastError());
            $redis->clearLastError();
        }
    } catch (RedisException $error) {
        say('fail', get_class($error) . ': ' . $error->getMessage());
        // An object that gave up stays so. PHP-FPM makes one for each request, a long-lived process must do it itself.
        if ($setting !== 'default') {
            $redis = null;
        }
    }
    usleep(2000);
}
