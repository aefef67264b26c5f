# Runs all tests: the core's by CTest, the module's in real nginx by prove.

. ./dev.d/build.sh
. ./dev.d/example.sh

# nginx is not built with AddressSanitizer, so its runtime has to be there before nginx is.
write_sanitized_nginx() {
    cat >"$1" <<EOT
#!/bin/sh
LD_PRELOAD="$(gcc -print-file-name=libasan.so) \$LD_PRELOAD"
ASAN_OPTIONS=detect_leaks=0:abort_on_error=1
UBSAN_OPTIONS=print_stacktrace=1
export LD_PRELOAD ASAN_OPTIONS UBSAN_OPTIONS
exec "$NGINX" "\$@"
EOT
    chmod +x "$1"
}

run_tests() {
    local folder=build options=() suites=(t)
    case "${1:-}" in
        --sanitize)
            folder=build-sanitize
            options=(-DAUTH_GATE_SANITIZE=ON)
            export AUTH_GATE_SANITIZE=1
            ;;
        '') ;;
        *) die "test knows --sanitize and nothing else" ;;
    esac

    need prove:perl libtest-base-perl curl:curl openssl:openssl glewlwyd:glewlwyd sqlite3:sqlite3
    build_in "$folder" -DAUTH_GATE_TESTS=ON "${options[@]}"
    build_client
    find_nginx

    install_example
    if [ "$folder" = build ]; then
        say "Testing the example application"
        quietly "$folder/example-test.log" npm --prefix example test
    fi

    say "Unit tests"
    ctest --test-dir "$folder" --output-on-failure

    say "nginx suites"
    if [ "$folder" = build-sanitize ]; then
        write_sanitized_nginx "$folder/nginx-sanitized"
        NGINX=$PWD/$folder/nginx-sanitized
        # What has no nginx in it is the same without sanitizers.
        mapfile -t suites < <(find t -name '*.t' ! -path t/e2e/client.t ! -path t/e2e/package.t ! -path t/e2e/ui.t | sort)
    fi
    TEST_NGINX_BINARY=$NGINX TEST_NGINX_LOAD_MODULES=$PWD/$folder/ngx_http_auth_gate_module.so \
        TEST_NGINX_SERVROOT=${TEST_NGINX_SERVROOT:-$PWD/t/servroot} prove -r "${suites[@]}"
}
