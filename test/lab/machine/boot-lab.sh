# Process 1 of the lab: the parts that all hosts share. Arguments: the pairs NAME PATH of tools that lie outside /usr.
set -eu

# /proc is still that of the machine, so this is the process id as the tests see it.
read -r pid rest </proc/self/stat

# Everything lives in memory, on a folder that exists everywhere (FHS): nothing of the lab is ever on the machine's disk.
mount -t tmpfs -o mode=755 lab /media
mkdir /media/hosts /media/usr
cd /media/usr
mkdir bin host-bin tools
while [ $# -ge 2 ]; do
  : >"tools/$1"
  mount --bind "$2" "tools/$1"
  shift 2
done

# Seen from a user namespace without real root, the machine's files belong to nobody, and Keepalived's script security
# refuses /usr/bin/env. So /usr and /usr/bin are folders of our own, and env is a copy of our own.
# Read-only, so that nothing that is tried on a host can harm the machine. Without real root the kernel may refuse that,
# and it isn't needed either.
show() {
  mount --rbind "$1" "$2"
  mount -o remount,bind,ro "$2" 2>/dev/null || true
}
for entry in /usr/*; do
  name=${entry#/usr/}
  if [ -L "$entry" ]; then
    cp -P "$entry" "$name"
  elif [ -d "$entry" ] && [ "$name" != bin ] && [ "$name" != tools ]; then
    mkdir "$name"
    show "$entry" "$name"
  fi
done
show /usr/bin host-bin
cd bin
ln -s ../host-bin/* .
rm env
cp -L /usr/bin/env env
cd /

ip -batch - <<IP
link set lo up
link add name lab type bridge
link set lab up
link add name sink type veth peer name drain
link set sink up
link set drain up
IP

echo "ready $pid"
# Orphans become children of process 1: ignoring SIGCHLD reaps them, or a dead daemon's pid would seem alive.
# The end of standard input is the end of the test process, however it ended: then process 1 ends, and all with it.
exec env --ignore-signal=CHLD cat >/dev/null
