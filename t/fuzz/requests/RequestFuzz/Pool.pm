# The configurations of the request fuzzer: what nginx is told, and the same as settings for the oracle.
#
# Each configuration has a location for every profile (what the gate is told) in every shape of block. The variable
# $location tells the application which one passed a request on.
package RequestFuzz::Pool;

use strict;
use warnings;

use Exporter qw(import);

our @EXPORT = qw(configuration_names needs_store configuration profile_names shape_names);

my %Default = (
    gate => 0, jwt => 0, tokens => [], keys => ['JWT_SECRET'], bearer => 1, cookies => [], require => {}, require_exp => 1,
    leeway => 0, max_size => 8192, user_claim => 'id', mfa => 'off', dry_run => 0, bypass => 0, identity => 'claims',
    as_sent => 0, ws_close => 0, login_url => undef, mfa_url => '/settings?mfa=required', origins => ['self'], upstream_jwt => 1,
    opaque => 0, cors => [],
);

my $Cookies = 'auth_gate_jwt_from bearer cookie:sid;';
my @Jwt = (gate => 1, jwt => 1);
my %Profile = (
    off      => { says => 'auth_gate off;' },
    jwt      => { says => 'auth_gate jwt;', @Jwt },
    ticket   => { says => 'auth_gate token=download;', gate => 1, tokens => ['download'] },
    both     => { says => "auth_gate jwt token=download,ws; $Cookies", @Jwt, tokens => [qw(download ws)], cookies => ['sid'] },
    cookie   => { says => "auth_gate jwt; $Cookies", @Jwt, cookies => ['sid'] },
    only     => { says => 'auth_gate jwt; auth_gate_jwt_from cookie:sid;', @Jwt, bearer => 0, cookies => ['sid'] },
    claims   => { says => 'auth_gate jwt token=download; auth_gate_require role=admin;', @Jwt, tokens => ['download'], require => { role => 'admin' } },
    keys     => { says => 'auth_gate jwt token=download; auth_gate_secret env:OTHER_SECRET env:JWT_SECRET;', @Jwt, tokens => ['download'], keys => [qw(OTHER_SECRET JWT_SECRET)] },
    other    => { says => 'auth_gate jwt token=download; auth_gate_secret env:OTHER_SECRET;', @Jwt, tokens => ['download'], keys => ['OTHER_SECRET'] },
    sub      => { says => 'auth_gate jwt token=download; auth_gate_user_claim sub;', @Jwt, tokens => ['download'], user_claim => 'sub' },
    leeway   => { says => 'auth_gate jwt; auth_gate_leeway 1h;', @Jwt, leeway => 3600 },
    noexp    => { says => 'auth_gate jwt; auth_gate_require_exp off;', @Jwt, require_exp => 0 },
    small    => { says => 'auth_gate jwt; auth_gate_jwt_max_size 400;', @Jwt, max_size => 400 },
    always   => { says => "auth_gate jwt token=download; $Cookies auth_gate_mfa always;", @Jwt, tokens => ['download'], cookies => ['sid'], mfa => 'always' },
    lookup   => { says => 'auth_gate jwt token=download; auth_gate_mfa always; auth_gate_identity /_me cache=0;', @Jwt, tokens => ['download'], mfa => 'always', identity => 'lookup' },
    session  => { says => 'auth_gate jwt; auth_gate_mfa always; auth_gate_identity /_me per=session;', @Jwt, mfa => 'always', identity => 'lookup' },
    policy   => { says => 'auth_gate jwt token=download; auth_gate_mfa policy; auth_gate_mfa_sockets on checks=4;', @Jwt, tokens => ['download'], mfa => 'policy' },
    dry      => { says => 'auth_gate jwt; auth_gate_mfa policy dry_run;', @Jwt, mfa => 'policy', dry_run => 1 },
    exempt   => { says => 'auth_gate jwt; auth_gate_mfa exempt;', @Jwt, mfa => 'exempt' },
    bypass   => { says => 'auth_gate jwt; auth_gate_mfa always; auth_gate_mfa_bypass 127.0.0.1;', @Jwt, mfa => 'always', bypass => 1 },
    close    => { says => "auth_gate jwt token=ws; $Cookies auth_gate_ws_close on slow=1ms; auth_gate_mfa always;", @Jwt, tokens => ['ws'], cookies => ['sid'], ws_close => 1, mfa => 'always' },
    login    => { says => 'auth_gate jwt; auth_gate_login_url /login?from=$uri; auth_gate_mfa always; auth_gate_mfa_url /setup;', @Jwt, login_url => '/login', mfa => 'always', mfa_url => '/setup' },
    origin   => { says => "auth_gate jwt; $Cookies auth_gate_origin https://a.example;", @Jwt, cookies => ['sid'], origins => ['self', 'https://a.example'] },
    anywhere => { says => "auth_gate jwt; $Cookies auth_gate_origin off;", @Jwt, cookies => ['sid'], origins => ['off'] },
    bound    => { says => 'auth_gate jwt token=bound,download;', @Jwt, tokens => [qw(bound download)] },
    lease    => { says => 'auth_gate jwt token=media;', @Jwt, tokens => ['media'] },
    pass     => { says => 'auth_gate jwt token=download; auth_gate_pass arg:state;', @Jwt, tokens => ['download'] },
    opaque   => { says => "auth_gate jwt token=download; $Cookies auth_gate_pass opaque;", @Jwt, tokens => ['download'], cookies => ['sid'], opaque => 1 },
    keyed    => { says => "auth_gate jwt; $Cookies auth_gate_mfa always; auth_gate_pass opaque without_mfa;", @Jwt, cookies => ['sid'], mfa => 'always', opaque => 1 },
    cors     => { says => "auth_gate jwt; $Cookies auth_gate_cors https://a.example;", @Jwt, cookies => ['sid'] },
    sent     => { says => 'auth_gate jwt token=download; auth_gate_path as_sent;', @Jwt, tokens => ['download'], as_sent => 1 },
    quiet    => { says => 'auth_gate token=download; auth_gate_upstream_jwt off;', gate => 1, tokens => ['download'], upstream_jwt => 0 },
    any      => { says => 'auth_gate jwt; satisfy any; deny all;', @Jwt },
    cache    => { says => 'auth_gate jwt; proxy_cache pages; proxy_cache_valid 1h; proxy_cache_key "$request_uri";', @Jwt },
    shared   => { says => 'auth_gate jwt; auth_gate_cache shared; proxy_cache pages; proxy_cache_valid 1h; proxy_cache_key "$request_uri $auth_gate_user_id";', @Jwt, cached => 1 },
);

# `target`: where the entry leads inside nginx; `as`: how. (nginx cannot send a body on twice that it has not kept.)
my %Shape = (
    plain   => { text => 'location /plain/%P/ { set $location %L; %S %A }' },
    exact   => { text => 'location = /exact/%P { set $location %L; %S %A }', exact => 1 },
    if      => { text => 'location /if/%P/ { set $location %L; %S if ($uri ~ ^) { %A } }' },
    limit   => { text => 'location /limit/%P/ { %H proxy_set_header X-Location %L; %S %A limit_except PROPFIND { %X } }' },
    nested  => { text => 'location /nested/%P/ { %S location /nested/%P/in/ { set $location %L; %A } }', below => 'in/' },
    known   => { text => 'location /known/%P/ { set $location %L; %S if ($auth_gate_user_id = nobody) { return 403; } %A }' },
    named   => { text => 'location /named/%P/ { auth_gate off; try_files /nothing @named-%P; } location @named-%P { set $location %L; %S %A }', as => 'named' },
    target  => { text => 'location /target/%P/ { set $location %L; %S %A }' },
    error   => { text => 'location /error/%P/ { auth_gate off; error_page 418 = /target/%P/x$is_args$args; return 418; }', as => 'error', target => 'target' },
    rewrite => { text => 'location /rewrite/%P/ { auth_gate off; rewrite (?s)^/rewrite/(.*)$ /target/$1 last; }', as => 'rewrite', target => 'target' },
    accel   => { text => 'location /accel/%P/ { auth_gate off; proxy_request_buffering on; set $location %L; %A }', as => 'accel', target => 'target' },
    ask     => { text => 'location = /_ask/%P { internal; set $location ask/%P; %S empty_gif; } location /ask/%P/ { auth_gate off; auth_request /_ask/%P; set $location %L; %A }', as => 'ask' },
    part    => { text => 'location /part/%P/ { set $location %L; %S %A }' },
    page    => { text => 'location /page/%P/ { auth_gate off; proxy_request_buffering on; ssi on; set $location %L; %A }', as => 'page', target => 'part' },
);

my @Server_rules = (
    [public => 'GET', '/plain/jwt/open/*'], [public => '*', '/exact/both'], [public => 'GET', '/target/jwt/open/*'], [public => 'GET', '/plain/jwt/*/shared'],
    [mfa_exempt => 'GET', '/plain/always/setup/*'], [mfa_exempt => '*', '/plain/lookup/setup'], [mfa_exempt => 'POST', '/plain/policy/setup'],
);

my $Admins = "auth_gate jwt; $Cookies auth_gate_mfa exempt;";
my @admin  = (@Jwt, cookies => ['sid'], mfa => 'exempt', own => 1);
my %Endpoint = (
    '/ep/issue'        => { says => 'auth_gate_issue download;', @Jwt, own => 1, issues => ['download'] },
    '/ep/issue-any'    => { says => "auth_gate_issue ws download media bound; $Cookies", @Jwt, own => 1, cookies => ['sid'], issues => [qw(ws download media bound)] },
    '/ep/issue-asked'  => { says => 'auth_gate_issue download check=identity; auth_gate_identity /_me;', @Jwt, own => 1, asks => 1, issues => ['download'] },
    '/ep/issue-sub'    => { says => 'auth_gate_issue download; auth_gate_user_claim sub;', @Jwt, own => 1, user_claim => 'sub', issues => ['download'] },
    '/ep/issue-other'  => { says => 'auth_gate_issue download; auth_gate_secret env:OTHER_SECRET;', @Jwt, own => 1, keys => ['OTHER_SECRET'], issues => ['download'] },
    '/ep/issue-cors'   => { says => "auth_gate_issue download; $Cookies auth_gate_cors https://a.example;", @Jwt, own => 1, cookies => ['sid'], cors => ['https://a.example'], issues => ['download'] },
    '/ep/issue-claims' => { says => 'auth_gate_issue download; auth_gate_require role=admin;', @Jwt, own => 1, require => { role => 'admin' }, issues => ['download'] },
    '/ep/settings'     => { says => "$Admins auth_gate_app_settings on;", @admin, settings => 1 },
    '/ep/app-settings' => { says => "$Admins auth_gate_app_settings on; set \$location ep/app-settings; %A", @admin, settings => 2 },
    '/ep/config'       => { says => 'auth_gate off; auth_gate_app_config on oidc=sso;', open => [200, 405], folds => 1 },
    '/ep/app-config'   => { says => 'auth_gate off; auth_gate_app_config on; set $location ep/app-config; %A', loose => 1, folds => 1 },
    '/ep/disable'      => { says => "$Admins auth_gate_mfa_disable on; set \$location ep/disable; %A", @admin, disable => 1 },
    '/ep/status'       => { says => 'auth_gate off; auth_gate_status json;', open => [200, 405] },
    '/ep/prometheus'   => { says => 'auth_gate off; auth_gate_status prometheus;', open => [200, 405] },
    '/ep/provider'     => { says => "$Admins auth_gate_oidc_settings sso allow_private;", @admin, loose => 1 },
    '/ep/app-provider' => { says => "$Admins auth_gate_oidc_settings sso allow_private; set \$location ep/app-provider; %A", @admin, loose => 1 },
);

my $Headers = 'proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade; '
    . 'proxy_set_header X-User $auth_gate_user_id; proxy_set_header X-Purpose $auth_gate_purpose;';

# What the configurations differ in.
my %Configuration = (
    usual   => { http => '', server => '' },
    nocache => { http => 'auth_gate_jwt_cache off;', server => 'proxy_request_buffering off; proxy_buffering off; client_body_buffer_size 16;' },
    store   => { http => 'auth_gate_store unix:%STORE timeout=5s;', server => '', store => 1 },
    inherit => {
        http   => 'auth_gate_jwt_cache 64k;',
        server => 'auth_gate jwt; auth_gate_ws_close on; auth_gate_login_url /sign-in;',
        set    => { ws_close => 1, login_url => '/sign-in' },
        rest   => { @Jwt, ws_close => 1, login_url => '/sign-in' },
    },
);

sub configuration_names { return sort keys %Configuration }
sub profile_names       { return sort keys %Profile }
sub shape_names         { return sort keys %Shape }

sub needs_store { return $Configuration{ $_[0] }{store} }

# configuration($name, app => port, state => folder, dead => port, store => socket): { name, http, server, locations, exact, prefixes, rules }
# Locations have the settings, and `name`, `path`, `as` and `target`.
sub configuration {
    my ($name, %of) = @_;
    my $own = $Configuration{$name} or die "there is no configuration $name\n";
    my %common = (%Default, %{ $own->{set} || {} });
    my (%location, @text);
    my $add = sub { my ($at, %more) = @_; $location{$at} = { %common, %more, name => $at }; return };

    for my $shape (sort keys %Shape) {
        for my $profile (sort keys %Profile) {
            my ($form, $says) = ($Shape{$shape}, $Profile{$profile});
            push @text, filled($form->{text}, $profile, "$shape/$profile", $says->{says});
            my %more = (shape => $shape, profile => $profile, path => "/$shape/$profile" . ($form->{exact} ? '' : '/' . ($form->{below} // '')));
            my $entry = $form->{as} && $form->{as} ne 'named';
            $add->("$shape/$profile", ($entry ? (says => '') : %$says), %more, exact => $form->{exact}, as => $form->{as},
                target => $form->{target} && "$form->{target}/$profile");
            $add->("ask-inner/$profile", %$says, path => "/_ask/$profile") if $shape eq 'ask';
            $add->("outer/$profile", %$says, path => "/nested/$profile/", loose => 1) if $shape eq 'nested';
        }
    }
    for my $path (sort keys %Endpoint) {
        push @text, filled("location = $path { $Endpoint{$path}{says} }", '', '', '');
        $add->($path =~ s{^/}{}r, %{ $Endpoint{$path} }, path => $path, exact => 1);
    }
    $add->('sso', says => '', path => '/sso/', loose => 1);
    $add->('root', %{ $own->{rest} || {} }, path => '/');

    $_->{all} = \%location for values %location;
    my $rules = join ' ', map { "auth_gate_$_->[0] $_->[1] $_->[2];" } @Server_rules;
    return {
        name      => $name,
        http      => http_text($own->{http} =~ s/%STORE/$of{store}/r, %of),
        server    => join("\n", server_text($own->{server}, %of), $rules, @text, filled('location / { set $location root; %A }', '', '', '')),
        locations => \%location,
        rules     => \@Server_rules,
    };
}

sub filled {
    my ($text, $profile, $name, $says) = @_;
    my $answers = 'proxy_pass http://app;';
    return $text =~ s/%H/$Headers/gr =~ s/%A/$answers/gr =~ s/%S/$says/gr =~ s/%P/$profile/gr =~ s/%L/$name/gr =~ s/%X/$answers/gr;
}

sub http_text {
    my ($more, %of) = @_;
    return <<"END";
    auth_gate_zone zone=gate:8m tokens=20000 per_user=15000;
    auth_gate_secret env:JWT_SECRET;
    auth_gate_state_path $of{state};
    auth_gate_purpose download ttl=600s;
    auth_gate_purpose ws ttl=600s;
    auth_gate_purpose media ttl=600s lease=600s bind=agent;
    auth_gate_purpose bound ttl=600s bind=path;
    auth_gate_oidc_provider sso { issuer http://127.0.0.1:$of{dead}; client_id a; app_url http://localhost;
        user_id \$who type=string; trust_amr mfa; mfa provider; session_claim role=role mfa_enabled=mfa; }
    map \$auth_gate_oidc_claim_email \$who { default \$auth_gate_oidc_claim_sub; }
    proxy_cache_path $of{state}-pages keys_zone=pages:1m;
    log_format fuzz '\$request|\$request_uri|\$args|\$http_referer|\$uri|\$sent_http_location|\$auth_gate_user_id|\$auth_gate_purpose|'
        '\$auth_gate_role|\$auth_gate_mfa|\$auth_gate_claim_role|\$auth_gate_oidc_claim_email|\$status|\$auth_gate_decision|';
    upstream app { server 127.0.0.1:$of{app}; keepalive 4; }
    map \$http_upgrade \$connection_upgrade { default upgrade; '' ''; }
    variables_hash_max_size 4096;
    keepalive_requests 100000;
    client_max_body_size 100k;
    $more
END
}

sub server_text {
    my ($more, %of) = @_;
    return <<"END";
    $of{listen}
    access_log fuzz.log fuzz;
    auth_gate_identity claims;
    proxy_http_version 1.1;
    $Headers proxy_set_header X-Location \$location;
    $more
    location = /_me { internal; auth_gate off; proxy_set_header X-Location me; proxy_set_header Connection ''; proxy_pass http://app/me; }
    location = /-probe { auth_gate off; access_log off; empty_gif; }
    location /sso/ { auth_gate_oidc sso; auth_gate_oidc_session cookie:sid; }
END
}

1;
