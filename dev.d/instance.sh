# shellcheck shell=bash
#
# instance.sh - where an instance lives, and who owns what there. Sourced by ./dev.
#
# $var is where people look; $state is where the files are. When the daemons cannot use $var, it is a
# symbolic link to $state: they may have no access to root's checkout, and the path of a unix socket is
# limited to 107 bytes.

state=''
service_user=$(id -un)
[[ $EUID -ne 0 ]] || service_user=payapi

find_state()
{
    [[ -d $var ]] || return 1
    state=$(cd "$var" && pwd -P)
    trust_state
}

find_or_make_state()
{
    make_service_user
    if [[ -L $var && ! -e $var ]]; then
        mkdir -p "$(readlink -m "$var")"
    elif [[ ! -e $var ]]; then
        mkdir -p "$(dirname "$var")"
        if is_habitable "$var"; then
            mkdir "$var"
        else
            choose_other_place
            ln -s "$state" "$var"
        fi
    fi
    [[ $EUID -ne 0 || ! -d $var ]] || take_state_over
    find_state || die "$var is not a folder." "Move it away, or choose another: VAR_DIR=/some/where $(called) up"
    if [[ ! -d $state/run && -n $(ls -A "$state") ]]; then
        die "$state contains files that are not payapi's." "Choose another folder: VAR_DIR=/some/where $(called) up"
    fi
    is_habitable "$state" || die "The daemons cannot use $state (they run as $service_user)." \
        "Choose another place: VAR_DIR=/some/where $(called) up"
    own_state
}

# Refuses a folder that belongs to somebody else: they could change what we read, write or start there.
trust_state()
{
    local owner

    [[ ! -O $state ]] || return 0
    owner=$(stat -c %U "$state")
    [[ $owner != "$service_user" ]] ||
        die "$state belongs to $owner, as it did with an earlier ./dev." "$me up takes it over."
    die "$state belongs to $owner." \
        "Run this as that user, or choose another place: VAR_DIR=/some/where $(called) up"
}

# An earlier ./dev gave root's instances to the service user. Takes the folders back, then removes what is
# rebuilt anyway, and any links or other special files that somebody put there.
take_state_over()
{
    local folder
    folder=$(cd "$var" && pwd -P)

    [[ ! -O $folder && $(stat -c %U "$folder") == "$service_user" ]] || return 0
    [[ ! -e $folder/payapi.env ]] || trust_settings "$folder/payapi.env"
    chown -h root:root "$folder"
    [[ ! -d $folder/log ]] || chown -h root:root "$folder/log"
    rm -rf "$folder"/{inst,nginx,pid,www}
    find "$folder" -mindepth 1 -maxdepth 1 ! -type d ! -type f -delete
    [[ ! -d $folder/log ]] || find "$folder/log" -mindepth 1 -maxdepth 1 ! -type f -delete
}

# An earlier ./dev kept the records in run, where the programs write too. A pid from there counts only if
# it is a process of the service user.
take_records_over()
{
    local name record=$state/run

    for name in "${programs[@]}"; do
        [[ -f $record/$name.pid ]] || continue
        if [[ $(stat -c %U "/proc/$(as_service cut -d' ' -f1 "$record/$name.pid")") == "$service_user" ]]; then
            as_service cat "$record/$name.pid" >"$state/pid/$name.pid"
            as_service cat "$record/$name.port" >"$state/pid/$name.port" || true
        fi
        as_service rm -f "$record/$name".{pid,port,print}
    done 2>/dev/null
    [[ ! -f $state/sandbox.json ]] || mv -T "$state/sandbox.json" "$state/sandbox/state.json"
}

is_habitable()
{
    local parent

    [[ ${#1} -le 80 && $1 =~ ^[A-Za-z0-9/._+@-]+$ ]] || return 1
    parent=$(dirname "$1")
    as_service test -x "$parent"
}

choose_other_place()
{
    local base name

    name=$(printf '%s' "$var" | sha256sum | cut -c1-12)
    if [[ $EUID -eq 0 ]]; then
        base=/var/lib/payapi-dev
    else
        base=${XDG_STATE_HOME:-$HOME/.local/state}/payapi-dev
        mkdir -p "$base"
        is_habitable "$base/$name" || base=/var/tmp/payapi-dev-$EUID
    fi
    state=$base/$name
    mkdir -p "$state"
    [[ -O $base ]] || die "$base belongs to somebody else." "Choose another place: VAR_DIR=/some/where $(called) up"
}

make_service_user()
{
    [[ $EUID -eq 0 ]] || return 0
    getent passwd "$service_user" >/dev/null ||
        useradd --system --user-group --no-create-home --home-dir /nonexistent \
            --shell /usr/sbin/nologin "$service_user"
}

# Only we can write in $state, log and pid, so nobody else can plant a link there.
own_state()
{
    mkdir -p "$state"/{log,pid}
    chmod 0755 "$state" "$state/pid"
    chmod 0750 "$state/log"
    [[ $EUID -ne 0 ]] || chown "root:$service_user" "$state/log"
    make_service_folder run
    make_service_folder sandbox
    take_records_over
}

# make_service_folder NAME: a folder for the programs to write in. We never write there, so it is made once.
make_service_folder()
{
    [[ ! -d $state/$1 ]] || return 0
    mkdir -m 0700 "$state/$1"
    give_to_service "$state/$1"
}

# Only for files in a folder of ours; elsewhere one might have become a link by now.
give_to_service()
{
    [[ $EUID -ne 0 ]] || chown -h "$service_user:$service_user" "$@"
}

# Runs a command as the daemons' user, from a folder that user may be in.
as_service()
{
    if [[ $EUID -eq 0 ]]; then
        (cd / && HOME=${state:-/} exec setpriv --reuid="$service_user" --regid="$service_user" \
            --init-groups -- "$@")
    else
        "$@"
    fi
}

# One ./dev at a time per instance.
take_turn()
{
    exec 8>"$state/dev.lock"
    flock -n 8 || { say "Another ./dev is at work on $var; waiting for it."; flock 8; }
}

need_instance()
{
    if ! find_state || [[ ! -f $state/payapi.env ]]; then
        die "There is no instance in $var yet." "$me up creates one."
    fi
    load_settings saved
}
