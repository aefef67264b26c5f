# What can be said of the sources without running them.

. ./dev.d/static.sh

cpp_sources() { git ls-files --cached --others --exclude-standard 'src/*pp' 't/*pp' 'bench/*pp'; }

# Debian 12's clang-format: another version formats differently.
run_format() {
    local options=(-i)
    case "${1:-}" in
        --check) options=(--dry-run --Werror) ;;
        '') ;;
        *) die "format knows --check and nothing else" ;;
    esac
    need clang-format:clang-format
    cpp_sources | xargs clang-format "${options[@]}"
}

# complain <what is wrong> <list>: fails when the list is not empty
complain() {
    [ -z "$2" ] || { printf '%s:\n%s\n' "$1" "$2" >&2; failed=1; }
}

run_check() {
    local failed= file static=1
    case "${1:-}" in
        --quick) static= ;;
        '') ;;
        *) die "check knows --quick and nothing else" ;;
    esac
    need node:nodejs git:git
    say "Format"
    run_format --check || failed=1

    say "Scripts"
    while read -r file; do bash -n "$file" || failed=1; done < <(git ls-files dev 'dev.d/*.sh' .ci/run bench/instructions)
    while read -r file; do node --check "$file" || failed=1; done < <(git ls-files '*.mjs' '*.js' ':!bench/others')

    say "Rules"
    complain "The core includes nginx" "$(git grep -lE 'ngx_(config|core|http)\.h|"nginx/' -- src/core || true)"
    complain "Longer than 500 lines" "$(git ls-files src t client example | grep -E '\.(cpp|hpp|js|mjs|ts|t|pm)$' |
        xargs wc -l | awk '$2 != "total" && $1 > 500')"
    complain "Unfinished" "$(git grep -nE 'TODO|FIXME|XXX' -- . ':!*.json' ':!dev.d/check.sh' | grep -v 'XXXXXX' || true)"
    complain "Generated, and yet committed" "$(git ls-files client/dist build)"
    [ -z "$failed" ] || die "the sources do not pass"
    [ -z "$static" ] || run_static
    say "The sources pass"
}
