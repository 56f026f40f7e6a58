# Process 1 of a host: its disk becomes the root; file systems in memory and devices are new. Arguments: host name, disk, and the tree
# of the system that the host has; empty: that of this machine.
set -eu
read -r pid rest </proc/self/stat
name=$1
disk=$2
system=$3

mount --bind "$disk" "$disk"
cd "$disk"
show() {
  mount --rbind "$1" "$2"
  mount -o remount,bind,ro "$2" 2>/dev/null || true
}
if [ -n "$system" ]; then show "$system/usr" usr; else mount --rbind /media/usr usr; fi
for entry in bin sbin lib lib32 lib64 libx32; do
  if [ -L "$system/$entry" ]; then
    [ -e "$entry" ] || [ -L "$entry" ] || cp -P "$system/$entry" "$entry"
  elif [ -d "$system/$entry" ]; then
    mkdir -p "$entry"
    show "$system/$entry" "$entry"
  fi
done
# Files that programs need, copied at the first boot of this system; not the passwords, hosts or resolvers of the machine. Debian's
# Keepalived 2.3 does not start without its config-opts.
if ! [ -e etc/system ] || [ "$(cat etc/system)" != "$system" ]; then
  for entry in alternatives ld.so.cache ld.so.conf ld.so.conf.d localtime protocols services keepalived/keepalived.config-opts; do
    rm -rf "etc/$entry"
    [ ! -e "$system/etc/$entry" ] || cp -RP "$system/etc/$entry" "etc/$entry"
  done
  echo "$system" >etc/system
fi
mount -t tmpfs -o mode=755 run run
mount -t tmpfs -o mode=1777 tmp tmp
mount -t tmpfs -o mode=755 dev dev
for device in null zero full random urandom tty; do
  [ -e "/dev/$device" ] || continue
  : >"dev/$device"
  mount --bind "/dev/$device" "dev/$device"
done
ln -s /proc/self/fd dev/fd
mkdir -m 1777 dev/shm
mount -t proc proc proc
mkdir -p run/old
pivot_root . run/old
cd /
umount -l /run/old
rmdir /run/old
hostname "$name"
ip link set lo up

echo "ready $pid"
# As in boot-lab.sh: reap orphans, and end with the test process.
exec env --ignore-signal=CHLD cat >/dev/null
