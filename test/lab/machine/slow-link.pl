# Delays frames and loses some of them, like netem(8), which small kernels lack. The network redirects frames to a TAP device,
# and this writes them back to it later. Arguments: name of the device, milliseconds, frames lost of 100. Prints "ready".
use strict;
use warnings;
use Time::HiRes 'time';

my ($name, $delay_ms, $lost) = @ARGV;
my ($set_interface, $tap, $no_header) = (0x400454ca, 0x0002, 0x1000);
sysopen my $device, "/dev/net/tun", 2 or die "/dev/net/tun: $!\n";
ioctl $device, $set_interface, pack "a16 S x22", $name, $tap | $no_header or die "TUNSETIFF: $!\n";
system("ip", "link", "set", $name, "up") == 0 or exit 1;
$| = 1;
print "ready\n";

# It ends with the test: then standard input is closed.
my @waiting;
my ($device_bit, $input_bit) = (fileno $device, fileno STDIN);
while (1) {
  my $wait = @waiting ? $waiting[0][0] - time : undef;
  $wait = 0 if defined $wait && $wait < 0;
  my $readable = "";
  vec($readable, $_, 1) = 1 for $device_bit, $input_bit;
  select $readable, undef, undef, $wait;
  last if vec($readable, $input_bit, 1) && !sysread STDIN, my $ignored, 1;
  if (vec $readable, $device_bit, 1) {
    sysread $device, my $frame, 65536;
    push @waiting, [time + $delay_ms / 1000, $frame] if rand(100) >= $lost;
  }
  syswrite $device, (shift @waiting)->[1] while @waiting && $waiting[0][0] <= time;
}
