# Debian machines, to be sourced: containers that systemd boots, each from a tree of its own. As root; needs systemd-container, and for
# other systems than this one debootstrap and a Debian mirror. All that was started ends, and all that was made goes, with the script.

work="$(mktemp -d)"
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
clean=(/usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root DEBIAN_FRONTEND=noninteractive LC_ALL=C)
# By the name of the machine: the process of systemd-nspawn, and that of the machine's systemd.
declare -A container leader

at_end() { :; }
clean_up() {
  local name
  for name in "${!container[@]}"; do
    kill -9 "${container[$name]}" "${leader[$name]}" 2>/dev/null || true
    wait "${container[$name]}" 2>/dev/null || true
  done
  at_end
  for name in "$work"/overlay-*/tree; do [[ ! -d $name ]] || umount "$name"; done
  for name in "$work"/overlay-*; do [[ ! -d $name ]] || umount "$name"; done
  rm -rf --one-file-system "$work"
}
trap clean_up EXIT

# Runs a command, and prints what it said if it fails.
quietly() { "$@" >"$work/log" 2>&1 || { echo "FAILED: $*" && tail -n 60 "$work/log" && exit 1; } }

# new_tree RELEASE: the tree of a machine that has systemd and nothing else.
new_tree() {
  quietly debootstrap --variant=minbase --include=systemd-sysv,procps "$1" "$work/tree"
  chmod 755 "$work/tree"
  quietly outside apt-get update -qq
}
# tree_of_this_system NAME: this machine's own system and packages, without what was enabled on it and without data of a Redis. In
# memory; it takes no time. Its path is in $tree.
tree_of_this_system() {
  local layer="$work/overlay-$1"
  mkdir "$layer"
  mount -t tmpfs -o mode=755 tmpfs "$layer"
  mkdir "$layer/upper" "$layer/work" "$layer/tree"
  mount -t overlay -o "lowerdir=/,upperdir=$layer/upper,workdir=$layer/work" overlay "$layer/tree"
  tree="$layer/tree"
  rm -rf "$tree"/etc/systemd/system/*.wants "$tree"/usr/sbin/policy-rc.d "$tree"/{etc,var/lib}/keepalived-redis "$tree"/var/lib/redis/*
}
outside() { chroot "$work/tree" "${clean[@]}" "$@"; }

# boot NAME TREE OPTION...: starts the machine, and waits until it has booted.
boot() {
  local name=$1 tree=$2
  shift 2
  systemd-nspawn --directory="$tree" --register=no --keep-unit --hostname="$name" "$@" --boot >"$work/$name.boot" 2>&1 </dev/null &
  container[$name]=$!
  for _ in {1..60}; do
    leader[$name]="$(pgrep -P "${container[$name]}" || true)"
    [[ -n ${leader[$name]} ]] && inside "$name" systemctl is-active --quiet multi-user.target 2>/dev/null && return
    sleep 1
  done
  cat "$work/$name.boot"
  echo "FAILED: $name has not booted" && exit 1
}
# inside NAME COMMAND...: runs it on that machine.
inside() {
  local target=${leader[$1]}
  shift
  nsenter --target "$target" --mount --uts --ipc --net --pid "${clean[@]}" "$@"
}
