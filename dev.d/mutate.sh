# Flips decisions in the sources, one at a time, and demands that a test notices. t/mutations.txt lists them.

. ./dev.d/build.sh

# Sets MUTATION_FILE, MUTATION_FROM, MUTATION_TO and MUTATION_TESTS of the entry with this number; fails behind the last one.
read_mutation() {
    local entry
    entry=$(awk -v n="$1" 'BEGIN { RS = "" } !/^#/ && ++i == n' t/mutations.txt)
    [ -n "$entry" ] || return 1
    MUTATION_FILE=$(sed -n 's/^file: //p' <<<"$entry")
    MUTATION_FROM=$(sed -n 's/^from: //p' <<<"$entry")
    MUTATION_TO=$(sed -n 's/^to: //p' <<<"$entry")
    read -ra MUTATION_TESTS <<<"$(sed -n 's/^tests: //p' <<<"$entry")"
    [ -n "$MUTATION_FILE" ] && [ -n "$MUTATION_FROM" ] && [ ${#MUTATION_TESTS[@]} -gt 0 ] || die "t/mutations.txt: entry $1 is not complete"
}

# build_mutated <target>...
build_mutated() {
    cmake --build build --parallel "$(nproc)" --target "$@" >build.log 2>&1 || { tail -20 build.log >&2; die "a mutation does not compile"; }
}

# Runs these tests in the folder of the mutated sources, and builds what they need. The fast ones come first.
mutated_tests_pass() {
    local test units=() suites=()
    for test in "$@"; do
        case "$test" in
            *.t) suites+=("$test") ;;
            *) units+=("$test") ;;
        esac
    done
    if [ ${#units[@]} -gt 0 ]; then
        build_mutated "${units[@]}"
        for test in "${units[@]}"; do
            ctest --test-dir build -R "^$test\$" --no-tests=error >test.log 2>&1 || return 1
        done
    fi
    if [ ${#suites[@]} -gt 0 ]; then
        build_mutated ngx_http_auth_gate_module
        prove -j"$(nproc)" "${suites[@]}" >test.log 2>&1
    fi
}

# mutate_one <number>: in the copy. Prints whether a test noticed; fails when none did.
mutate_one() {
    read_mutation "$1"
    local count
    count=$(grep -cF -- "$MUTATION_FROM" "$MUTATION_FILE" || true)
    [ "$count" = 1 ] || die "$MUTATION_FILE has $count lines with: $MUTATION_FROM"
    cp -p "$MUTATION_FILE" mutated.keep
    FROM=$MUTATION_FROM TO=$MUTATION_TO perl -pi -e 's/\Q$ENV{FROM}\E/$ENV{TO}/' "$MUTATION_FILE"
    local result=0
    if mutated_tests_pass "${MUTATION_TESTS[@]}"; then
        printf 'not ok %s - nobody notices in %s: %s\n' "$1" "$MUTATION_FILE" "$MUTATION_FROM"
        result=1
    else
        printf 'ok %s - %s: %s\n' "$1" "$MUTATION_FILE" "$MUTATION_FROM"
    fi
    cp mutated.keep "$MUTATION_FILE"
    return $result
}

run_mutate() {
    need prove:perl libtest-base-perl curl:curl openssl:openssl git:git
    need_build_tools
    prove t/mutations.t >&2 || die "t/mutations.txt is stale"
    # Most files are compiled three times: as they are, flipped, and as they were.
    if command -v ccache >/dev/null; then
        export CMAKE_CXX_COMPILER_LAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER:-ccache} CCACHE_SLOPPINESS=${CCACHE_SLOPPINESS:-pch_defines,time_macros}
    fi
    local copy=build-mutate/source number failed= numbers=("$@") tests=()
    rm -rf "$copy"
    mkdir -p "$copy"
    git ls-files -z --cached --others --exclude-standard | tar --null -T - -cf - | tar -C "$copy" -xf -
    cd "$copy"
    cmake -B build -DAUTH_GATE_TESTS=ON >cmake.log 2>&1 || die "cmake failed, see $copy/cmake.log"
    [ $# -gt 0 ] || mapfile -t numbers < <(seq "$(grep -c '^file: ' t/mutations.txt)")
    for number in "${numbers[@]}"; do
        read_mutation "$number" || die "t/mutations.txt has no entry $number"
        tests+=("${MUTATION_TESTS[@]}")
    done
    mapfile -t tests < <(printf '%s\n' "${tests[@]}" | sort -u)
    say "The tests pass as the sources are"
    mutated_tests_pass "${tests[@]}" || { cat test.log >&2; die "a test fails without any mutation"; }
    say "${#numbers[@]} mutations"
    for number in "${numbers[@]}"; do
        mutate_one "$number" || failed=1
    done
    [ -z "$failed" ] || die "a decision can be flipped, and no test fails"
}
