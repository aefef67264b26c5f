# Runs all tests: the core's by CTest, the module's in real nginx by prove.

. ./dev.d/build.sh
. ./dev.d/example.sh
. ./dev.d/nginx.sh
. ./dev.d/debian.sh

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

# The suites below t that are no `t/*.t`: they measure, wait or drive a browser, and run one after the other. What takes minutes
# (t/long) has verbs of its own.
# other_suites <not empty when sanitized>
other_suites() {
    if [ -z "$1" ]; then
        find t -mindepth 2 -name '*.t' ! -path '*/node_modules/*' ! -path 't/long/*' | sort
    else
        # What has no nginx in it is the same without sanitizers.
        find t -mindepth 2 -name '*.t' ! -path '*/node_modules/*' ! -path 't/long/*' ! -path t/e2e/client.t ! -path t/e2e/package.t \
            ! -path t/e2e/ui.t | sort
    fi
}

# run_unit_tests <folder> <a test's name, or its file>...: all without names
run_unit_tests() {
    local folder=$1 pattern= unit name known
    shift
    known=$(ctest --test-dir "$folder" -N | sed -n 's/^ *Test *#[0-9]*: //p')
    for unit in "$@"; do
        name=${unit#t/unit/}
        name=${name%.cpp}
        name=${name//\//_}
        grep -qxF "$name" <<<"$known" || die "there is no unit test $unit"
        pattern+=${pattern:+|}^$name\$
    done
    ctest --test-dir "$folder" --output-on-failure --no-tests=error ${pattern:+-R "$pattern"}
}

run_tests() {
    local folder options=() units=() suites=() path sources= sanitize=
    if [ "${1:-}" = --debian ]; then
        [ $# -ge 2 ] || die "test --debian needs the name of a release"
        run_in_debian "$2" test "${@:3}"
        return
    fi
    while [ $# -gt 0 ]; do
        path=$1
        shift
        case "$path" in
            --sanitize)
                sanitize=1
                options=(-DAUTH_GATE_SANITIZE=ON)
                export AUTH_GATE_SANITIZE=1
                ;;
            --nginx) sources=${1:?"test --nginx needs a source tree of nginx"}; shift ;;
            *.t) [ -f "$path" ] || die "there is no $path"; suites+=("$path") ;;
            t/unit/*.cpp | *_test) units+=("$path") ;;
            t/unit | t/unit/*) mapfile -t -O ${#units[@]} units < <(find "$path" -name '*_test.cpp' | sort) ;;
            *)
                [ -d "$path" ] || die "test knows --sanitize, --nginx DIR, folders, .t files, files in t/unit and names of unit tests, not $path"
                mapfile -t -O ${#suites[@]} suites < <(find "$path" -name '*.t' ! -path '*/node_modules/*' | sort)
                [ ${#suites[@]} -gt 0 ] || die "there is no .t file in $path"
                ;;
        esac
    done

    need prove:perl libtest-base-perl curl:curl openssl:openssl glewlwyd:glewlwyd sqlite3:sqlite3 redis-server:redis-server \
        python3:python3 python3-hpack php-cgi:php-cgi go:golang-go
    folder=build${sanitize:+-sanitize}
    if [ -n "$sources" ]; then
        build_other_nginx "$sources"
        folder=build-nginx-$NGINX_VERSION/$folder
        options+=(-DNGINX_SOURCE_DIR="$NGINX_TREE" -DNGINX_BUILD_DIR="$NGINX_TREE/objs")
        export NGINX_SOURCE_DIR=$NGINX_TREE
    fi
    build_in "$folder" -DAUTH_GATE_TESTS=ON "${options[@]}"
    build_client
    find_nginx
    # After nginx: they want a web server. What liblemonldap-ng-portal-perl recommends is named, as far as its test needs it.
    need liblemonldap-ng-portal-perl libstring-random-perl libconvert-base32-perl libio-string-perl libipc-run-perl \
        libunicode-string-perl libmime-tools-perl
    install_example
    if [ -n "$sanitize" ]; then
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
    if [ -z "$sanitize" ]; then
        say "Testing the example application"
        quietly "$folder/example-test.log" npm --prefix example test
    fi
    say "Unit tests"
    run_unit_tests "$folder"
    say "nginx suites"
    prove -j"$(nproc)" t/*.t
    mapfile -t suites < <(other_suites "$sanitize")
    prove "${suites[@]}"
}
