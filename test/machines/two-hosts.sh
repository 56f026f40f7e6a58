# Two servers, to be sourced after machine.sh: server11 and server12, and a client, on a switch. Each is a network namespace of its own,
# and the two servers are machines that boot in theirs. They see only each other.

id=krt$$
declare -A last_byte=([server11]=11 [server12]=12 [client]=30)

tree_of() { readlink -f "$work/$1"; }
# gap_limit_ms=LIMIT step NAME: write_off fails where a gap between two writes that ended in this step was longer.
step() {
  echo "== $*"
  echo "$(cut -d' ' -f1 /proc/uptime) ${gap_limit_ms:-Infinity} $*" >>"$work/marks"
}
fail() {
  echo "FAILED: $*"
  local name
  # One of them may be without power.
  for name in "${!leader[@]}"; do inside "$name" journalctl --quiet --no-pager --boot --lines 40 || true; done
  exit 1
}
# until_true SECONDS WHAT COMMAND...
until_true() {
  local seconds=$1 what=$2 end=$((SECONDS + $1))
  shift 2
  until "$@" 2>/dev/null; do
    ((SECONDS < end)) || fail "not within $seconds s: $what"
    sleep 0.2
  done
}

at_end() {
  local name
  [[ -z ${client_pid-} ]] || kill "$client_pid" 2>/dev/null || true
  for name in server11 server12 client switch; do ip netns delete "$id-$name" 2>/dev/null || true; done
}

# plug NAME: a network namespace with an eth0, on the switch.
plug() {
  ip netns add "$id-$1"
  ip -n "$id-$1" link add eth0 address "02:00:00:00:00:${last_byte[$1]}" type veth peer name "$1" netns "$id-switch"
  ip -n "$id-switch" link set "$1" master bridge up
  ip -n "$id-$1" address add "192.0.2.${last_byte[$1]}/24" dev eth0
  ip -n "$id-$1" link set lo up
  ip -n "$id-$1" link set eth0 up
}
# A host without power keeps neither its addresses nor its connections, and answers nothing.
unplug() {
  until_true 60 "$1 has ended" ended "$1"
  ip -n "$id-switch" link delete "$1"
  ip netns delete "$id-$1"
  unset "container[$1]" "leader[$1]"
}
ended() { ! kill -0 "${container[$1]}"; }

power_on() {
  plug "$1"
  boot "$1" "$(tree_of "$1")" --network-namespace-path="/run/netns/$id-$1" --capability=CAP_NET_ADMIN,CAP_NET_RAW
}
# The cable first: a host without power does not say that its connections have ended.
power_cut() {
  ip -n "$id-switch" link set "$1" down
  # Bash would say that it was killed.
  disown "${container[$1]}"
  kill -9 "${container[$1]}" "${leader[$1]}"
  unplug "$1"
}
power_off() {
  inside "$1" systemctl poweroff >"$work/log" 2>&1
  unplug "$1"
}

# trees RELEASE: that of each server. "this" is the system that this runs on.
trees() {
  local name
  if [[ $1 == this ]]; then
    # It can't download what only is recommended.
    packages=(redis-server keepalived) apt_options=(--no-install-recommends)
    for name in server11 server12; do tree_of_this_system $name && ln -s "$tree" "$work/$name"; done
    return
  fi
  packages=(redis-server keepalived logrotate) apt_options=()
  new_tree "$1"
  # The servers have no network but theirs: the archives that they will need are there.
  quietly outside apt-get install -y -qq --download-only "${packages[@]}" faketime
  cp -a "$work/tree" "$work/server12"
  mv "$work/tree" "$work/server11"
}

hosts_on() {
  ip netns add "$id-switch"
  ip -n "$id-switch" link add bridge type bridge
  ip -n "$id-switch" link set bridge up
  plug client
  local name
  for name in server11 server12; do
    echo "$name" >"$(tree_of "$name")/etc/hostname"
    power_on "$name"
  done
}

# A client writes numbers through the virtual IP, one at a time, until write_off.
write_on() {
  export REDISCLI_AUTH
  REDISCLI_AUTH="$(inside server11 cat /etc/keepalived-redis/password)"
  coproc client { cd "$here" && exec ip netns exec "$id-client" node --import tsx "$here/../lab/client/writer.ts" >"$work/progress"; }
  # A coprocess takes the name away as soon as it ends.
  client_pid=$client_PID client_in=${client[1]}
  printf '{"host":"%s","port":6379,"password":"%s","db":0,"keyPrefix":"w","connections":1,"pipeline":1,"valueBytes":0,"connect_timeout_ms":50,"reply_timeout_ms":250,"retry_ms":1,"reportFile":"%s"}\n' \
    "$vip" "$REDISCLI_AUTH" "$work/acknowledgements" >&"$client_in"
  write_more
}
acknowledged() { tail -n 1 "$work/progress" | sed -n 's/^{"acknowledged":\([0-9]*\).*/\1/p'; }
has_more() { (($(acknowledged) > $1)); }
write_more() {
  local before
  before="$(acknowledged)"
  until_true 60 'a write that is acknowledged' has_more "$((${before:-0} + 100))"
}
write_off() {
  echo stop >&"$client_in"
  wait "$client_pid"
  unset client_pid
  (cd "$here" && ip netns exec "$id-client" node --import tsx "$here/writes.ts" "$work/acknowledgements" "$work/marks" "$vip")
}

# As docs/install.md says.
remove() {
  quietly inside "$1" systemctl stop keepalived
  quietly inside "$1" systemctl disable --now keepalived-redis-agent
  quietly inside "$1" keepalived-redis init --undo
  quietly inside "$1" apt-get purge -y -qq keepalived-redis
  [[ -z $(inside "$1" systemctl --failed --no-legend) ]] || fail "$1: $(inside "$1" systemctl --failed)"
  # The user of the agent stays.
  left="$(inside "$1" sh -c 'grep -rl keepalived-redis /etc | grep -vE "^/etc/g?(passwd|group|shadow)-?$" || true')"
  [[ -z $left ]] || fail "$1: left: $left"
}
