# shellcheck shell=bash disable=SC2034,SC2154  # variables of ./dev
#
# ./dev test - every suite, one line each, and a closing line: N passed, N failed, N skipped.
# ./dev test long - what inevitably takes long: the end-to-end suite again under sanitizers, the soak,
# fuzzers, clang and the analyser, the release build and make distcheck, and the compiler, the libraries
# and the nginx of the other Debian.
# Sourced by ./dev, whose functions it uses. `./dev test unit e2e` runs only those stages, of either kind.
#
# Most suites spend most of their time waiting for leases, schedules and restarts. So the builds and their
# tests run side by side, in lanes, and a stage prints its line when it ends. A build is made once: later
# stages and later runs use it again, the long part too.
#
# Everything is built and logged under build/test. root's tests run as the user payapi, on a copy of
# the tree that this user can read: PostgreSQL and Chromium refuse to run as root, and all files written
# for coverage need the same owner.

test_packages='python3-pytest python3-pytest-xdist python3-psycopg2 python3-selenium chromium
    chromium-driver gcovr clang libclang-rt-dev shellcheck binutils xz-utils openssl systemd
    wrk groff-base php-cli nftables patch pgbouncer'

stages='unit style sandbox store verifiers e2e crash browser packaging coverage nginx nginx-off openapi shell'
long_stages='e2e-asan reports soak bench incidents clang fuzz fuzz-long analyser no-fault-points pie relro nx distcheck
    gcc-other sandbox-other nginx-other headers-other third-provider'

soak_minutes=5

# shellcheck source=dev.d/fuzz.sh
. "$checkout/dev.d/fuzz.sh"
# shellcheck source=dev.d/nginx.sh
. "$checkout/dev.d/nginx.sh"
# shellcheck source=dev.d/other.sh
. "$checkout/dev.d/other.sh"

run_tests()
{
    select_stages "$@"
    var=$checkout/build/test
    find_or_make_state
    take_turn
    steps=1
    [[ -n ${PAYAPI_TEST_ANNOUNCED:-} ]] || announce_tests
    install_packages "$test_packages"
    own_state
    if [[ $EUID -eq 0 ]]; then
        copy_tree
        make_service_folder home                # npm, Chromium and others keep files there
        exec 8>&-
        as_service env -u VAR_DIR HOME="$state/home" PAYAPI_TEST_ANNOUNCED=yes "$state/tree/dev" test "$@"
        return
    fi
    forget_settings
    start_counting
    find "$state" -name '*.gcda' -delete
    rm -f "$state/template.tar"
    side_by_side test_coverage_build test_sanitizers_build test_the_rest test_other_release
    stage coverage "coverage of src/ without sandbox: 85 % of lines" count_one measure_coverage
    tell_total
}

# Without a name: everything that is not long. "long": the rest. With names: those stages.
select_stages()
{
    local name

    selected=$stages
    if [[ ${1:-} == long ]]; then
        selected=$long_stages
        shift
    fi
    for name in "$@"; do
        is_in "$name" "$stages $long_stages" || die "./dev test has no stage \"$name\"." \
            "It has $(one_line "$stages"); and ./dev test long has $(one_line "$long_stages")."
    done
    [[ $# -eq 0 ]] || selected=$*
}

one_line()
{
    tr -s ' \n' ' ' <<<"$1" | sed 's/ $//'
}

# Announces the cost in time, disk and packages; for the packages it asks apt.
announce_tests()
{
    local missing time='less than all of ./dev test, which takes about 10 minutes'

    [[ $selected != "$stages" ]] || time='about 10 minutes'
    [[ $selected != "$long_stages" ]] || time='about 20 minutes'
    say "Time        $time on two idle cores"
    say "Disk        about 1 GB in build/test"
    missing=$(missing_packages "$test_packages")
    if [[ -n $missing ]]; then
        say "Packages    $(wc -w <<<"$missing") are missing: $(tell_download "$missing")"
    fi
}

# Prints the figures of a bare machine while apt has no lists yet and cannot tell.
tell_download()
{
    local told

    # shellcheck disable=SC2086  # a list of package names
    told=$(LC_ALL=C apt-get --assume-no -o Debug::NoLocking=1 --no-install-recommends install $1 2>/dev/null |
        sed -n -E -e 's/.* ([0-9]+) newly installed.*/\1 with what they need/p' \
            -e 's/^Need to get ([0-9.,]+ .B).*/\1 to fetch/p' \
            -e 's/^After this operation, ([0-9.,]+ .B) of.*/\1 when installed/p' |
        paste -s -d , | sed 's/,/, /g') || true         # apt-get fails because it installs nothing
    echo "${told:-on a bare machine 770 with what they need, 410 MB to fetch, 1.7 GB when installed}"
}

# Changed files get the time of the copy. With their own time, a file edited while an earlier test was
# building would look older than what was built from its previous version. All get the same time, so that
# none is older than another.
#
# The tree belongs to the service user, who could put links into it. So root only reads the sources and
# keeps the lists; the service user writes the tree.
copy_tree()
{
    local tree=$state/tree

    if [[ ! -d $tree ]]; then
        mkdir "$tree"
        give_to_service "$tree"
    fi
    touch "$state/copied"
    list_tree >"$state/copied.new"
    comm -23 <(names_in copied) <(names_in copied.new) | as_service env -C "$tree" xargs -r -d '\n' rm -f
    comm -13 <(sort "$state/copied") <(sort "$state/copied.new") | cut -d' ' -f4- >"$state/changed"
    tar -C "$checkout" -cf - -T "$state/changed" | as_service tar -C "$tree" -xf -
    as_service env -C "$tree" xargs -r -d '\n' touch -d "@$(date +%s.%N)" <"$state/changed"
    [[ ! -d $checkout/.git ]] ||
        as_service mkdir -p "$tree"/.git/{objects,refs}                 # git needs them, even empty
    mv "$state/copied.new" "$state/copied"
}

# A line for each file: mode, SHA-256, two blanks and the name. What autoreconf makes is made in the copy: with
# the time of the copy, an old Makefile.in would look newer than the local.mk that has changed.
list_tree()
{
    (
        cd "$checkout"
        find . \( -path ./build -o -path ./build-aux -o -path ./var -o -path ./m4 -o -path ./aclocal.m4 \
            -o -path ./configure -o -path ./config.h.in -o -path ./Makefile.in -o -name node_modules \
            -o -name autom4te.cache -o -name __pycache__ \) -prune -o -type f -print | sort >"$state/names"
        paste -d' ' <(xargs -d '\n' stat -c %a <"$state/names") \
            <(xargs -d '\n' sha256sum <"$state/names")
    )
}

names_in()
{
    cut -d' ' -f4- "$state/$1" | sort
}

# The tests make instances of their own, which must not get the caller's settings.
forget_settings()
{
    local name

    for name in $(setting_names) PAYAPI_PREFIX PAYAPI_TEST_ANNOUNCED DEV_QUIET; do
        unset "$name"
    done
}

# --- The lanes -------------------------------------------------------------------------------------

# side_by_side FUNCTION...: each runs in a process of its own. One that ends early counts as a failure.
side_by_side()
{
    local lane i lanes=()

    for lane in "$@"; do
        ("$lane") &
        lanes+=("$!")
    done
    trap 'kill "${lanes[@]}" || true; exit 130' INT TERM        # ^C does not reach them
    for i in "${!lanes[@]}"; do
        wait "${lanes[i]}" || tell FAIL "${*:i+1:1} ended early" 0 1 0 0
    done
    trap - INT TERM
}

test_the_rest()
{
    patience=5
    test_documents
    test_release_build
    test_clang
    test_fuzz
    test_analyser
}

# --- The stages ------------------------------------------------------------------------------------

# gcc with gcov: every suite that drives the installed programs. -O1 compiles in half the time of -O2; the
# release build uses -O2 and gets gcc's warnings at that level too.
test_coverage_build()
{
    is_selected sandbox store verifiers e2e crash browser packaging soak bench incidents headers-other || return 0
    build_variant coverage "build with gcc, no warnings" gcc --enable-coverage --enable-fault-points CFLAGS="-g -O1"
    [[ $built == yes ]] || return 0
    side_by_side test_parts test_whole test_crashes
}

test_parts()
{
    stage sandbox "sandbox provider" count_junit run_pytest sandbox coverage
    stage store "schema and store on PostgreSQL" count_junit run_pytest store coverage
    stage verifiers "webhooks out, by the official verifiers" count_fuzz verify_webhooks coverage
    stage packaging "systemd units, ./dev and .ci" count_junit run_pytest packaging coverage
}

test_whole()
{
    stage e2e "end to end" count_junit run_pytest e2e coverage
    stage incidents "incidents: told within 15 s, healed within 60 s" count_one run_incidents coverage
    stage headers-other "repeated headers behind the other Debian's nginx" count_junit run_headers_other coverage
}

test_crashes()
{
    stage crash "crash points and database faults" count_junit run_pytest crash coverage \
        tests/crash --ignore=tests/crash/test_soak.py
    stage browser "browser" count_junit run_pytest browser coverage
    stage bench "the benchmark measures every request" count_junit run_pytest bench coverage
    stage soak "soak, $soak_minutes minutes of faults under load" count_junit run_soak coverage
}

# The unit tests run once, under AddressSanitizer and UBSan and with gcov; make distcheck runs them without.
# A sanitizer report from a daemon counts even if no test notices it.
# The sanitizers recommend -O1; -O2 takes twice as long to compile.
test_sanitizers_build()
{
    patience=2
    is_selected unit e2e-asan reports || return 0
    build_variant sanitizers "build with sanitizers" gcc --enable-sanitizers --enable-coverage --enable-fault-points \
        CFLAGS="-g -O1"
    [[ $built == yes ]] || return 0
    rm -f "$state"/log/sanitizer.*
    stage unit "unit tests (C) under sanitizers" count_automake run_check sanitizers
    export ASAN_OPTIONS=log_path=$state/log/sanitizer:detect_leaks=1
    export UBSAN_OPTIONS=log_path=$state/log/sanitizer:print_stacktrace=1
    stage e2e-asan "end to end under sanitizers" count_junit run_pytest e2e sanitizers
    stage reports "no sanitizer report" count_one find_no_reports
    unset ASAN_OPTIONS UBSAN_OPTIONS
}

# clang's warnings do not depend on optimization, and -O0 compiles in half the time.
test_clang()
{
    is_selected clang || return 0
    build_variant clang "build with clang, no warnings" clang CFLAGS="-g -O0"
}

# What users get: hardened, and with nothing of the tests inside.
test_release_build()
{
    is_selected no-fault-points pie relro nx distcheck || return 0
    build_variant release "release build" gcc
    [[ $built == yes ]] || return 0
    stage no-fault-points "no fault points in the release" count_one no_fault_points
    stage pie "position independent" count_one each_program is_pie
    stage relro "relocations read-only, bound at start" count_one each_program has_full_relro
    stage nx "stack not executable" count_one each_program has_no_exec_stack
    stage distcheck "make distcheck" count_one make_distcheck
}

# A finding is a warning, and warnings are errors. -O0 finds what -O2 finds.
# Suppressed: gcc 14 does not see that complaint_about() refuses more secrets than there is room for, and
# gcc 12 reports the zeroes that the build puts in each variable as missing values.
test_analyser()
{
    stage analyser "gcc's static analyser finds nothing" count_one compile_variant analyser gcc \
        CFLAGS="-g -O0 -fanalyzer -Wno-analyzer-out-of-bounds -ftrivial-auto-var-init=uninitialized"
}

# Stages that need no build: they check the tree as it is.
test_documents()
{
    stage style "style" count_junit run_pytest style coverage
    stage nginx "nginx -t, limits on" count_one check_nginx on
    stage nginx-off "nginx -t, limits off" count_one check_nginx off
    stage openapi "OpenAPI lint" count_one lint_openapi
    stage shell "shellcheck" count_one check_shell
}

# The other Debian release (dev.d/other.sh): its compiler, libraries and nginx. And the test that builds
# a copy of the tree with one more provider.
test_other_release()
{
    stage nginx-other "nginx -t by the other Debian's nginx" count_one check_other_nginx
    stage gcc-other "build with the other Debian's gcc and libraries" count_one build_with_other_gcc
    stage sandbox-other "sandbox provider on the other Debian's libraries" count_junit run_sandbox_other
    stage third-provider "a third provider, in a copy of the tree" count_junit run_pytest third_provider coverage
}

# --- What they run ---------------------------------------------------------------------------------

# build_variant NAME TITLE COMPILER [CONFIGURE OPTION...]: in $state/NAME, installed in $state/NAME/inst.
# Sets $built to yes or no: testing the exit status instead would switch off set -e below.
build_variant()
{
    local name=$1 title=$2
    shift 2

    run_stage "build-$name" "$title" count_one compile_variant "$name" "$@"
    built=yes
    [[ $outcome == ok ]] || built=no
}

# The nice value of compilers: lanes that finish before the others anyway give way to them.
patience=0

compile_variant()
{
    local name=$1 compiler=$2 dir=$state/$1
    shift 2

    cd "$checkout"
    {
        flock 6                         # the lanes share the files that autoreconf makes
        [[ -x configure ]] || autoreconf --install
        [[ ! -f $dir/Makefile ]] || nice -n "$patience" make -s -C "$dir" Makefile || rm -rf "$dir"
    } 6>"$state/configure.lock"
    mkdir -p "$dir"
    if [[ ! -f $dir/Makefile ]]; then
        (cd "$dir" && nice -n "$patience" "$checkout/configure" --quiet --enable-werror \
            --prefix="$dir/inst" CC="$compiler" "$@")
    fi
    nice -n "$patience" make -C "$dir" -j"$(nproc)"
    make -s -C "$dir" install
}

# Compiling is niced; the tests have deadlines and are not. Twice as many tests as cores run at once,
# because many wait for PostgreSQL or a time-out.
run_check()
{
    nice -n "$patience" make -C "$state/$1" -j"$(nproc)" check TESTS=
    make -C "$state/$1" -j"$((2 * $(nproc)))" check VERBOSE=1
}

make_distcheck()
{
    nice -n "$patience" make -C "$state/release" -j"$(nproc)" distcheck
}

# run_pytest FOLDER VARIANT [OPTION...]: tests the programs of that build. The large suites run in several
# processes, each with an instance of its own; the tests of one file stay together and in order.
# The browser tests need no order, and most of them are in one file, so they are shared out one by one.
run_pytest()
{
    local folder=$1 variant=$2 processes=0 dist=loadfile
    shift 2

    case $folder in
        e2e) processes=5 ;;
        crash) processes=3 ;;
        browser) processes=2 dist=load ;;
    esac
    export PAYAPI_PREFIX=$state/$variant/inst
    export PAYAPI_KEEP_LOGS=$state/log/$folder-$variant PAYAPI_SCREENSHOTS=$state/screenshots
    export PAYAPI_SANDBOX_BIN=$PAYAPI_PREFIX/bin/payapi-sandbox
    [[ -x $PAYAPI_SANDBOX_BIN ]] || PAYAPI_SANDBOX_BIN=$PAYAPI_PREFIX/sbin/payapi-sandbox
    [[ $folder != @(e2e|crash|browser) ]] || make_cluster_template
    mkdir -p "$PAYAPI_SCREENSHOTS"
    cd "$checkout"
    PYTHONDONTWRITEBYTECODE=1 timeout 3000 /usr/bin/python3 -m pytest -q -p no:cacheprovider -rfEs \
        -n "$processes" --dist "$dist" --junitxml="$junit" "${@:-tests/$folder}"
}

# About fifty instances start from the same empty database, so initdb and the migrations run only once.
make_cluster_template()
{
    local dir=$state/template

    export CLUSTER_TEMPLATE=$state/template.tar
    {
        flock 5
        if [[ ! -f $CLUSTER_TEMPLATE ]]; then
            env -u CLUSTER_TEMPLATE VAR_DIR="$dir" DEV_QUIET=1 "$checkout/dev" up --database
            VAR_DIR=$dir "$checkout/dev" down
            tar -C "$dir/db" -cf "$CLUSTER_TEMPLATE.new" .
            mv "$CLUSTER_TEMPLATE.new" "$CLUSTER_TEMPLATE"
            VAR_DIR=$dir "$checkout/dev" reset
        fi
    } 5>"$CLUSTER_TEMPLATE.lock"
}

run_incidents()
{
    PAYAPI_PREFIX=$state/$1/inst PAYAPI_KEEP_LOGS=$state/log/incidents PYTHONDONTWRITEBYTECODE=1 \
        timeout 1200 /usr/bin/python3 "$checkout/tests/incidents/incidents.py"
}

run_soak()
{
    PAYAPI_SOAK_MINUTES=$soak_minutes run_pytest crash "$1" tests/crash/test_soak.py
}

measure_coverage()
{
    forget_moved_objects coverage
    forget_moved_objects sanitizers
    cd "$checkout"
    gcovr --root "$checkout" --filter "$checkout/src/" \
        --exclude "$checkout/src/sandbox/" --exclude "$checkout/src/bin/sandbox.c" \
        --exclude-throw-branches --fail-under-line 85 --print-summary "$state/coverage" "$state/sanitizers"
}

# gcovr fails on the notes of an object whose source has moved since an earlier build. The Makefile
# names the objects that still exist.
forget_moved_objects()
{
    [[ -f $state/$1/Makefile ]] || return 0
    (
        cd "$state/$1"
        comm -23 <(find . -name '*.gcno' -printf '%P\n' | sed 's/\.gcno$//' | sort) \
            <(grep -oE '[^ ]+[.][$][(]OBJEXT[)]' Makefile | sed 's/[.][$][(]OBJEXT[)]$//' | sort -u) |
            sed 's/$/.gcno/' | xargs -r -d '\n' rm -f
    )
}

find_no_reports()
{
    ! cat "$state"/log/sanitizer.* 2>/dev/null
}

release_programs()
{
    find "$state/release/inst/bin" "$state/release/inst/sbin" -type f 2>/dev/null
}

# Only the sandbox may inject faults; the other programs must contain no fault point.
no_fault_points()
{
    local program

    for program in $(release_programs | grep -v sandbox); do
        if nm "$program" 2>/dev/null | grep -i fault_point || strings -a "$program" | grep -i fault_point; then
            echo "$program has a fault point."
            return 1
        fi
    done
}

each_program()
{
    local program

    [[ -n $(release_programs) ]]
    for program in $(release_programs); do
        "$1" "$program" || { echo "$program fails this check."; return 1; }
    done
}

is_pie()
{
    readelf -hW "$1" | grep -q 'Type: *DYN' && readelf -dW "$1" | grep -q 'FLAGS_1.*PIE'
}

has_full_relro()
{
    readelf -lW "$1" | grep -q GNU_RELRO && readelf -dW "$1" | grep -q 'BIND_NOW\|FLAGS_1.*NOW'
}

has_no_exec_stack()
{
    readelf -lW "$1" | grep GNU_STACK | grep -q 'RW '
}

check_shell()
{
    cd "$checkout"
    shellcheck -x -a dev                # and what it sources from dev.d
    shellcheck .ci/run nginx/render
}

# The packages of package-lock.json, in $state/node. Two stages use them, in lanes of their own.
install_node_packages()
(
    dir=$state/node
    mkdir -p "$dir"
    exec 6>"$state/node.lock"
    flock 6
    if ! cmp -s "$dir/package-lock.json" "$checkout/package-lock.json"; then
        cp "$checkout"/{package.json,.npmrc} "$dir/"
        cp "$checkout/package-lock.json" "$dir/"
        (cd "$dir" && npm ci) || { rm -f "$dir/package-lock.json"; return 1; }
    fi
)

# verify_webhooks BUILD: what our C code signs, read by the packages that shops install.
verify_webhooks()
{
    install_node_packages
    make -s -C "$state/$1" tests/counterparts/sign_webhook
    NODE_PATH=$state/node/node_modules node "$checkout/tests/counterparts/verify.cjs" \
        "$state/$1/tests/counterparts/sign_webhook"
}

# The served document matches its parts, keeps redocly's strict rules, and yields types for a shop's program.
lint_openapi()
{
    local dir=$state/node

    install_node_packages
    NODE_PATH=$dir/node_modules node "$checkout/nginx/docs/bundle.cjs" --check
    REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true \
        "$dir/node_modules/.bin/redocly" lint --extends recommended-strict "$checkout/nginx/docs/openapi.json"
    mkdir -p "$state/types"
    cp "$checkout"/tests/openapi/{story.ts,tsconfig.json} "$state/types/"
    "$dir/node_modules/.bin/openapi-typescript" "$checkout/nginx/docs/openapi.json" --output "$state/types/payapi.d.ts"
    "$dir/node_modules/.bin/tsc" --project "$state/types"
}

# --- Counting and reporting ------------------------------------------------------------------------

stage()
{
    is_selected "$1" || return 0
    run_stage "$@"
}

# run_stage NAME TITLE COUNTER COMMAND...: runs the command with its output in a log, has COUNTER set
# good, bad and left_out, and reports them. Sets $outcome to ok or FAIL.
run_stage()
{
    local name=$1 title=$2 counter=$3 log=$state/log/test-$1.log begin=$SECONDS status=0
    local good=0 bad=0 left_out=0
    shift 3

    junit=$state/log/test-$name.xml
    rm -f "$junit"
    (
        set -e
        "$@"
    ) </dev/null >"$log" 2>&1 &
    wait $! || status=$?
    "$counter" "$status" "$log"
    outcome=ok
    [[ $bad -eq 0 ]] || outcome=FAIL
    tell "$outcome" "$title" "$good" "$bad" "$left_out" $((SECONDS - begin)) "$log"
}

start_counting()
{
    results=$state/log/results
    : >"$results"
}

# tell OUTCOME TITLE GOOD BAD LEFT_OUT SECONDS [LOG]: prints a stage's line and adds its counts to $results.
# A lock keeps the lanes' lines apart.
tell()
{
    {
        flock 7
        echo "$3 $4 $5" >&7
        printf '%-4s  %-48s %5d passed %3d failed %3d skipped %5d s\n' "${@:1:6}"
        [[ $4 -eq 0 || ! -f ${7:-} ]] || tell_why "$7"
    } 7>>"$results"
}

tell_why()
{
    grep -aE '^(FAIL|ERROR|FAILED|not ok)|: (error|warning):' "$1" | head -n 20 | cut -c1-150 |
        sed 's/^/      ! /' || true
    tail -n 15 "$1" | cut -c1-150 | sed 's/^/      | /'
    echo "      log: $1"
}

tell_total()
{
    local passed failed skipped

    read -r passed failed skipped < <(awk '{ p += $1; f += $2; s += $3 } END { print p + 0, f + 0, s + 0 }' "$results")
    echo "$passed passed, $failed failed, $skipped skipped"
    [[ $failed -eq 0 ]]
}

# Whether one of these stages is to run.
is_selected()
{
    local name

    for name in "$@"; do
        ! is_in "$name" "$selected" || return 0
    done
    return 1
}

is_in()
{
    [[ " ${2//$'\n'/ } " == *" $1 "* ]]
}

count_one()
{
    if [[ $1 -eq 0 ]]; then good=1; else bad=1; fi
}

# Reads the summary that automake prints after the TAP tests; without one the suite counts as one failure.
count_automake()
{
    good=$(summed "$2" PASS XFAIL)
    bad=$(summed "$2" FAIL XPASS ERROR)
    left_out=$(summed "$2" SKIP)
    [[ $1 -eq 0 || $bad -gt 0 ]] || bad=1
    [[ $good -gt 0 || $bad -gt 0 ]] || bad=1
}

summed()
{
    local log=$1 kind total=0
    shift

    for kind in "$@"; do
        total=$((total + $(sed -n "s/^# $kind: *\([0-9]*\)$/\1/p" "$log" | tail -n 1 | grep . || echo 0)))
    done
    echo "$total"
}

count_junit()
{
    if [[ -f $junit ]]; then
        read -r good bad left_out < <(/usr/bin/python3 - "$junit" <<'PYTHON'
import sys
import xml.etree.ElementTree as tree

suites = tree.parse(sys.argv[1]).getroot().iter("testsuite")
total = bad = skipped = 0
for suite in suites:
    total += int(suite.get("tests"))
    bad += int(suite.get("failures")) + int(suite.get("errors"))
    skipped += int(suite.get("skipped"))
print(total - bad - skipped, bad, skipped)
PYTHON
        )
    fi
    [[ $1 -eq 0 || $bad -gt 0 ]] || bad=1               # killed, timed out, or nothing collected
}
