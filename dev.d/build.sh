# Builds the module, with options the unit tests too, and the generated files of the client.

# build_in <folder> [cmake options]
build_in() {
    local folder=$1
    shift
    need g++ cmake make pkg-config:pkg-config nginx-dev libssl-dev libjansson-dev libcurl4-openssl-dev libcmocka-dev nginx:nginx
    say "Building in $folder"
    cmake -B "$folder" -DAUTH_GATE_WERROR=ON "$@" >&2
    cmake --build "$folder" --parallel "$(nproc)" ${AUTH_GATE_TARGET:+--target "$AUTH_GATE_TARGET"} >&2
}

# client/dist: the script for old pages, one file made from client/shim.
build_client() {
    need node:nodejs
    node client/shim/build.mjs
}

# A build tree that has the unit tests already keeps them configured: only the module is built here.
build_module() {
    AUTH_GATE_TARGET=ngx_http_auth_gate_module build_in build
    build_client
    say "Built build/ngx_http_auth_gate_module.so"
}
