#!/bin/sh
# check-heartbeat FILE COMMAND [ARGUMENT...]
# Ends with 0 if the agent whose heartbeat is in FILE lives. Otherwise, and where that can't be told, it becomes COMMAND.
#
# In the agent profile Keepalived runs this with the monitor as COMMAND: starting Node.js costs 25 ms, this 1 ms. So it
# starts no other program and uses only what dash, bash and BusyBox have built in. src/state/heartbeat.ts writes FILE: process id,
# start time in clock ticks, CLOCK_MONOTONIC in seconds, and the first number of /proc/uptime in hundredths of a second.

fresh=150 # silent_s there

agent_lives() {
  read -r pid ticks _ at _ <"$1" || return 1
  # After the heartbeat: where this process has to wait in between, it finds the heartbeat too old, never too young.
  read -r now _ </proc/uptime || return 1
  now=${now%.*}${now#*.}
  # Numbers, all of them. A leading zero would mean octal; and LXCFS says 0.00, for ever, where it finds no uptime.
  case :$pid:$ticks:$at:$now: in *[!0-9:]* | *::* | *:0*) return 1 ;; esac
  # Longer ones are an error in dash.
  [ ${#at} -lt 16 ] || return 1
  age=$((now - at))
  [ "$age" -ge 0 ] && [ "$age" -lt "$fresh" ] || return 1
  # Its start time need not be compared: no other process gets that number within the time for which a heartbeat is fresh. To read
  # /proc/PID/stat would be half of this script's cost, since a shell reads byte by byte.
  [ -e "/proc/$pid" ]
}

agent_lives "$1" 2>/dev/null && exit 0
shift
exec "$@"
# Not reached, unless there is no COMMAND.
exit 1
