# Run by package-life, in the container.
set -eu

folder=/usr/lib/keepalived-redis
step() { echo "== $*"; }
fail() { echo "FAILED: $*"; exit 1; }

load() {
  end=$(($(date +%s) + 20)) writes=0 refused=0
  while [ "$(date +%s)" -lt "$end" ]; do
    # A call that hangs is refused, too.
    case $(timeout 2 redis-cli -h 192.168.1.120 -a secret --no-auth-warning set key $writes 2>&1) in
    OK) writes=$((writes + 1)) ;;
    *) refused=$((refused + 1)) ;;
    esac
  done
  echo "$writes writes, $refused refused" >/tmp/writes
}
checks() {
  end=$(($(date +%s) + 20)) runs=0 failed=0
  while [ "$(date +%s)" -lt "$end" ]; do
    # Keepalived's own time-out is shorter. This one is for a busy host.
    timeout 5 /usr/bin/env NODE_COMPILE_CACHE=/run/keepalived-redis/.compile-cache $folder/monitor 2>/dev/null || failed=$((failed + 1))
    runs=$((runs + 1))
  done
  echo "$runs checks, $failed failed" >/tmp/checks
}
# Installs a package under load.
upgrade_to() {
  keepalived=$(cat /run/keepalived.pid)
  load &
  checks &
  sleep 3
  apt-get install -y -qq "/root/$1" >/dev/null 2>&1 || fail "apt install $1"
  wait
  cat /tmp/writes /tmp/checks
  grep -q ' 0 refused' /tmp/writes && grep -q ' 0 failed' /tmp/checks || fail 'there was a gap'
  [ "$keepalived" = "$(cat /run/keepalived.pid)" ] || fail 'Keepalived was restarted'
}

ip link add eth9 type veth peer name eth8
ip address add 192.168.1.112/24 dev eth9
ip link set eth8 up && ip link set eth9 up

step 'the command'
! command -v node || fail 'PATH finds a Node'
keepalived-redis help >/dev/null
keepalived-redis monitor --help >/dev/null
! keepalived-redis nonsense 2>/dev/null || fail 'keepalived-redis nonsense'

step 'a configuration that Keepalived accepts'
cat >/etc/keepalived-redis/cluster.toml <<'END'
name = "sessions"
vip = { address = "192.168.1.120/24", interface = "eth9", router_id = 51 }
redis = { password_file = "/etc/keepalived-redis/password" }
nodes = [{ name = "server11", address = "192.168.1.112" }, { name = "server12", address = "192.168.1.113" }]
END
(umask 077 && echo secret >/etc/keepalived-redis/password)
keepalived-redis generate-config --redis >/etc/redis/failover.conf
printf 'requirepass secret\nmasterauth secret\n' >>/etc/redis/failover.conf
echo 'include /etc/redis/failover.conf' >>/etc/redis/redis.conf
systemctl restart redis-server
keepalived-redis generate-config --profile agent --tmpfiles --output /etc/tmpfiles.d/keepalived-redis-sessions.conf 2>&1
systemd-tmpfiles --create
keepalived-redis generate-config --output /etc/keepalived/keepalived.conf 2>&1
keepalived -t
keepalived-redis notify-master --allow-data-loss
systemctl start keepalived
for _ in $(seq 60); do
  keepalived-redis monitor --json | grep -q '"cause":"master"' && break
  sleep 1
done
# A fence that the first transitions left ends by itself.
sleep 16

step 'an upgrade under load, with the hooks'
upgrade_to new.deb

step 'an upgrade under load, with the agent'
systemctl enable --quiet --now keepalived-redis-agent
keepalived-redis generate-config --profile agent --output /etc/keepalived/keepalived.conf 2>&1
systemctl reload keepalived
sleep 16
agent=$(systemctl show --property MainPID --value keepalived-redis-agent)
upgrade_to newer.deb
[ "$agent" != "$(systemctl show --property MainPID --value keepalived-redis-agent)" ] || fail 'the agent was not restarted'
systemctl is-active --quiet keepalived-redis-agent || fail 'the agent does not run'

step remove
kept=/var/lib/keepalived-redis/sessions/quarantine/kept.rdb
mkdir -p "${kept%/*}" && echo data >$kept
apt-get remove -y -qq keepalived-redis >/tmp/log 2>&1 || fail 'apt remove'
grep -q 'its check fails from now on' /tmp/log || fail 'no warning'
[ ! -e $folder ] || fail "$folder is left"
for path in /etc/keepalived-redis/cluster.toml /var/log/keepalived-redis/sessions.log /etc/logrotate.d/keepalived-redis $kept; do
  [ -e $path ] || fail "$path is gone"
done

step purge
systemctl stop keepalived
apt-get purge -y -qq keepalived-redis >/tmp/log 2>&1 || fail 'apt purge'
grep -q $kept /tmp/log || fail 'it does not say what is left'
for path in /run/keepalived-redis /var/log/keepalived-redis /etc/logrotate.d/keepalived-redis /var/lib/keepalived-redis/sessions/served.json; do
  [ ! -e $path ] || fail "$path is left"
done
[ "$(find /var/lib/keepalived-redis /etc/keepalived-redis -type f | sort | tr '\n' ' ')" = \
  "/etc/keepalived-redis/cluster.toml /etc/keepalived-redis/password $kept " ] || fail 'purge left or took something else'
