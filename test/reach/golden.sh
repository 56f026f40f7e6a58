#!/bin/sh
# What `keepalived -t` of this system says of every golden keepalived.conf: one line of JSON each, as from events.mjs. Runs in a tree.
set -eu
for interface in eth0 ens3; do
  ip link add "$interface" type veth peer name "p-$interface"
  ip link set "$interface" up
done
mount -t tmpfs tmpfs /srv
mkdir -p /run/keepalived-redis/sessions /srv/run/sessions
for file in $(grep -l vrrp_instance test/unit/keepalived/golden/*.conf); do
  cp "$file" /tmp/keepalived.conf
  outcome=passed
  keepalived -t -f /tmp/keepalived.conf >/tmp/said 2>&1 || outcome=failed
  cat /tmp/said >&2
  said="$(head -n 1 /tmp/said | sed 's/^([^)]*) *//; s/["\\]//g')"
  echo "{\"name\":\"$(basename "$file")\",\"outcome\":\"$outcome\",\"said\":\"$said\"}"
done
