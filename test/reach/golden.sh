#!/bin/sh
# What `keepalived -t` of this system says of every golden keepalived.conf: one line of JSON each, as from events.mjs. Runs in a tree.
set -eu
for interface in eth0 ens3; do
  ip link add "$interface" type veth peer name "p-$interface"
  ip link set "$interface" up
done
mount -t tmpfs tmpfs /srv
mkdir -p /run/keepalived-redis/sessions /srv/run/sessions
version="$(keepalived --version 2>&1 | sed -n 's/^Keepalived v\([0-9.]*\).*/\1/p')"
for file in $(grep -l vrrp_instance test/unit/keepalived/golden/*.conf); do
  # Fractions of a second are for 2.3.2 and newer. generate-config writes none for older ones.
  if grep -q '^ *interval .*\.' "$file" && [ "$(printf '%s\n' 2.3.2 "$version" | sort -V | head -n 1)" != 2.3.2 ]; then
    echo "{\"name\":\"$(basename "$file")\",\"outcome\":\"skipped\"}"
    continue
  fi
  cp "$file" /tmp/keepalived.conf
  outcome=passed
  keepalived -t -f /tmp/keepalived.conf >/tmp/said 2>&1 || outcome=failed
  cat /tmp/said >&2
  said="$(head -n 1 /tmp/said | sed 's/^([^)]*) *//; s/["\\]//g')"
  echo "{\"name\":\"$(basename "$file")\",\"outcome\":\"$outcome\",\"said\":\"$said\"}"
done
