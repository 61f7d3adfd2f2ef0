# shellcheck shell=bash
#
# processes.sh - ports, and the programs as processes: started, watched and stopped. Sourced by ./dev.
#
# Each program leads a session of its own. pid/NAME.pid has its pid and its start time, so that a
# recycled pid is never mistaken for it.

# --- Ports -----------------------------------------------------------------------------------------

check_ports()
{
    local sandbox=$1 name

    for name in nginx sandbox; do
        is_running "$name" || stop "$name"      # workers that outlived their master still hold the port
    done
    [[ $sandbox == no || ${setting[PORT]} != "${setting[SANDBOX_PORT]}" ]] ||
        die "PORT and SANDBOX_PORT are both ${setting[PORT]}, but nginx and the sandbox need a port each. Nothing was changed." \
            "SANDBOX_PORT=$(free_port) $me up"
    if port_answers "${setting[PORT]}" && ! holds_port nginx "${setting[PORT]}"; then
        die "Port ${setting[PORT]} is taken by another program. Nothing was changed." \
            "PORT=$(free_port) $me up"
    fi
    if [[ $sandbox == yes ]] && port_answers "${setting[SANDBOX_PORT]}" &&
        ! holds_port sandbox "${setting[SANDBOX_PORT]}"; then
        die "Port ${setting[SANDBOX_PORT]}, for the sandbox provider, is taken by another program. Nothing was changed." \
            "SANDBOX_PORT=$(free_port) $me up"
    fi
}

# Whether our own program holds the port, which was recorded when the program was started.
holds_port()
{
    is_running "$1" && grep -qw "$2" "$state/pid/$1.port" 2>/dev/null
}

port_answers()
{
    (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# A free port whose successor (for the sandbox) is free too.
free_port()
{
    local port=$((setting[PORT] + 100))

    while ((port >= PORT_MAX)) || port_answers "$port" || port_answers $((port + 1)); do
        port=$(((port + 100) % PORT_MAX + PORT_MIN))
    done
    echo "$port"
}

# --- Processes -------------------------------------------------------------------------------------

programs=(postgres sandbox fast provider jobs deliver stream nginx)

start_sandbox()
{
    local path

    path=$(program payapi-sandbox)
    echo "${setting[SANDBOX_PORT]}" >"$state/pid/sandbox.port"
    start sandbox "$path" --listen "127.0.0.1:${setting[SANDBOX_PORT]}" \
        --webhook-url "http://127.0.0.1:${setting[PORT]}/api/v1/webhooks/stripe" \
        --paystack-webhook-url "http://127.0.0.1:${setting[PORT]}/api/v1/webhooks/paystack" \
        --public-url "$(sandbox_url)" --state-file "$state/sandbox/state.json"
    await sandbox port_answers "${setting[SANDBOX_PORT]}"
}

start_workers()
{
    local worker jobs

    worker=$(program payapi-worker)
    start_pool "$worker" fast "${setting[FAST_WORKERS]}" 128
    start_pool "$worker" provider "${setting[PROVIDER_WORKERS]}" $((setting[PROVIDER_WORKERS] * 3))
    jobs=$(program_or_nothing payapi-jobs)
    if [[ -n $jobs ]]; then
        start jobs "$jobs" --config "$state/payapi.env"
    fi
    start deliver "$(program payapi-deliver)" --config "$state/payapi.env"
    start_stream
}

# Its queue holds clients that are handed over and not yet accepted.
start_stream()
{
    start stream spawn-fcgi -n -s "$state/run/stream.sock" -M 0600 -b 1024 -- \
        "$(program payapi-stream)" --config "$state/payapi.env"
    await stream test -S "$state/run/stream.sock"
}

# The backlog is the queue: a request that does not fit is refused at once, and nginx answers 503.
# The provider pool queues three per worker: more would only wait until a 504.
start_pool()
{
    local worker=$1 pool=$2 count=$3 backlog=$4

    start "$pool" spawn-fcgi -n -s "$state/run/$pool.sock" -M 0600 -b "$backlog" -- \
        "$worker" --pool "$pool" --workers "$count" --config "$state/payapi.env"
    await "$pool" test -S "$state/run/$pool.sock"
}

start_nginx()
{
    local log

    for log in access error; do                         # nginx itself opens them
        : >>"$state/log/nginx-$log.log"
        give_to_service "$state/log/nginx-$log.log"
    done
    echo "${setting[PORT]}" >"$state/pid/nginx.port"
    TZ=UTC start nginx nginx -p "$state/nginx/" -c nginx.conf -e "$state/log/nginx-error.log" -g 'daemon off;'
    await nginx port_answers "${setting[PORT]}"
    await fast is_ready
}

is_ready()
{
    curl -fsS -o /dev/null -m 5 "http://127.0.0.1:${setting[PORT]}/health/ready"
}

where_is()
{
    case $1 in
    postgres) echo "socket $state/run" ;;
    sandbox) sandbox_url ;;
    fast | provider | stream) echo "socket $state/run/$1.sock" ;;
    nginx) echo "${setting[PUBLIC_BASE_URL]}" ;;
    esac
}

log_of()
{
    echo "$var/log/$1.log"
}

# Starts a program. Leaves it alone if it already runs and nothing about it has changed.
start()
{
    local name=$1 pid print
    shift

    print=$(fingerprint "$name" "$@")
    if is_running "$name"; then
        [[ $(cat "$state/pid/$name.print" 2>/dev/null) != "$print" ]] || return 0
    fi
    stop "$name"
    (
        exec 8>&- 9>&- </dev/null >>"$state/log/$name.log" 2>&1
        export_settings_of "$name"
        exec_as_service "$@"
    ) &
    pid=$!
    echo "$pid $(start_time "$pid")" >"$state/pid/$name.pid"
    echo "$print" >"$state/pid/$name.print"
}

exec_as_service()
{
    cd "$state"
    if [[ $EUID -eq 0 ]]; then
        HOME=$state exec setsid setpriv --reuid="$service_user" --regid="$service_user" \
            --init-groups -- "$@"
    fi
    exec setsid "$@"
}

# A hash of everything that matters to a running program: its files and its settings.
fingerprint()
{
    local name=$1 word
    shift

    {
        echo "$@"
        for word in "$@"; do
            [[ ! -f $word || ! -x $word ]] || cat "$word"
        done
        case $name in
        nginx) cat "$state"/nginx/*.conf "$state"/nginx/*.inc ;;
        postgres) cat "$state"/pg_hba.conf "$state"/pg_ident.conf ;;
        *) cat "$state/payapi.env" ;;
        esac
    } | sha256sum | cut -c1-32
}

# Waits until a condition holds; gives up when the program has died or 20 s have passed.
await()
{
    local name=$1 tries=200
    shift

    until "$@"; do
        if ! is_running "$name"; then
            echo "$name has ended. The last lines of $(log_of "$name"):"
            tail -n 15 "$state/log/$name.log"
            return 1
        elif ((--tries == 0)); then
            echo "$name is not ready after 20 s. The last lines of $(log_of "$name"):"
            tail -n 15 "$state/log/$name.log"
            return 1
        fi
        sleep 0.1
    done
}

is_running()
{
    local pid started

    read -r pid started 2>/dev/null <"$state/pid/$1.pid" || return 1
    [[ -n $started && $(start_time "$pid") == "$started" ]]
}

pid_of()
{
    cut -d' ' -f1 "$state/pid/$1.pid"
}

# Clock ticks from boot to the start of a process: the 22nd field of /proc/PID/stat, whose second field may
# contain blanks. Prints nothing for a zombie, which counts as gone.
start_time()
{
    local stat

    { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
    # shellcheck disable=SC2086
    set -- ${stat##*) }
    [[ $1 == Z ]] || echo "${20}"
}

# Asks a program to end and waits up to 30 s. Then kills what is left of its session, including workers
# that have outlived their master.
stop()
{
    local name=$1 signal=${2:-TERM} pid tries=300 member

    [[ -f $state/pid/$name.pid ]] || return 0
    [[ $name != postgres ]] || signal=INT               # "fast shutdown": sessions end, data are safe
    pid=$(pid_of "$name")
    if is_running "$name"; then
        kill -"$signal" "$pid" 2>/dev/null || true
        while is_running "$name" && ((--tries > 0)); do
            sleep 0.1
        done
    fi
    for member in $(session_members "$pid"); do
        kill -KILL "$member" 2>/dev/null || true
    done
    rm -f "$state/pid/$name.pid" "$state/pid/$name.print"
}

# The processes of a session that were started for this instance. Their working folder shows it, or, where
# /proc hides that (workers are not dumpable), their command line.
session_members()
{
    local session=$1 stat pid fields

    for stat in /proc/[0-9]*/stat; do
        pid=${stat//[!0-9]/}
        { read -r fields <"$stat"; } 2>/dev/null || continue
        # shellcheck disable=SC2086
        set -- ${fields##*) }
        [[ $4 == "$session" ]] || continue
        if [[ $(readlink "/proc/$pid/cwd") == "$state" ]] || grep -qsF "$state/" "/proc/$pid/cmdline"; then
            echo "$pid"
        fi
    done
}

# From the outside in: first no new requests, then the programs that work on them, then what those use.
stop_everything()
{
    stop nginx QUIT
    stop stream TERM
    stop deliver TERM
    stop jobs TERM
    stop provider TERM
    stop fast TERM
    stop sandbox TERM
    stop postgres
}
