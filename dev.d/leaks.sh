# Looks for memory and descriptors that are lost: LeakSanitizer under a part of the suites, then ten minutes of mixed traffic.

. ./dev.d/test.sh

LEAK_SUITES=(t/{jwt,issue,redeem,lease,websocket,identity_lookup,identity_cache,settings_put,settings_upstream,oidc_answers}.t
    t/live/{reload,mfa_sockets,mfa_http2,oidc,oidc_hostile,single_use}.t)

# nginx unloads its modules before it ends. A leak's stack would have no names, and what the module's variables hold would count
# as lost.
write_leak_nginx() {
    printf 'int dlclose(void* library) { (void)library; return 0; }\n' >"$1.c"
    gcc -shared -fPIC -o "$1.so" "$1.c"
    cat >"$1" <<EOT
#!/bin/sh
LD_PRELOAD="$(gcc -print-file-name=libasan.so) $1.so \$LD_PRELOAD"
ASAN_OPTIONS=detect_leaks=1:fast_unwind_on_malloc=0:malloc_context_size=30:log_path=$2/leak
LSAN_OPTIONS=exitcode=0
export LD_PRELOAD ASAN_OPTIONS LSAN_OPTIONS
exec "$NGINX" "\$@"
EOT
    chmod +x "$1"
}

# The direct leaks in these reports with a function of the module in their stack.
our_leaks() {
    cat "$1"/leak* 2>/dev/null | awk 'BEGIN { RS = "" } /^Direct leak/ && /auth_gate/ { print $0 "\n" }'
}

run_leaks() {
    local folder=build-sanitize reports leaks
    [ $# = 0 ] || die "leaks takes no arguments"
    export AUTH_GATE_SANITIZE=1
    need prove:perl libtest-base-perl curl:curl openssl:openssl
    build_in "$folder" -DAUTH_GATE_TESTS=ON -DAUTH_GATE_SANITIZE=ON
    find_nginx
    install_example
    reports=$PWD/$folder/leaks
    rm -rf "$reports"
    mkdir -m 777 "$reports"
    write_leak_nginx "$PWD/$folder/nginx-leaks" "$reports"
    say "Suites with LeakSanitizer"
    TEST_NGINX_BINARY=$PWD/$folder/nginx-leaks TEST_NGINX_LOAD_MODULES=$PWD/$folder/ngx_http_auth_gate_module.so \
        prove "${LEAK_SUITES[@]}"
    leaks=$(our_leaks "$reports")
    [ -z "$leaks" ] || { printf '%s\n' "$leaks" >&2; die "memory is lost"; }
    say "$(find "$reports" -name 'leak*' | wc -l) processes reported leaks of nginx or its libraries, none of them of the module"

    unset AUTH_GATE_SANITIZE
    build_in build
    say "Ten minutes of mixed traffic, with a reload every ten seconds"
    TEST_NGINX_BINARY=$NGINX TEST_NGINX_LOAD_MODULES=$PWD/build/ngx_http_auth_gate_module.so prove -v t/long/soak.t
}
