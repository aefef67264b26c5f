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

# The suites below t that are no `t/*.t`: they measure, wait or drive a browser, and run one after the other.
other_suites() {
    if [ "$1" = build ]; then
        find t -mindepth 2 -name '*.t' ! -path '*/node_modules/*' | sort
    else
        # What has no nginx in it is the same without sanitizers.
        find t -mindepth 2 -name '*.t' ! -path '*/node_modules/*' ! -path t/e2e/client.t ! -path t/e2e/package.t \
            ! -path t/e2e/ui.t | sort
    fi
}

# run_unit_tests <folder> <a test's name, or its file>...: all without names
run_unit_tests() {
    local folder=$1 pattern= unit name
    shift
    for unit in "$@"; do
        name=${unit#t/unit/}
        name=${name%.cpp}
        pattern+=${pattern:+|}^${name//\//_}\$
    done
    ctest --test-dir "$folder" --output-on-failure --no-tests=error ${pattern:+-R "$pattern"}
}

run_tests() {
    local folder=build options=() units=() suites=() path
    for path in "$@"; do
        case "$path" in
            --sanitize)
                folder=build-sanitize
                options=(-DAUTH_GATE_SANITIZE=ON)
                export AUTH_GATE_SANITIZE=1
                ;;
            *.t) [ -f "$path" ] || die "there is no $path"; suites+=("$path") ;;
            t/unit/*.cpp | *_test) units+=("$path") ;;
            *) die "test knows --sanitize, .t files, files in t/unit and names of unit tests, not $path" ;;
        esac
    done

    need prove:perl libtest-base-perl curl:curl openssl:openssl glewlwyd:glewlwyd sqlite3:sqlite3
    build_in "$folder" -DAUTH_GATE_TESTS=ON "${options[@]}"
    build_client
    find_nginx
    install_example
    if [ "$folder" = build-sanitize ]; then
        write_sanitized_nginx "$folder/nginx-sanitized"
        NGINX=$PWD/$folder/nginx-sanitized
    fi
    export TEST_NGINX_BINARY=$NGINX TEST_NGINX_LOAD_MODULES=$PWD/$folder/ngx_http_auth_gate_module.so
    # Each suite makes a folder of its own.
    unset TEST_NGINX_SERVROOT

    if [ ${#units[@]} -gt 0 ] || [ ${#suites[@]} -gt 0 ]; then
        [ ${#units[@]} = 0 ] || run_unit_tests "$folder" "${units[@]}"
        [ ${#suites[@]} = 0 ] || prove "${suites[@]}"
        return
    fi
    if [ "$folder" = build ]; then
        say "Testing the example application"
        quietly "$folder/example-test.log" npm --prefix example test
    fi
    say "Unit tests"
    run_unit_tests "$folder"
    say "nginx suites"
    prove -j"$(nproc)" t/*.t
    mapfile -t suites < <(other_suites "$folder")
    prove "${suites[@]}"
}
