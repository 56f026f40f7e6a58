#!/usr/bin/env bash
# tree.sh RELEASE FOLDER PACKAGE...: makes the tree of a Debian with these packages in FOLDER, unless it is there with just these.
# As root; needs debootstrap and a Debian mirror.
set -euo pipefail
release=$1 folder=$2
shift 2
note="$folder/reach-packages"
[[ -f $note && "$(<"$note")" == "$*" ]] && exit
fresh="$folder.new"
clean=(/usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root DEBIAN_FRONTEND=noninteractive LC_ALL=C)
rm -rf --one-file-system "$fresh"
debootstrap --variant=minbase "$release" "$fresh"
chmod 755 "$fresh"
# Nothing that apt-get brings is to run on this machine.
printf '#!/bin/sh\nexit 101\n' >"$fresh/usr/sbin/policy-rc.d"
chmod 755 "$fresh/usr/sbin/policy-rc.d"
inside() { unshare --mount --pid --fork --mount-proc="$fresh/proc" chroot "$fresh" "${clean[@]}" "$@"; }
# A mirror of sid that was not renewed for some days does as well.
inside apt-get update -qq -o Acquire::Check-Valid-Until=false
inside apt-get install -y -qq --no-install-recommends "$@"
inside apt-get clean
# Where in-tree.sh mounts what is to run; the tree itself stays as it is.
mkdir -p "$fresh/opt/keepalived-redis" "$fresh/opt/node" "$fresh/opt/newer" "$fresh/opt/older" "$fresh/opt/host"
echo "$*" >"$fresh/reach-packages"
rm -rf --one-file-system "$folder"
mv "$fresh" "$folder"
