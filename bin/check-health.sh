#!/bin/sh
# check-health FOLDER SECONDS COMMAND [ARGUMENT...]
# Keepalived's check. It runs COMMAND, the monitor, and ends with its code. FOLDER is the state folder of the cluster. But
# - while the agent lives, as its heartbeat in FOLDER tells, it ends with 0 and does not start the monitor;
# - if the monitor does not end within SECONDS, the time-out that Keepalived has for it, it ends as the last check did. SECONDS is
#   whole: dash ends at 0.26 with an error, and every check that is slow once would fail.
#
# Starting Node.js costs 25 ms, this 1 ms. So it starts no other program and uses only what dash, bash and BusyBox have built in.

fresh=150 # silent_s in src/state/heartbeat.ts, which writes the heartbeat. Times are in hundredths of a second, as in /proc/uptime.
patience=1000
late=50

uptime() {
  read -r now _ </proc/uptime || return 1
  now=${now%.*}${now#*.}
  is_number "$now"
}

# A leading zero would mean octal, and longer ones are an error in dash. LXCFS says 0.00, for ever, where it finds no uptime.
is_number() {
  case :$1: in *[!0-9:]* | *::* | *:0*) return 1 ;; esac
  [ ${#1} -lt 16 ]
}

# The heartbeat: process id, start time in clock ticks, CLOCK_MONOTONIC in seconds, and the first number of /proc/uptime.
agent_lives() {
  read -r pid ticks _ at _ <"$folder/heartbeat" || return 1
  # After the heartbeat: where this process has to wait in between, it finds the heartbeat too old, never too young.
  uptime || return 1
  is_number "$pid" && is_number "$ticks" && is_number "$at" || return 1
  age=$((now - at))
  [ "$age" -ge 0 ] && [ "$age" -lt "$fresh" ] || return 1
  # Its start time need not be compared: no other process gets that number within the time for which a heartbeat is fresh. To read
  # /proc/PID/stat would be half of this script's cost, since a shell reads byte by byte.
  [ -e "/proc/$pid" ]
}

# SIGTERM from Keepalived, to both. The monitor ends before that, whatever Redis does: it has a shorter deadline. So the host is too busy
# for Node.js, which says nothing about Redis (2.2.7 with a load of 15: both nodes of a good pair were FAULT by turns for 40 s). But a
# monitor that has waited for Redis long enough says so now, with 1, and one that has its verdict already ends with that (2.3.3 at a load
# of 8: a master was FAULT 4 s after its last good verdict). If the signal is late, this host stood still, and another node may have taken
# over: it has to look first.
too_slow() {
  # The time of the signal, not that of the monitor's end. Keepalived kills both 2 s after SIGTERM, so this wait ends.
  uptime || exit 1
  verdict=none
  # The signal may come before the monitor is started.
  [ "$!" ] && { wait $!; verdict=$?; }
  [ $verdict = 1 ] && ended 1
  is_number "$started" && [ $((now - started)) -lt $((timeout + late)) ] || exit 1
  [ $verdict = 0 ] && ended 0
  read -r code at _ <"$folder/last-check" && is_number "$at" || exit 1
  [ "$code" = 0 ] && [ $((now - at)) -lt "$patience" ] && exit 0
  exit 1
}

# The monitor ended by itself: the check counts.
ended() {
  echo "$1 $started" 2>/dev/null >"$folder/last-check"
  exit "$1"
}

[ $# -gt 2 ] || exit 1
folder=$1
timeout=${2}00
shift 2
agent_lives 2>/dev/null && exit 0
uptime 2>/dev/null
started=$now
trap 'too_slow 2>/dev/null' TERM
# Node.js 22.1 and newer keep compiled code there and start a tenth faster; older ones ignore it.
export NODE_COMPILE_CACHE="${folder%/*}/.compile-cache"
"$@" &
wait $!
ended $?
