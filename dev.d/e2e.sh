# Tests in a real browser: of the demo's site, with pages and places of the tests added, and of the settings pages alone.

. ./dev.d/demo.sh

install_e2e() {
    # Chinese needs a font with its characters.
    need node:nodejs npm:npm chromium:chromium fonts-dejavu-core fonts-wqy-microhei
    install_example
    # npm writes it last: without it an installation was interrupted.
    local installed=t/e2e/node_modules/.package-lock.json
    if [ ! -f $installed ] || [ t/e2e/package-lock.json -nt $installed ]; then
        say "Installing the browser tests' npm packages"
        npm --prefix t/e2e ci --no-audit --no-fund >&2
        touch $installed
    fi
}

# Beside the example's locations: the client's files, the tests' pages, and pages of the old kind with the shim.
write_e2e_conf() {
    # A copy that nginx's workers may read: a checkout may be its owner's alone.
    local root=$run/root
    mkdir -p "$run/pages" "$root/t/e2e/node_modules"
    cp -r client "$root/"
    cp -r t/e2e/pages t/e2e/old t/e2e/pwa "$root/t/e2e/"
    cp -r t/e2e/node_modules/react t/e2e/node_modules/react-dom t/e2e/node_modules/workbox-* "$root/t/e2e/node_modules/"
    cp -r --parents t/e2e/node_modules/{socket.io-client,graphql-ws,@microsoft/signalr}/dist "$root/"
    chmod -R a+rX "$root"
    # The configuration of docs/streaming.md, before an application of the tests' own.
    local piece='/^```nginx$/{on=1; next} /^```$/{exit} on'
    awk "$piece" docs/streaming.md | sed -n '/^    auth_gate/p' >"$run/e2e-http.conf"
    printf 'upstream streams { server unix:%s/pages/streams.sock; }\n' "$run" >>"$run/e2e-http.conf"
    awk "$piece" docs/streaming.md | sed -n -e 's#http://app#http://streams#' -e '/ws-token/d' \
        -e '/^    server {$/,/^    }$/{/^    [^ ]/!p}' >"$run/e2e.conf"
    sed -e "s#@ROOT@#$root#g" -e "s#@RUN@#$run#g" t/e2e/locations.conf >>"$run/e2e.conf"
    # Each purpose demands a path: a helper that asks for a token without one gets none.
    sed -i '/^ *auth_gate_purpose /s/;/ bind=path;/' "$run/nginx.conf" "$run/e2e-http.conf"
    # Sockets of workers that were told to stop end with them.
    sed -i -e "1i worker_shutdown_timeout 1s;" -e "s#^    server {#    include $run/e2e-http.conf; server { include $run/e2e.conf;#" \
        "$run/nginx.conf"
    if [ -n "${TEST_NGINX_LOAD_MODULES:-}" ]; then
        sed -i "s#^load_module .*#load_module $TEST_NGINX_LOAD_MODULES;#" "$run/nginx.conf"
        sed -i "1i env LD_PRELOAD; env ASAN_OPTIONS; env UBSAN_OPTIONS;" "$run/nginx.conf"
    fi
}

# What the browser leaves in its temporary folder goes with everything else.
make_run() {
    run=$(mktemp -d)
    chmod 755 "$run"
    trap stop_demo EXIT INT TERM
    mkdir -m 700 "$run/tmp"
    export TMPDIR=$run/tmp
}

# The settings pages and the shim's dialog before a site of the tests' own, in every state and language. Prints TAP.
run_ui() {
    build_client
    install_e2e
    make_run
    node --test --test-reporter=./t/e2e/lib/reporter.mjs t/e2e/ui/*.test.mjs
}

# The client as npm packs it. Prints TAP.
run_package() {
    install_e2e
    make_run
    node --test --test-reporter=./t/e2e/lib/reporter.mjs t/e2e/package/*.test.mjs
}

# Needs a built module: build/'s, or the one in TEST_NGINX_LOAD_MODULES. Prints TAP; arguments choose suites by name.
run_e2e() {
    build_client
    NGINX=${TEST_NGINX_BINARY:-${NGINX:-}}
    find_nginx
    install_e2e

    make_run
    export JWT_SECRET
    JWT_SECRET=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
    start_app
    # After the application, which takes a free port of its own.
    local port
    port=$(free_port)
    start_provider "$port"
    write_conf "$port"
    write_e2e_conf
    start_nginx "$port"

    GATE_URL=http://127.0.0.1:$port PROVIDER_URL=$OIDC_ISSUER RELOAD_CMD=$(reload_command) PAGES=$run/pages \
        LOGS=$run/access.log:$run/combined.log:$run/error.log node t/e2e/run.mjs "$@"
}
