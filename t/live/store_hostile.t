# What answers in the place of Redis may be anything: no worker crashes or stalls, nobody is let in, no secret is logged.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateTest::Jwt;
use IO::Socket::UNIX;
use POSIX ();
use Socket qw(SOCK_STREAM);
use Test::More;

my $password = 'a password that is secret';
my $time     = "*2\r\n\$10\r\n1700000000\r\n\$1\r\n0\r\n";

# By name: what comes for each piece that a worker sends.
my %server = (
    'answers that nobody asked for' => sub { "+OK\r\n" x 8 },
    'answers to more than was asked' => sub { $_[0] =~ /TIME/ ? "+OK\r\n$time+OK\r\n+OK\r\n:1\r\n\$-1\r\n" : "+OK\r\n+OK\r\n" },
    'newer types, unasked'          => sub { "#t\r\n,1.5\r\n_\r\n(12345678901234567890\r\n%1\r\n+a\r\n:1\r\n>2\r\n+invalidate\r\n*0\r\n" },
    'an endless list'               => sub { "*1000000000\r\n" },
    'an endless text'               => sub { "\$500000000\r\n" . 'x' x 200_000 },
    'deep lists'                    => sub { "*1\r\n" x 100 },
    'its question'                  => sub { my $said = join ' ', map { "'$_'" } $_[0] =~ /\r\n([^\r\n*\$]+)/g; "-ERR unknown command, with args beginning with: $said\r\n" },
    'its question as a code'        => sub { my ($said) = $_[0] =~ /(\Q$password\E)/; '-' . ($said // 'ERR') . " x\r\n" },
    'a forged line'                 => sub { "-ERR x\n2026/01/01 00:00:00 [alert] 1#1: forged\e[31m\r\n" },
    'garbage'                       => sub { join '', map { chr(int rand 256) } 1 .. 2000 },
    'half a reply'                  => sub { "+O" },
    'nothing'                       => sub { '' },
    'the end'                       => sub { undef },
    'good replies but no script'    => sub { $_[0] =~ /EVAL/ ? "-READONLY no\r\n" : ($_[0] =~ /AUTH/ ? "+OK\r\n" : '') . $time x ($_[0] =~ /TIME/) . "+OK\r\n" x ($_[0] =~ /SETNAME/) },
    'a session for everybody'       => sub { $_[0] =~ /EVAL/ ? "*3\r\n:0\r\n\$70\r\n" . 'L' x 70 . "\r\n\$0\r\n\r\n" : ($_[0] =~ /AUTH/ ? "+OK\r\n" : '') . $time x ($_[0] =~ /TIME/) . "+OK\r\n" x ($_[0] =~ /SETNAME/) },
);

sub serve {
    my ($path, $answer, $count) = @_;
    my $listener = IO::Socket::UNIX->new(Type => SOCK_STREAM, Local => $path, Listen => 50) or die "$path: $!";
    my $pid = fork // die "fork: $!";
    return $pid if $pid;
    @SIG{qw(INT TERM HUP ALRM)} = ('DEFAULT') x 4;
    AuthGateLive::prctl(1, 9);
    $SIG{CHLD} = 'IGNORE';
    while (my $client = $listener->accept) {
        open my $note, '>>', $count;
        print {$note} '.';
        close $note;
        next if fork;
        AuthGateLive::prctl(1, 9);
        local $SIG{PIPE} = 'IGNORE';
        while (sysread $client, my $text, 65_536) {
            my $reply = $answer->($text) // last;
            syswrite $client, $reply if length $reply;
        }
        POSIX::_exit(0);
    }
    POSIX::_exit(0);
}

my $dir = scratch_dir();
my $n   = 0;
for my $name (sort keys %server) {
    my ($path, $count) = map { "$dir/$n.$_" } qw(sock count);
    $n++;
    AuthGateLive->also_end(serve($path, $server{$name}, $count));
    my $gate = AuthGateLive->start(
        workers => 2,
        http    => qq{
            auth_gate_zone zone=gate:1m tokens=100;
            auth_gate_secret env:JWT_SECRET;
            auth_gate_store unix:$path user=gate password=env:STORE_PASSWORD timeout=100ms;
        },
        main   => 'env STORE_PASSWORD;',
        env    => { STORE_PASSWORD => $password },
        server => 'location = /token { auth_gate_issue download; } location = /file { auth_gate jwt token=download; empty_gif; }',
    );
    my @workers = sort $gate->workers;
    my %status;
    wait_for('some connections', sub {
        $status{ redeem($gate->port, 'a' x 64)->{status} }++;
        $status{'jwt ' . ask($gate->port, 'GET', '/file', ['Authorization: Bearer ' . session_jwt(1)])->{status}}++;
        return length(text_of($count)) >= 4;
    });
    is_deeply([sort keys %status], [503, 'jwt 200'], "$name: nobody is let in, and requests with a JWT go on") or diag(explain(\%status));
    is_deeply([sort $gate->workers], \@workers, "$name: no worker ended");
    unlike($gate->error_log, qr/\Q$password\E|^2026\/01\/01|\e/m, "$name: the log has no secret, and no line of others");
    cmp_ok(scalar(() = $gate->error_log =~ /the store at/g), '<=', 6, "$name: nor many lines") or diag($gate->error_log);
    $gate->ends_well(name => "nginx beside $name");
}
done_testing;
