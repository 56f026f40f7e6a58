# Process 1 of the lab: what all hosts share. Arguments: pairs NAME PATH of tools outside of /usr.
set -eu

# /proc is that of the machine, so this is the process id that the tests see.
read -r pid rest </proc/self/stat

# All files of the lab are in memory, below a folder that exists everywhere (FHS).
mount -t tmpfs -o mode=755 lab /media
mkdir /media/hosts /media/usr
cd /media/usr
mkdir bin host-bin tools
while [ $# -ge 2 ]; do
  : >"tools/$1"
  mount --bind "$2" "tools/$1"
  shift 2
done

# In a user namespace without real root the files of the machine belong to nobody, and Keepalived's script security refuses
# /usr/bin/env. So /usr and /usr/bin are new folders, and env is a copy.
# They are read-only, to protect the machine from the hosts. Without real root the kernel may refuse the remount, but then the
# hosts can't write to them anyway.
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
# Orphans become children of process 1. It ignores SIGCHLD, so that the kernel reaps them: otherwise a dead daemon would stay in
# the process list. Standard input ends with the test process: then process 1 ends, and with it all others.
exec env --ignore-signal=CHLD cat >/dev/null
