# Fuzzes the parsers of the core with libFuzzer, and a whole nginx with requests (t/fuzz), both with AddressSanitizer and
# UndefinedBehaviorSanitizer.

. ./dev.d/test.sh

run_fuzz() {
    case "${1:-}" in
        requests) shift; fuzz_requests "$@" ;;
        *) fuzz_parsers "$@" ;;
    esac
}

# fuzz_parsers [seconds for each target]: 60 without. What makes a target fail is left in build-fuzz, and what it learns in build-fuzz/new.
fuzz_parsers() {
    local seconds=${1:-60} folder=build-fuzz targets=() name failed=
    [[ $# -le 1 && $seconds =~ ^[0-9]+$ ]] || die "fuzz takes a number of seconds, or requests"
    need clang:clang g++ cmake:cmake make pkg-config:pkg-config nginx-dev libssl-dev libjansson-dev libcurl4-openssl-dev libhiredis-dev
    mapfile -t targets < <(basename -s .cpp t/fuzz/*_fuzz.cpp)
    say "Building ${#targets[@]} targets"
    cmake -B "$folder" -DCMAKE_CXX_COMPILER=clang++ -DAUTH_GATE_FUZZ=ON -DAUTH_GATE_TESTS=OFF \
        -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON >&2
    cmake --build "$folder" --parallel "$(nproc)" --target "${targets[@]}" >&2
    for name in "${targets[@]}"; do
        mkdir -p "$folder/new/$name"
        say "$name"
        "$folder/t/fuzz/$name" -max_total_time="$seconds" -artifact_prefix="$folder/$name-" \
            "$folder/new/$name" "t/fuzz/corpus/${name%_fuzz}" >"$folder/$name.log" 2>&1 || { tail -20 "$folder/$name.log" >&2; failed=1; }
        tail -1 "$folder/$name.log"
    done
    [ -z "$failed" ] || die "a target failed"
}

# fuzz_requests [seconds] [--seed number] [--replay file...]: 60 without. What fails is left in build-sanitize/fuzz-requests.
fuzz_requests() {
    local seconds=60 seed=$RANDOM folder=build-sanitize files=()
    while [ $# -gt 0 ]; do
        case "$1" in
            --seed) seed=${2:-}; shift; [[ $seed =~ ^[0-9]+$ ]] || die "fuzz requests --seed needs a number" ;;
            --replay)
                shift
                [ $# -gt 0 ] || die "fuzz requests --replay needs files"
                files=("$@")
                shift $(($# - 1))
                ;;
            *) seconds=$1; [[ $seconds =~ ^[0-9]+$ ]] || die "fuzz requests knows a number of seconds, --seed NUMBER and --replay FILE..., not $1" ;;
        esac
        shift
    done
    export AUTH_GATE_SANITIZE=1
    need prove:perl
    build_in --target ngx_http_auth_gate_module "$folder" -DAUTH_GATE_SANITIZE=ON
    find_nginx
    mkdir -p "$folder/fuzz-requests"
    export TEST_NGINX_BINARY=$NGINX TEST_NGINX_LOAD_MODULES=$PWD/$folder/ngx_http_auth_gate_module.so
    if [ ${#files[@]} -gt 0 ]; then
        perl t/fuzz/requests/run.pl "$folder/fuzz-requests" replay "${files[@]}"
    else
        perl t/fuzz/requests/run.pl "$folder/fuzz-requests" "$seconds" "$seed"
    fi
}
