# Runs the example application with the gate in front of it.

. ./dev.d/build.sh
. ./dev.d/example.sh

app_pid= nginx_pid= provider_pid= run=

stop_demo() {
    local status=$?
    trap - EXIT INT TERM
    [ -z "$nginx_pid" ] || kill -TERM "$nginx_pid" 2>/dev/null || true
    [ -z "$app_pid" ] || kill -TERM "$app_pid" 2>/dev/null || true
    [ -z "$provider_pid" ] || kill -TERM "$provider_pid" 2>/dev/null || true
    [ -z "$nginx_pid" ] || wait "$nginx_pid" 2>/dev/null || true
    [ -z "$app_pid" ] || wait "$app_pid" 2>/dev/null || true
    [ -z "$provider_pid" ] || wait "$provider_pid" 2>/dev/null || true
    [ -z "$run" ] || rm -rf "$run"
    exit "$status"
}

# wait_for <seconds> <command...>: until it succeeds
wait_for() {
    local tries=$(($1 * 20))
    shift
    while ! "$@" >/dev/null 2>&1; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || return 1
        sleep 0.05
    done
}

# Not one of those that the system gives out by itself: whatever is started next could be given it.
free_port() {
    node -e '
        (function next() {
            const port = 11000 + Math.floor(Math.random() * 20000);
            const server = require("net").createServer().on("error", next);
            server.listen(port, "127.0.0.1", () => { console.log(port); server.close(); });
        })()'
}

is_open() { (exec 3<>"/dev/tcp/127.0.0.1/$1"); }

start_app() {
    PORT=0 DATA_DIR=$run/data REQUEST_LOG=$run/app.log node example/src/main.js >"$run/app.out" 2>&1 &
    app_pid=$!
    wait_for 20 grep -q 'listening on' "$run/app.out" || { cat "$run/app.out" >&2; die "the application did not start"; }
    app_url=$(sed -n 's/.*listening on \(http:[^ ]*\).*/\1/p' "$run/app.out")
}

# start_provider <the gate's port>: an OpenID provider, and what the gate is to know of it
start_provider() {
    export OIDC_CLIENT_ID=auth-gate OIDC_CLIENT_SECRET OIDC_ISSUER
    OIDC_CLIENT_SECRET=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
    PORT=0 CLIENT_ID=$OIDC_CLIENT_ID CLIENT_SECRET=$OIDC_CLIENT_SECRET LOGOUT_URIS=http://127.0.0.1:$1/login \
        REDIRECT_URIS=http://127.0.0.1:$1/api/auth/oidc/callback node example/provider.js >"$run/provider.out" 2>&1 &
    provider_pid=$!
    wait_for 20 grep -q 'listening on' "$run/provider.out" || { cat "$run/provider.out" >&2; die "the provider did not start"; }
    OIDC_ISSUER=$(sed -n 's/^listening on //p' "$run/provider.out")
}

# The demo runs nginx.conf.example itself, with places and ports of its own.
write_conf() {
    local port=$1
    {
        printf 'daemon off;\npid %s/nginx.pid;\nerror_log %s/error.log info;\n' "$run" "$run"
        sed -e "s#modules/ngx_http_auth_gate_module.so#$PWD/build/ngx_http_auth_gate_module.so#" \
            -e "s#listen 80;#listen 127.0.0.1:$port;#" \
            -e "s#server 127.0.0.1:3000;#server ${app_url#http://};#" \
            -e "s#https://travel.example;#http://127.0.0.1:$port;#" \
            -e "s#/var/log/nginx/#$run/#" \
            -e "s#/var/lib/nginx/auth-gate#$run/state#" \
            -e "s# slow=30s;# slow=1s;#" \
            -e "s#auth_gate_oidc_settings sso;#auth_gate_oidc_settings sso allow_private;#" \
            -e "s#^http {#http { access_log $run/combined.log combined; client_body_temp_path $run/body; \
proxy_temp_path $run/proxy; fastcgi_temp_path $run/fastcgi; uwsgi_temp_path $run/uwsgi; scgi_temp_path $run/scgi;#" \
            nginx.conf.example
    } >"$run/nginx.conf"
}

start_nginx() {
    "$NGINX" -p "$run" -e "$run/error.log" -c "$run/nginx.conf" &
    nginx_pid=$!
    wait_for 20 is_open "$1" || { cat "$run/error.log" >&2; die "nginx did not start"; }
}

# A reload is done when the new workers are there.
reload_command() {
    cat <<EOT
n=\$(grep -c 'start worker process ' '$run/error.log'); kill -HUP $nginx_pid
for i in \$(seq 200); do
    m=\$(grep -c 'start worker process ' '$run/error.log')
    [ \$m -ge \$((n + $(nproc))) ] && grep -q 'gracefully shutting down' '$run/error.log' && exit 0
    sleep 0.05
done
exit 1
EOT
}

run_demo() {
    local check= port=8080
    case "${1:-}" in
        --check) check=1 ;;
        '') ;;
        *) die "demo knows --check and nothing else" ;;
    esac

    build_module
    find_nginx
    install_example

    run=$(mktemp -d)
    chmod 755 "$run"
    trap stop_demo EXIT INT TERM
    export JWT_SECRET
    JWT_SECRET=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
    [ -z "$check" ] || port=$(free_port)
    ! is_open "$port" 2>/dev/null || die "port $port on 127.0.0.1 is taken"

    say "Starting the application and nginx"
    start_app
    start_provider "$port"
    write_conf "$port"
    start_nginx "$port"

    if [ -n "$check" ]; then
        GATE_URL=http://127.0.0.1:$port APP_URL=$app_url PROVIDER_URL=$OIDC_ISSUER RELOAD_CMD=$(reload_command) \
            LOGS=$run/access.log:$run/combined.log:$run/error.log:$run/app.log node example/check.mjs
        return
    fi
    cat <<EOT

  Open   http://127.0.0.1:$port        (alice@example.test / alice-password, admin@example.test / admin-password)

  Try    jwt=\$(curl -s http://127.0.0.1:$port/api/auth/login -H 'Content-Type: application/json' \\
                -d '{"email":"alice@example.test","password":"alice-password"}' | grep -o 'eyJ[^"]*')
         curl -s -X POST http://127.0.0.1:$port/api/auth/resource-token -H "Authorization: Bearer \$jwt" \\
                -d '{"purpose":"download"}'
         curl -i "http://127.0.0.1:$port/api/trips/1/files/1/download?token=<the token>"    (twice)

  SSO    "Sign in with SSO" leads to an OpenID provider at $OIDC_ISSUER

  Logs   $run/access.log $run/error.log
  Ctrl-C ends it.
EOT
    wait "$nginx_pid"
}
