#!/usr/bin/env bash
# in-tree.sh TREE [NAME=FOLDER]... -- COMMAND...: runs a command as root in the tree of another system, in a copy of this checkout, with
# loopback as its only network. It finds each FOLDER in /opt/NAME: node (bin/node is used before that of the tree), newer, older.
# Nothing that the command does stays: tree and folders are read-only, and all that it started ends with it.
set -euo pipefail
tree="$(realpath "$1")"
shift
checkout="$(realpath "$(dirname "${BASH_SOURCE[0]}")/../..")"
export tree checkout
inside='
set -eu
read_only() { mount --bind "$1" "$2"; mount -o remount,bind,ro "$2"; }
mount --bind "$tree" "$tree"
mount -t proc proc "$tree/proc"
mount -t sysfs sysfs "$tree/sys"
mount --rbind /dev "$tree/dev"
for folder in run tmp opt/keepalived-redis; do mount -t tmpfs -o mode=755 tmpfs "$tree/$folder"; done
chmod 1777 "$tree/tmp"
cd "$checkout"
{ git ls-files -z --cached --others --exclude-standard; find dist -type f -print0; } |
  tar --create --exclude=node_modules --null --no-recursion --owner=0 --group=0 --files-from=- --ignore-failed-read 2>/dev/null |
  tar --extract --directory="$tree/opt/keepalived-redis"
mkdir "$tree/opt/keepalived-redis/node_modules"
read_only "$(realpath node_modules)" "$tree/opt/keepalived-redis/node_modules"
while [ "$1" != -- ]; do
  read_only "${1#*=}" "$tree/opt/${1%%=*}"
  shift
done
shift
mount -o remount,bind,ro "$tree"
cd "$tree"
pivot_root . opt/host
cd /opt/keepalived-redis
umount -l /opt/host
ip link set lo up
mkdir /tmp/home
exec env -i PATH=/opt/node/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp/home LANG=C.UTF-8 "$@"
'
exec unshare --mount --net --uts --ipc --pid --fork --kill-child sh -c "$inside" in-tree "$@"
