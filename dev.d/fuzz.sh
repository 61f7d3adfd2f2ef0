# shellcheck shell=bash disable=SC2034,SC2154  # variables of ./dev
#
# ./dev fuzz - random bytes for every parser of foreign bytes, under ASan and UBSan (tests/fuzz/fuzz.h).
# Sourced by dev.d/test.sh, whose functions it uses: ./dev test long runs each target briefly.

fuzz_brief_runs=20000
fuzz_long_seconds=20

# ./dev fuzz [SECONDS] [TARGET...]: 60 s for each target by default. Interesting inputs are kept in
# build/long/corpus; an input that breaks something goes to build/long/findings.
long_fuzz()
{
    local seconds=60 name status=0

    if [[ ${1:-} =~ ^[0-9]+$ ]]; then
        seconds=$1
        shift
    fi
    build_fuzz_targets >"$state/log/build-fuzz.log" 2>&1 ||
        die "The fuzz targets do not build." "See $var/log/build-fuzz.log."
    # shellcheck disable=SC2046  # a list of names
    [[ $# -gt 0 ]] || set -- $(fuzz_names)
    for name in "$@"; do
        fuzz_target "$name" -max_total_time="$seconds" || status=1
    done
    return $status
}

# Two stages: first the same inputs each time, then new ones. Each target counts as one test.
test_fuzz()
{
    stage fuzz "fuzz targets, $fuzz_brief_runs inputs each" count_fuzz fuzz_each -runs="$fuzz_brief_runs" -seed=1
    stage fuzz-long "fuzz targets, $fuzz_long_seconds s each" count_fuzz fuzz_each \
        -max_total_time="$fuzz_long_seconds"
}

# fuzz_each OPTION...: every target, starting from the seeds in the tree; one per core at a time.
fuzz_each()
{
    local name status=0

    build_fuzz_targets
    rm -rf "$state/corpus"
    for name in $(fuzz_names); do
        while [[ $(jobs -rp | wc -l) -ge $(nproc) ]]; do
            wait -n || status=1
        done
        fuzz_target "$name" "$@" &
    done
    while [[ -n $(jobs -p) ]]; do
        wait -n || status=1
    done
    return $status
}

count_fuzz()
{
    good=$(grep -c '^ok ' "$2") || true
    bad=$(grep -c '^not ok ' "$2") || true
    [[ $1 -eq 0 || $bad -gt 0 ]] || bad=1               # did not build
}

build_fuzz_targets()
{
    local dir=$state/fuzz

    [[ -x $checkout/configure ]] || (cd "$checkout" && autoreconf --install)
    mkdir -p "$dir"
    [[ -f $dir/Makefile ]] ||
        (cd "$dir" && "$checkout/configure" --quiet --enable-werror --enable-fuzzing CC=clang)
    make -C "$dir" -j"$(nproc)" fuzz-targets
}

fuzz_names()
{
    (cd "$checkout/tests/fuzz" && ls fuzz_*.c) | sed 's/^fuzz_\(.*\)\.c$/\1/'
}

# fuzz_target NAME OPTION...: prints one line, and all of libFuzzer's output when something is wrong.
fuzz_target()
{
    local name=$1 log=$state/log/fuzz-$1.log seeds=$checkout/tests/fuzz/corpus/$1 word=ok
    shift

    mkdir -p "$state/corpus/$name" "$state/findings"
    "$state/fuzz/tests/fuzz/fuzz_$name" -timeout=10 -print_final_stats=1 \
        -artifact_prefix="$state/findings/$name-" "$@" "$state/corpus/$name" "$seeds" >"$log" 2>&1 ||
        word='not ok'
    [[ $word == ok ]] || cat "$log"
    echo "$word $name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") executions"
    [[ $word == ok ]]
}
