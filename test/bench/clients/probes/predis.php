<?php
// The probe for Predis; loop.mjs says what a probe reads and prints.

require 'Predis/Autoloader.php';
Predis\Autoloader::register();

const SETTINGS = [
    'default' => [],
    'recommended' => ['timeout' => 0.25, 'read_write_timeout' => 0.5],
];

function say(string $kind, string $text): void {
    printf("%s %.1f %s\n", $kind, hrtime(true) / 1e6, preg_replace('/\s+/', ' ', $text));
}

[$host, $port, $password, $prefix, $setting] = explode(' ', trim(fgets(STDIN)));
echo 'start ' . Predis\Client::VERSION . "\n";

$redis = new Predis\Client(['host' => $host, 'port' => (int) $port, 'password' => $password] + SETTINGS[$setting]);
for ($key = 0; ; $key++) {
    try {
        $redis->set("$prefix:$key", (string) $key);
        say('ack', (string) $key);
    } catch (Predis\PredisException $error) {
        say('fail', get_class($error) . ': ' . $error->getMessage());
    }
    usleep(2000);
}
