# shellcheck shell=bash disable=SC2034,SC2154  # variables of ./dev
#
# ./dev bench - how fast payapi is, compared with what this machine can do. Sourced by ./dev, whose functions it uses.
#
#   ./dev bench                  every kind of request compared with its ceilings (tests/bench/bench.py)
#   ./dev bench --quick          one round of short slices: does everything work?
#   ./dev bench --against REV    the same requests at another commit, in the same run
#   ./dev bench --peer           the same requests in NestJS and TypeORM, in the same run (tests/bench/peer);
#                                --picture FILE draws the ratios, --markdown FILE keeps the tables
#   ./dev bench slow             a slow provider: pool sizes, memory, and reads at the same time; --pgbouncer N: also
#                                with N connections of PostgreSQL shared by all workers
#   ./dev bench scale [ROWS ...] 1,000,000 and 3,000,000 payments: plans, latencies, processor time, sizes, WAL
#   ./dev bench intake           webhooks: events per second, and how long each takes at half of that
#   ./dev bench memory           a worker's memory after 1,000,000 requests
#   ./dev bench pool             callers of a pool while its provider hangs and its workers are rolled and killed
#
# The programs are release builds, under build/bench.

bench_packages='python3-psycopg2 wrk pgbouncer'

run_bench()
{
    local what=table

    # shellcheck source=dev.d/test.sh
    . "$checkout/dev.d/test.sh"
    case ${1:-} in
    slow | scale | intake | memory | pool) what=$1; shift ;;
    esac
    var=$checkout/build/bench
    find_or_make_state
    take_turn
    steps=1
    install_packages "$bench_packages"
    own_state
    forget_settings
    start_counting
    build_variant bench "release build" gcc
    [[ $built == yes ]] || exit 1
    exec 8>&-
    case $what in
    table) bench_table "$@" ;;
    *)     bench_with "$what.py" "$@" ;;
    esac
}

bench_table()
{
    local arguments=() table=(bench.py)

    while [[ $# -gt 0 ]]; do
        case $1 in
        --against)
            build_other "${2:-}"
            arguments+=(--against "$state/other/inst")
            shift
            ;;
        --peer)
            run_stage peer "build of the peer" count_one build_peer
            [[ $outcome == ok ]] || exit 1
            table=(beside_peer.py "$state/peer")
            ;;
        *) arguments+=("$1") ;;
        esac
        shift
    done
    bench_with "${table[@]}" "${arguments[@]}"
}

bench_with()
{
    local program=$1
    shift

    PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 "$checkout/tests/bench/$program" "$state/bench/inst" "$@"
}

# npm fetches the pinned packages once; they stay as long as the lock does.
build_peer()
{
    local source=$checkout/tests/bench/peer

    mkdir -p "$state/peer"
    cd "$state/peer"
    cmp -s package-lock.json "$source/package-lock.json" || rm -rf node_modules
    rm -rf src dist
    cp -r "$source/." "$checkout/.npmrc" .
    [[ -d node_modules ]] || npm ci || {
        rm -rf node_modules                     # a part of them would pass for all
        return 1
    }
    node_modules/.bin/tsc
}

# Builds the other commit like ours. Its programs bring their own schema; ./dev and nginx come from this tree.
build_other()
{
    local tree=$state/other/tree

    git -C "$checkout" rev-parse -q --verify "$1^{commit}" >/dev/null || die "There is no commit \"$1\"." \
        "./dev bench --against HEAD~1"
    rm -rf "$state/other"
    mkdir -p "$tree" "$state/other/build"
    git -C "$checkout" archive "$1" | tar -C "$tree" -xf -
    run_stage other "build of $1" count_one compile_other
    [[ $outcome == ok ]] || exit 1
}

compile_other()
{
    (cd "$state/other/tree" && autoreconf --install)
    cd "$state/other/build"
    ../tree/configure --quiet --prefix="$state/other/inst"
    make -j"$(nproc)"
    make -s install
}
