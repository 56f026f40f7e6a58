# A pair from the package, to be sourced after two-hosts.sh: set up as the README says, and what is to be seen on it.

vip=192.0.2.120
# That of Keepalived's configuration: agent or hooks. A script may choose before it sources this.
profile=${profile:-agent}
# In the order of their start.
units=(redis-server keepalived)
[[ $profile == hooks ]] || units+=(keepalived-redis-agent)

# As root there, with the password that init has made.
redis() { inside "$1" sh -c 'f=/etc/keepalived-redis/password; [ ! -r $f ] || export REDISCLI_AUTH=$(cat $f); exec redis-cli "$@"' sh "${@:2}"; }
field() { redis "$1" info | tr -d '\r' | sed -n "s/^$2://p"; }
main_pid() { inside "$1" systemctl show --property MainPID --value "$2"; }

serves() { [[ $(field "$1" role) == master && -n $(inside "$1" ip address show to $vip) ]]; }
# The client's last report may be from before the fault: its writes count from then on.
takes_over() {
  until_true 60 "$1 serves" serves "$1"
  write_more
}
is_pair() {
  serves "$1" && [[ $(field "$2" role) == slave && $(field "$2" master_link_status) == up ]] &&
    [[ -z $(inside "$2" ip address show to $vip) ]]
}
pair() { until_true 60 "$1 is master and $2 its replica" is_pair "$1" "$2"; }

# By the verdict of its agent.
fit() { inside "$1" keepalived-redis monitor --json >/dev/null; }

# What an administrator would look at.
healthy() {
  local name unit
  for name in "$@"; do
    for unit in "${units[@]}"; do
      quietly inside "$name" systemctl is-enabled $unit
      quietly inside "$name" systemctl status --no-pager $unit
      [[ -n $(inside "$name" journalctl --quiet --boot --unit $unit) ]] || fail "$name: the journal has nothing of $unit"
    done
    [[ -z $(inside "$name" systemctl --failed --no-legend) ]] || fail "$name: $(inside "$name" systemctl --failed)"
    until_true 10 "the check of $name finds it fit" fit "$name"
    if inside "$name" test -x /usr/sbin/logrotate; then
      quietly inside "$name" /usr/sbin/logrotate --debug /etc/logrotate.conf
      ! grep -i error "$work/log" || fail "$name: logrotate"
    fi
    [[ $profile == agent ]] || continue
    [[ $(inside "$name" ps -o user:20= -p "$(main_pid "$name" keepalived-redis-agent)") == keepalived-redis ]] ||
      fail "$name: the agent runs as another user"
    inside "$name" systemd-analyze security --threshold=30 --no-pager keepalived-redis-agent >"$work/log" 2>&1 || { cat "$work/log"; fail "$name: its sandbox"; }
    [[ -n $(inside "$name" journalctl --quiet --boot -t keepalived-redis KEEPALIVED_REDIS_EXECUTABLE=agent) ]] ||
      fail "$name: the journal has no line of the agent with its fields"
  done
}

lines_of_log() { inside "$1" sh -c 'cat /var/log/keepalived-redis/*.log' | sort; }
# What else the units print is no line of a log.
lines_of_journal() { inside "$1" journalctl --boot --quiet --all --output cat -t keepalived-redis | grep '^{' | sort; }
# A line is in the file a moment earlier.
journal_is_complete() {
  for _ in {1..20}; do
    lines_of_log "$1" >"$work/lines"
    lines_of_journal "$1" >"$work/lines--journal"
    cmp -s "$work/lines" "$work/lines--journal" && return
    sleep 0.5
  done
  diff "$work/lines" "$work/lines--journal" || true
  fail "$1: the journal has not the same lines as the log file"
}
# The journal of a host that has not been off tells the same as the log file: each line, and how this host became master.
journal_tells() {
  local from
  journal_is_complete "$1"
  for from in '' --journal; do inside "$1" keepalived-redis timeline $from >"$work/timeline$from"; done
  cmp "$work/timeline" "$work/timeline--journal" || fail "$1: the journal tells another story than the log file"
  grep -q "$1 .*master" "$work/timeline" || { cat "$work/timeline"; fail "$1: its journal does not tell that it became master"; }
}

# A Redis with 100,000 keys on server11, another one on server12, and Keepalived.
redis_on() {
  local name
  for name in server11 server12; do
    quietly inside $name apt-get install -y -qq "${packages[@]}"
    # Other systems than Debian start only one of them.
    quietly inside $name systemctl enable --now redis-server
    quietly inside $name systemctl disable --now keepalived
  done
  redis server11 eval "for i = 1, 100000 do redis.call('SET', 'key:' .. i, i) end" 0 >/dev/null
  redis server12 set own 1 >/dev/null
}

# set_up DEB: the package and init on both. From init on, a client writes.
set_up() {
  local name run_id join
  run_id="$(field server11 run_id)"
  for name in server11 server12; do
    cp "$1" "$(tree_of $name)/root/new.deb"
    quietly inside $name apt-get install -y -qq "${apt_options[@]}" /root/new.deb
  done
  step 'init on server11'
  inside server11 keepalived-redis init --yes --vip $vip --interface eth0 --profile $profile --node server12=192.0.2.12 >"$work/init" 2>&1 ||
    { cat "$work/init"; fail init; }
  grep '^  ok' "$work/init"
  [[ $(redis server11 dbsize) == 100000 && $(field server11 run_id) == "$run_id" ]] || fail 'not the same keys, or Redis was restarted'
  write_on

  step 'init --join on server12'
  install -m 600 "$(tree_of server11)/etc/keepalived-redis/password" "$(tree_of server12)/root/password"
  read -ra join < <(grep -E '^ +[^ ]*(/| )init --join ' "$work/init")
  quietly inside server12 "${join[@]}" --yes --password-file /root/password
  grep '^  ok' "$work/log"
  pair server11 server12
  healthy server11 server12
}
