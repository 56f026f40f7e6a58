const keepalivedPid = "/run/keepalived.pid";
export const keepalivedLog = "/var/log/keepalived.log";

export const answerSetgroupsPath = "/opt/lab/answer-setgroups";

/**
 * Keepalived calls setgroups(2) before it runs a script. If that fails, it runs none, and each check counts as passed (2.2.7,
 * lib/notify.c: set_script_env, then exit(0)). A user namespace made without real root always denies it (user_namespaces(7)), so
 * there a seccomp filter returns 0, as on a real host.
 */
export const answerSetgroups = `
my ($machine) = map { s/\\s//gr } \`uname -m\`;
my %numbers = (x86_64 => [157, 116, 0xc000003e], aarch64 => [167, 159, 0xc00000b7]);
my ($prctl, $setgroups, $architecture) = @{$numbers{$machine} or die "no system call numbers for $machine\\n"};
my ($load, $equal, $return) = (0x20, 0x15, 0x06);
my $filter = join "", map { pack "S C C L", @$_ }
  [$load, 0, 0, 4], [$equal, 0, 3, $architecture], [$load, 0, 0, 0], [$equal, 0, 1, $setgroups],
  [$return, 0, 0, 0x00050000], [$return, 0, 0, 0x7fff0000];
my $program = pack "S x![P] P", 6, $filter;
syscall($prctl, 22, 2, $program) == 0 or die "seccomp: $!\\n";
exec @ARGV or die "$ARGV[0]: $!\\n";
`;

/** Does nothing if Keepalived runs already, as a service manager. Ends when Keepalived has written its pid file. */
export const startKeepalivedScript = `#!/bin/sh
running() { pid=$(cat ${keepalivedPid} 2>/dev/null) && [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = keepalived ]; }
running && exit 0
rm -f ${keepalivedPid}
[ "$(cat /proc/self/setgroups)" = allow ] || through="perl ${answerSetgroupsPath}"
setsid $through keepalived --dont-fork --log-console --log-detail --no-syslog --pid ${keepalivedPid} \\
  </dev/null >>${keepalivedLog} 2>&1 &
started=$!
while kill -0 "$started" 2>/dev/null; do
  running && exit 0
  sleep 0.01
done
echo "keepalived ended at once: $(tail -n 3 ${keepalivedLog})" >&2
exit 1
`;
