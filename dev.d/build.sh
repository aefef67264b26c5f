# Builds the module and, for the tests, the unit tests.

# build_in <folder> [cmake options]
build_in() {
    local folder=$1
    shift
    need g++ cmake make pkg-config:pkg-config nginx-dev libssl-dev libjansson-dev libcurl4-openssl-dev libcmocka-dev nginx:nginx
    say "Building in $folder"
    cmake -B "$folder" -DAUTH_GATE_WERROR=ON "$@" >&2
    cmake --build "$folder" --parallel "$(nproc)" >&2
}

build_module() {
    build_in build
    say "Built build/ngx_http_auth_gate_module.so"
}
