# shellcheck shell=bash
#
# talking.sh - output of ./dev: steps with their seconds, and errors with a fix. Sourced by ./dev.

me='' bold='' plain='' jq_colour=-M bearer='' open_page='' code=''
if [[ -t 1 ]]; then
    bold=$'\e[1m' plain=$'\e[0m' jq_colour=-C
fi
steps=0 step=0

# How ./dev was called, for hints that can be pasted.
how_to_call_this()
{
    echo "${VAR_DIR:+VAR_DIR=$(quoted "$VAR_DIR") }$(called)"
}

called()
{
    if [[ $0 == */* ]]; then quoted "$0"; else echo ./dev; fi
}

# Quotes a word for the shell; adds no quotes where none are needed.
quoted()
{
    if [[ $1 =~ ^[A-Za-z0-9_./:,@%+=-]*$ ]]; then
        echo "$1"
    else
        echo "'${1//\'/\'\\\'\'}'"
    fi
}

say()
{
    [[ ${DEV_QUIET:-0} == 1 ]] || echo "$*"
}

# Prints a part of the demonstration, indented.
tell()
{
    say "$1" | sed 's/^./    &/'
}

announce()
{
    step=$((step + 1))
    say "[$step/$steps] $1"
}

die()
{
    printf '%s\n    Fix: %s\n' "$1" "$2" >&2
    exit 1
}

count_steps()
{
    local sandbox=$1 demo=$2 database_only=$3

    steps=3                                                     # settings, database, migrations
    [[ -z $(missing_packages "") ]] || steps=$((steps + 1))
    [[ -n ${PAYAPI_PREFIX:-} ]] || steps=$((steps + 1))         # build
    [[ $database_only == no ]] || return 0
    steps=$((steps + 3))                                        # site, workers, nginx
    [[ $sandbox == no ]] || steps=$((steps + 1))
    [[ $demo == no ]] || steps=$((steps + 1))
}

# Runs one step with its output in a log: step TITLE FIX COMMAND... Shows the seconds as they pass.
step()
{
    local title=$1 fix=$2 log=$state/log/dev-$3.log begin=$SECONDS pid status=0
    shift 2

    step=$((step + 1))
    title="[$step/$steps] $title"
    "$@" >"$log" 2>&1 &
    pid=$!
    [[ -t 1 || ${DEV_QUIET:-0} == 1 ]] || printf '%s ...\n' "$title"
    while [[ -t 1 && ${DEV_QUIET:-0} != 1 && -d /proc/$pid ]]; do
        printf '\r%s ... %d s' "$title" $((SECONDS - begin))
        sleep 0.2
    done
    wait "$pid" || status=$?
    [[ ! -t 1 ]] || printf '\r'
    if [[ $status -eq 0 ]]; then
        say "$title ... $((SECONDS - begin)) s"
        return
    fi
    {
        printf '%s ... failed after %d s\n' "$title" $((SECONDS - begin))
        tail -n 20 "$log" | sed 's/^/    /'
        echo "    Log: $log"
        echo "    Fix: $fix"
    } >&2
    exit 1
}
