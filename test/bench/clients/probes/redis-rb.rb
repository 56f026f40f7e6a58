# The probe for redis-rb; loop.mjs says what a probe reads and prints.
require "redis"

SETTINGS = {
  "default" => {},
  "time-outs" => { connect_timeout: 0.1, read_timeout: 0.5, write_timeout: 0.5 },
  "recommended" => {
    connect_timeout: 0.1, read_timeout: 0.5, write_timeout: 0.5,
    reconnect_attempts: 200, reconnect_delay: 0.025, reconnect_delay_max: 0.025
  }
}.freeze

def say(kind, text)
  puts format("%s %.1f %s", kind, Process.clock_gettime(Process::CLOCK_MONOTONIC, :float_millisecond), text)
end

$stdout.sync = true
host, port, password, prefix, setting = gets.split
puts "start #{Redis::VERSION}"
redis = Redis.new(host: host, port: port.to_i, password: password, **SETTINGS.fetch(setting))
key = 0
loop do
  begin
    redis.set("#{prefix}:#{key}", key.to_s)
    say("ack", key)
  rescue Redis::BaseError => error
    say("fail", "#{error.class}: #{error.message.split.join(' ')}")
  end
  key += 1
  sleep 0.002
end
