# The settings on disk: settings.json in auth_gate_state_path.

use lib 't/lib';
use AuthGateTest;
use File::Temp qw(tempdir);
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET} = $SECRET;

# State directories, as earlier blocks and administrators left them: $TEST_NGINX_STATE in configurations.
our $Dir = $ENV{TEST_NGINX_STATE} = tempdir(CLEANUP => 1);

sub edit {
    my ($name, $content) = @_;
    mkdir "$Dir/$name", 0700;
    open my $out, '>:raw', "$Dir/$name/settings.json" or die $!;
    print {$out} $content;
}
sub text { open my $in, '<', "$Dir/$_[0]/settings.json" or return ''; local $/; return scalar <$in> }
sub mode { return sprintf '%o', (stat "$Dir/$_[0]")[2] & 07777 }

edit('on',     "{\n    \"require_mfa\": true\n}\n");
edit('empty_object', '{}');
edit('text',   '{"require_mfa":"true"}');
edit('empty',  '');
edit('cut',    '{"require_mfa":true');
edit('number', '{"require_mfa":1}');
edit('upper',  '{"require_mfa":"TRUE"}');
edit('typo',   '{"require_mafia":true}');
edit('list',   '[]');
edit('zeros',  "\0" x 20);
edit('large',  '{"require_mfa":true' . ' ' x 70_000 . '}');
edit('left_over', '{"require_mfa":true}');
open my $left, '>', "$Dir/left_over/settings.json.123.0"; print {$left} '{"requi'; close $left;
mkdir "$Dir/is_dir", 0700; mkdir "$Dir/is_dir/settings.json";

our $Http = <<'_EOC_';
    auth_gate_zone   zone=gate:1m tokens=1000;
    auth_gate_secret env:JWT_SECRET;
_EOC_
our $Config = <<'_EOC_';
    auth_gate_identity claims;
    auth_gate_mfa      policy;
    location = /config   { auth_gate_app_config on; }
    location = /settings { auth_gate jwt; auth_gate_mfa exempt; auth_gate_app_settings on; }
    location = /api      { auth_gate jwt; empty_gif; }
_EOC_
our $Admin = 'Authorization: Bearer ' . session_jwt(1, role => 'admin', mfa_enabled => JSON::PP::true());
our $User  = 'Authorization: Bearer ' . session_jwt(2, mfa_enabled => JSON::PP::false());

# Section state: the name of the directory.
add_block_preprocessor(sub {
    my $block = shift;
    chomp(my $state = $block->state // '');
    $block->set_value(http_config => "$Http auth_gate_state_path \$TEST_NGINX_STATE/$state;");
    $block->set_value(config => $Config);
    $block->set_value(no_error_log => "[alert]\n[crit]\n[error]\n") if !defined $block->no_error_log && !defined $block->must_die;
});

# Section look: a list of [code, value], checked on disk after the block's last request.
add_response_body_check(sub {
    my ($block, undef, $index) = @_;
    my $requests = $block->request;
    return if !defined $block->look || $index < (ref $requests eq 'ARRAY' ? $#$requests : 0);
    for my $pair (@{ $block->look }) {
        my ($code, $value) = @$pair;
        Test::More::is(eval "package main; $code", $value, $block->name . " - $code");
    }
});

# Some blocks start another nginx with the files of the previous block.
no_shuffle();
run_tests();

__DATA__

=== TEST 1: the state directory is made at start, for its owner only, and without a settings file
--- state: fresh
--- request
GET /config
--- response_body: {"require_mfa":false}
--- look eval: [["text('fresh')", ''], ["mode('fresh')", '700']]



=== TEST 2: a PUT is on disk before it is answered, for its owner only
--- state: fresh
--- request
PUT /settings
{"require_mfa":true}
--- more_headers eval: $::Admin
--- response_body: {"success":true}
--- look eval: [["text('fresh')", "{\n    \"require_mfa\": true\n}\n"], ["mode('fresh/settings.json')", '600'], ["join ' ', map { s{.*/}{}r } glob \"\$Dir/fresh/*\"", 'settings.json']]



=== TEST 3: the setting survives a restart
--- state: fresh
--- request eval: ['GET /config', 'GET /api']
--- more_headers eval: ['', $::User]
--- error_code eval: [200, 403]
--- response_body_like eval: ['^\{"require_mfa":true\}$', 'MFA_REQUIRED']



=== TEST 4: turning the switch off is written too
--- state: fresh
--- request
PUT /settings
{"require_mfa":false}
--- more_headers eval: $::Admin
--- response_body: {"success":true}



=== TEST 5: and survives the next start
--- state: fresh
--- request eval: ['GET /config', 'GET /api']
--- more_headers eval: ['', $::User]
--- error_code eval: [200, 200]



=== TEST 6: an administrator's edit of the file takes effect
--- state: on
--- request
GET /config
--- response_body: {"require_mfa":true}



=== TEST 7: an empty object means the defaults
--- state: empty_object
--- request
GET /config
--- response_body: {"require_mfa":false}



=== TEST 8: "true" is accepted as true
--- state: text
--- request
GET /config
--- response_body: {"require_mfa":true}



=== TEST 9: the temporary file of a killed worker does no harm
--- state: left_over
--- request
GET /config
--- response_body: {"require_mfa":true}



=== TEST 10: and is removed at the next start
--- state: left_over
--- request
GET /config
--- response_body: {"require_mfa":true}
--- look eval: [["join ' ', map { s{.*/}{}r } glob \"\$Dir/left_over/*\"", 'settings.json']]



=== TEST 11: a damaged file is not started with: an empty file
--- state: empty
--- must_die
--- error_log eval
['empty/settings.json" are damaged: ' . 'it is not a JSON object']



=== TEST 12: a damaged file is not started with: JSON cut short
--- state: cut
--- must_die
--- error_log eval
['cut/settings.json" are damaged: ' . 'it is not a JSON object']



=== TEST 13: a damaged file is not started with: a list
--- state: list
--- must_die
--- error_log eval
['list/settings.json" are damaged: ' . 'it is not a JSON object']



=== TEST 14: a damaged file is not started with: zeros, as a power loss leaves them
--- state: zeros
--- must_die
--- error_log eval
['zeros/settings.json" are damaged: ' . 'it is not a JSON object']



=== TEST 15: a damaged file is not started with: a number
--- state: number
--- must_die
--- error_log eval
['number/settings.json" are damaged: ' . '"require_mfa" is neither true nor false']



=== TEST 16: a damaged file is not started with: TRUE
--- state: upper
--- must_die
--- error_log eval
['upper/settings.json" are damaged: ' . '"require_mfa" is neither true nor false']



=== TEST 17: members that the gate does not know are kept
--- state: typo
--- request eval: ['GET /config', "PUT /settings\n{\"require_mfa\":true}", 'GET /config']
--- more_headers eval: ['', $::Admin, '']
--- error_code eval: [200, 200, 200]
--- response_body eval: ['{"require_mfa":false}', '{"success":true}', '{"require_mfa":true}']
--- look eval: [["text('typo')", '{"require_mafia":true,"require_mfa":true}']]



=== TEST 18: nginx does not start with a file that cannot be read
--- state: is_dir
--- must_die
--- error_log eval
['reading the settings "' . "$::Dir/is_dir/settings.json" . '" failed (21: Is a directory)']



=== TEST 19: nginx does not start with a file that is too large
--- state: large
--- must_die
--- error_log eval
['reading the settings "' . "$::Dir/large/settings.json" . '" failed']



=== TEST 20: nginx does not start when it cannot make the directory
--- state: no/such/parent
--- must_die
--- error_log eval
["$::Dir/no/such/parent"]
