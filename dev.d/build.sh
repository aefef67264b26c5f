# Builds the module, with options the unit tests too, and the generated files of the client.

need_build_tools() {
    need g++ cmake make pkg-config:pkg-config nginx-dev libssl-dev libjansson-dev libcurl4-openssl-dev libhiredis-dev nginx:nginx
}

# build_in <folder> [cmake options]: everything that is configured. `--target NAME` first: only that.
build_in() {
    local target=()
    if [ "$1" = --target ]; then
        target=(--target "$2")
        shift 2
    fi
    local folder=$1
    shift
    need_build_tools
    case "$*" in *AUTH_GATE_TESTS=ON*) need libcmocka-dev ;; esac
    say "Building in $folder"
    cmake -B "$folder" -DAUTH_GATE_WERROR=ON "$@" >&2
    cmake --build "$folder" --parallel "$(nproc)" "${target[@]}" >&2
}

# client/dist: the script for old pages, one file made from client/shim.
build_client() {
    need node:nodejs
    node client/shim/build.mjs
}

# A build tree that has the unit tests already keeps them configured: only the module is built here.
build_module() {
    build_in --target ngx_http_auth_gate_module build
    build_client
    say "Built build/ngx_http_auth_gate_module.so"
}
