# shellcheck shell=bash disable=SC2034,SC2154  # variables of ./dev
#
# ./dev crash, soak, losses, sequences, incidents, mutations and fuzz - the long forms of what ./dev test does briefly.
# Sourced by ./dev, whose functions it uses. Programs with fault points are built under build/long.
# The sandbox providers misbehave meanwhile (tests/support/unkind.py); PAYAPI_UNKIND=0 turns that off.

long_packages='python3-pytest python3-psycopg2 strace clang libclang-rt-dev'

run_long()
{
    local verb=$1
    shift

    # shellcheck source=dev.d/test.sh
    . "$checkout/dev.d/test.sh"
    var=$checkout/build/long
    find_or_make_state
    take_turn
    steps=1
    install_packages "$long_packages"
    own_state
    exec 8>&-
    forget_settings
    start_counting
    case $verb in
    crash) long_crash "$@" ;;
    soak) long_soak "$@" ;;
    losses) long_losses "$@" ;;
    sequences) long_sequences "$@" ;;
    incidents) long_incidents "$@" ;;
    mutations) long_mutations "$@" ;;
    fuzz) long_fuzz "$@" ;;
    esac
}

# ./dev crash [N]: every fault point x every action, N times. As root: ./dev crash syscalls, a crash at every
# system call; ./dev crash disk, a full file system; ./dev crash root, root's instance attacked by its service user.
long_crash()
{
    build_crash_programs
    case ${1:-} in
    syscalls) PAYAPI_CRASH_AS_ROOT=1 PAYAPI_SYSCALL_STEP=${2:-1} run_long_suite test_syscalls.py ;;
    disk)     PAYAPI_CRASH_AS_ROOT=1 run_long_suite test_full_disk.py ;;
    root)     PAYAPI_CRASH_AS_ROOT=1 run_long_suite test_root_instance.py ;;
    *)        PAYAPI_CRASH_REPEAT=${1:-5} run_long_suite test_fault_points.py ;;
    esac
}

# ./dev soak [MINUTES]
long_soak()
{
    build_crash_programs
    PAYAPI_SOAK_MINUTES=${1:-10} run_long_suite test_soak.py
}

# ./dev losses [PAYMENTS]: a fifth of all answers and webhooks lost.
long_losses()
{
    build_crash_programs
    export PAYAPI_LOSS_PAYMENTS=${1:-1000} PAYAPI_GOOD_EVENTS=10000
    export PAYAPI_LOSS_REPORT=$state/log/outcomes.txt
    run_long_suite ../e2e/test_missed_events.py
}

# ./dev sequences [N]
long_sequences()
{
    build_crash_programs
    PAYAPI_SEQUENCES=${1:-2000} run_long_suite ../e2e/test_event_sequences.py
}

# ./dev incidents [NAME...]
long_incidents()
{
    build_crash_programs
    export PAYAPI_PREFIX=$state/crash/inst PAYAPI_KEEP_LOGS=$state/log
    PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 "$checkout/tests/incidents/incidents.py" "$@"
}

# ./dev mutations [NAME...]
long_mutations()
{
    /usr/bin/python3 "$checkout/tests/mutations/run.py" --folder "$state/mutations" "$@"
}

build_crash_programs()
{
    build_variant crash "build with fault points" gcc --enable-fault-points
    [[ $built == yes ]] || exit 1
}

run_long_suite()
{
    export PAYAPI_PREFIX=$state/crash/inst PAYAPI_KEEP_LOGS=$state/log
    export PAYAPI_CRASH_REPORT=$state/log/outcomes.txt
    cd "$checkout"
    PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 -m pytest -q -s -p no:cacheprovider -rfEs "tests/crash/$1"
    say "Outcomes: $var/log/outcomes.txt"
}
