# Static analysis: clang-tidy (.clang-tidy says which checks) and cppcheck.

. ./dev.d/common.sh

# Fails when one of them finds something.
run_static() {
    local folder=build-static failed=
    need clang-tidy:clang-tidy clang:clang cppcheck:cppcheck cmake:cmake g++ make pkg-config:pkg-config nginx-dev libssl-dev \
        libjansson-dev libcurl4-openssl-dev libhiredis-dev
    # Without precompiled headers: they are another compiler's.
    cmake -B "$folder" -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON >&2
    say "clang-tidy"
    find src -name '*.cpp' | sort | xargs -P "$(nproc)" -n 4 clang-tidy --quiet -p "$folder" 2>"$folder/clang-tidy.log" || failed=1
    say "cppcheck"
    cppcheck --quiet --std=c++20 --language=c++ --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
        --suppressions-list=.cppcheck --suppress=missingIncludeSystem -j "$(nproc)" -I src -I "$folder/generated" src >&2 || failed=1
    [ -z "$failed" ] || die "static analysis found something"
}
