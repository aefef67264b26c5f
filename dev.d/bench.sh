# Measures what the gate costs; see bench/README.md.

. ./dev.d/build.sh
. ./dev.d/example.sh

run_bench() {
    local options=()
    case "${1:-}" in
        --quick) options=(--quick) ;;
        '') ;;
        *) die "bench knows --quick and nothing else" ;;
    esac

    need libbenchmark-dev valgrind:valgrind redis-server:redis-server openssl:openssl taskset:util-linux \
        libnginx-mod-http-js libnginx-mod-http-lua lua-cjson
    install_example
    build_in build-bench -DAUTH_GATE_TESTS=OFF -DAUTH_GATE_BENCH=ON
    find_nginx

    local results=build-bench/bench.json
    [ ${#options[@]} -gt 0 ] || results=bench/results/latest.json
    NGINX=$NGINX node bench/run.mjs --build "$PWD/build-bench" --out "$results" "${options[@]}"
    [ ${#options[@]} -gt 0 ] || node bench/plot.mjs "$results" docs
}
