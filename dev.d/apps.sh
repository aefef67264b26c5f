# Real applications behind the gate, each with the configuration of its page in docs/apps.

. ./dev.d/build.sh
. ./dev.d/example.sh

APPS=(json-server-auth sockets feathers strapi directus)

# node's headers, for packages that are compiled. Sets node_headers to the folder that has include/node.
find_node_headers() {
    node_headers=$(dirname "$(dirname "$(readlink -f "$(command -v node)")")")
    [ -f "$node_headers/include/node/node_api.h" ] && return
    need libnode-dev
    node_headers=/usr
}

# install_app <name>: nothing of it runs but the compiler, for the packages that its package.json lists under "compiled".
install_app() {
    need node:nodejs npm:npm curl:curl
    # npm writes it last, and the stamp comes after the compiler: without them an installation was interrupted.
    local folder=t/apps/$1 stamp=t/apps/$1/node_modules/.compiled compiled
    [ ! -f "$stamp" ] || [ "$folder/package-lock.json" -nt "$stamp" ] || return 0
    say "Installing $1"
    npm --prefix "$folder" ci --ignore-scripts --no-audit --no-fund >&2
    mapfile -t compiled < <(node -p "(require('./$folder/package.json').compiled || []).join('\n')")
    if [ -n "${compiled[0]}" ]; then
        need g++ make:make python3:python3
        find_node_headers
        # Compiled packages for download are not on the registry.
        npm_config_build_from_source=true npm_config_nodedir=$node_headers npm --prefix "$folder" rebuild "${compiled[@]}" >&2
    fi
    touch "$stamp"
}

# Needs a built module: build/'s, or the one in TEST_NGINX_LOAD_MODULES. Prints TAP.
# run_apps <name>...
run_apps() {
    local name
    NGINX=${TEST_NGINX_BINARY:-${NGINX:-}}
    find_nginx
    install_example
    for name in "$@"; do install_app "$name"; done
    TEST_NGINX_BINARY=$NGINX exec node t/apps/run.mjs "$@"
}

# try_apps [name]...: all without names
try_apps() {
    local name
    for name in "$@"; do
        [ -f "t/apps/$name/app.mjs" ] || die "there is no application $name: ${APPS[*]}"
    done
    [ $# -gt 0 ] || set -- "${APPS[@]}"
    build_module
    unset TEST_NGINX_LOAD_MODULES
    run_apps "$@"
}
