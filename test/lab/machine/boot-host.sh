# Process 1 of a host: its disk becomes the root; file systems in memory and devices are new. Arguments: host name, disk.
set -eu
read -r pid rest </proc/self/stat
name=$1
disk=$2

mount --bind "$disk" "$disk"
cd "$disk"
mount --rbind /media/usr usr
for entry in bin sbin lib lib32 lib64 libx32; do
  if [ -L "/$entry" ]; then
    [ -e "$entry" ] || [ -L "$entry" ] || cp -P "/$entry" "$entry"
  elif [ -d "/$entry" ]; then
    mkdir -p "$entry"
    mount --rbind "/$entry" "$entry"
    mount -o remount,bind,ro "$entry" 2>/dev/null || true
  fi
done
# Files that programs need, copied at the first boot; not the passwords, hosts or resolvers of the machine.
if ! [ -e etc/ld.so.cache ]; then
  for entry in alternatives ld.so.cache ld.so.conf ld.so.conf.d localtime protocols services; do
    [ ! -e "/etc/$entry" ] || cp -RP "/etc/$entry" etc/
  done
  # Debian's Keepalived 2.3 does not start without it.
  options=etc/keepalived/keepalived.config-opts
  [ ! -e "/$options" ] || cp "/$options" "$options"
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
