# shellcheck shell=bash
#
# settings.sh - an instance's settings: read, checked and saved. Sourced by ./dev.
#
# The environment comes first, then what an earlier run saved, then the default. The names are those in
# etc/payapi.env.example; every setting that has a value goes into payapi.env.

declare -A setting=()

# The cluster is private, so these cannot be chosen: a DATABASE_HOST left in the environment by another
# project, or by another instance's payapi.env, must not lead us to a foreign database.
managed='DATABASE_HOST DATABASE_PORT DATABASE_USER DATABASE_PASSWORD DATABASE_OWNER_USER'
managed+=' DATABASE_JOBS_USER DATABASE_JOBS_PASSWORD DATABASE_OWNER_PASSWORD DATABASE_URL VAR_DIR'
managed+=' DATABASE_STREAM_USER DATABASE_STREAM_PASSWORD DATABASE_DELIVER_USER DATABASE_DELIVER_PASSWORD'

secrets_of_sandbox='STRIPE_SECRET_KEY STRIPE_WEBHOOK_SECRET PAYSTACK_SECRET_KEY'
secrets="$secrets_of_sandbox JWT_SECRET AUTHORSHIP_KEY DATABASE_PASSWORD DATABASE_JOBS_PASSWORD DATABASE_OWNER_PASSWORD"
secrets+=' DATABASE_STREAM_PASSWORD DATABASE_DELIVER_PASSWORD WEBHOOK_SIGNING_SECRET'

default_of()
{
    case $1 in
    PORT) echo 3000 ;;
    SANDBOX_PORT) echo $((setting[PORT] + 1)) ;;
    PUBLIC_BASE_URL) echo "http://127.0.0.1:${setting[PORT]}" ;;
    PROBLEM_BASE_URL) echo "http://127.0.0.1:${setting[PORT]}/errors/" ;;
    DATABASE_HOST) echo "$state/run" ;;
    DATABASE_PORT) echo 5432 ;;
    DATABASE_USER) echo payapi ;;
    DATABASE_PASSWORD) echo known-by-socket ;;
    DATABASE_JOBS_USER) echo payapi_jobs ;;
    DATABASE_STREAM_USER) echo payapi_stream ;;
    DATABASE_DELIVER_USER) echo payapi_delivery ;;
    DATABASE_OWNER_USER) echo dev ;;
    DATABASE_NAME) echo payment_db ;;
    VAR_DIR) echo "$state" ;;
    JWT_SECRET) random_hex 48 ;;
    STRIPE_SECRET_KEY) echo "sk_test_$(random_hex 24)" ;;
    STRIPE_WEBHOOK_SECRET) echo "whsec_$(random_hex 24)" ;;
    STRIPE_API_BASE) if [[ $sandbox == no ]]; then echo https://api.stripe.com; else sandbox_url; fi ;;
    AUTHORSHIP_KEY) random_hex 32 ;;
    WEBHOOK_SIGNING_SECRET) random_hex 32 ;;
    WEBHOOK_ALLOW_NETS) echo 127.0.0.0/8 ::1/128 ;;
    PAYSTACK_SECRET_KEY) if [[ $sandbox == yes ]]; then echo "sk_test_$(random_hex 24)"; fi ;;
    PAYSTACK_BASE_URL) if [[ $sandbox == yes ]]; then sandbox_url; fi ;;
    PAYMENT_PROVIDER) echo stripe ;;
    PROVIDER_HEALTH_FILE) echo "$state/run/providers" ;;
    METRICS_FILE) echo "$state/run/metrics" ;;
    AUDIT_SIGNING_KEY_FILE) echo "$state/audit.key" ;;
    AUDIT_RECORD_FILE) echo "$state/run/audit-record" ;;
    FAST_WORKERS) echo 8 ;;
    PROVIDER_WORKERS) echo 16 ;;
    RATE_LIMITS) echo on ;;
    esac
}

# The defaults of these depend on other settings, so a new PORT changes them unless somebody chose them.
derived='PROBLEM_BASE_URL PUBLIC_BASE_URL SANDBOX_PORT'

# load_settings yes|no: for ./dev up, with or without the sandbox. load_settings saved: as last saved.
load_settings()
{
    local sandbox=$1 name value

    read_saved_settings
    [[ $sandbox == saved || -z ${setting[PORT]:-} ]] || forget_derived_settings "$sandbox"
    for name in $(setting_names); do
        value=''
        if is_managed "$name"; then
            unset "setting[$name]"
        elif [[ $sandbox != saved ]]; then
            value=$(from_environment "$name")
        fi
        value=${value:-${setting[$name]:-}}
        value=${value:-$(default_of "$name")}
        judge "$name" "$value"
        [[ -z $value ]] || setting[$name]=$value
    done
}

is_managed()
{
    [[ " $managed " == *" $1 "* ]]
}

# Whoever names a database for ./dev up expects it to be used, so this says that it is not.
tell_what_is_not_used()
{
    local name names=''

    for name in $managed; do
        [[ $name != DATABASE_* || -z ${!name:-} ]] || names+=" $name"
    done
    [[ -z $names ]] || say "Not used:$names. This instance has a PostgreSQL of its own; yours stays as it is."
}

# ./dev checks the settings it uses itself before it does anything. The programs check the others
# (check_settings) as soon as they exist, and before anything is saved.
PORT_MIN=1024 PORT_MAX=65535 WORKERS_MAX=180

judge_environment()
{
    local name value

    for name in $(setting_names); do
        ! is_managed "$name" || continue
        value=$(from_environment "$name")
        judge "$name" "$value"
    done
    [[ -z ${PAYAPI_PREFIX:-} || -x $PAYAPI_PREFIX/sbin/payapi-worker ]] ||
        refuse PAYAPI_PREFIX "$PAYAPI_PREFIX" "a folder where payapi is installed"
}

judge()
{
    local name=$1 value=$2

    [[ -n $value ]] || return 0
    [[ $value != *[[:cntrl:]]* ]] || refuse "$name" "${value//[[:cntrl:]]/?}" "one line of text"
    case $name in
    PORT | SANDBOX_PORT)
        is_number "$value" $PORT_MIN $PORT_MAX || refuse "$name" "$value" "a port from $PORT_MIN to $PORT_MAX"
        ;;
    FAST_WORKERS | PROVIDER_WORKERS)
        is_number "$value" 1 $WORKERS_MAX || refuse "$name" "$value" "a whole number from 1 to $WORKERS_MAX"
        ;;
    RATE_LIMITS)
        [[ $value == on || $value == off ]] || refuse "$name" "$value" "on or off"
        ;;
    WEBHOOK_SOURCES)
        [[ $value == off || $value == listed || -f $value && -r $value ]] ||
            refuse "$name" "$value" "off, listed, or the name of a file that can be read"
        ;;
    DATABASE_NAME)
        [[ $value =~ ^[A-Za-z_][A-Za-z0-9_]{0,62}$ ]] ||
            refuse "$name" "$value" "up to 63 letters, digits and underscores, not beginning with a digit"
        ;;
    esac
}

# Each worker has a connection; the instance's PostgreSQL takes 200.
check_workers()
{
    local both=$((setting[FAST_WORKERS] + setting[PROVIDER_WORKERS]))

    ((both <= WORKERS_MAX)) ||
        refuse "FAST_WORKERS + PROVIDER_WORKERS" "$both" "at most $WORKERS_MAX, because PostgreSQL's connections are limited"
}

refuse()
{
    die "$1 is '$2', but must be $3. Nothing was changed." \
        "Correct it in your environment or in $(quoted "$var/payapi.env"); without it, the default applies."
}

# No sign, and no leading zero: the shell would read the number as octal.
is_number()
{
    [[ $1 =~ ^[1-9][0-9]{0,8}$ ]] && (($1 >= $2 && $1 <= $3))
}

# Runs as the daemons' user: a key that only root can read would be useless to the workers.
check_settings()
{
    local saved=()

    [[ ! -f $state/payapi.env ]] || saved=(--config "$state/payapi.env")    # names that are unknown
    (export_settings && as_service "$(program payapi-admin)" "${saved[@]}" config check)
}

# The value of NAME, or the contents of the file that NAME_FILE names (a mounted secret).
from_environment()
{
    local file=${1}_FILE

    if [[ -n ${!1:-} || -z ${!file:-} ]]; then
        echo "${!1:-}"
    else
        [[ -f ${!file} && -r ${!file} ]] || refuse "$file" "${!file}" "the name of a file that can be read"
        cat "${!file}"
    fi
}

# Drops the provider of an earlier run, unless both runs are without the sandbox. Also drops derived settings
# that nobody chose.
forget_derived_settings()
{
    local sandbox=$1 name

    if [[ $sandbox == yes || ${setting[STRIPE_API_BASE]:-} == "$(sandbox_url)" ]]; then
        unset "setting[STRIPE_API_BASE]"
    fi
    if [[ ${setting[PAYSTACK_BASE_URL]:-} == "$(sandbox_url)" ]]; then
        unset "setting[PAYSTACK_BASE_URL]"
        [[ $sandbox == yes ]] || unset "setting[PAYSTACK_SECRET_KEY]"       # made up for the sandbox
    fi
    for name in $derived; do
        [[ ${setting[$name]:-} != "$(default_of "$name")" ]] || unset "setting[$name]"
    done
}

setting_names()
{
    printf '%s\n' PORT SANDBOX_PORT            # first: others' defaults depend on them
    sed -n 's/^#\{0,1\}\([A-Z][A-Z0-9_]*\)=.*/\1/p' "$checkout/etc/payapi.env.example" |
        grep -vx -e PORT -e SANDBOX_PORT
}

# Reads lines as the programs do (config_source.c): the shell evaluates nothing in them.
read_saved_settings()
{
    local line name value file=$state/payapi.env

    [[ -f $file ]] || return 0
    trust_settings "$file"
    while IFS= read -r line; do
        [[ $line =~ ^([A-Z][A-Z0-9_]*)=(.*)$ ]] || continue
        name=${BASH_REMATCH[1]}
        value=$(without_quotes "${BASH_REMATCH[2]}")
        judge "$name" "$value"
        setting[$name]=$value
    done <"$file"
}

# Whoever can write the settings could choose which files root reads and makes.
trust_settings()
{
    [[ -O $1 && -z $(find "$1" -perm /022) ]] ||
        die "$1 belongs to $(stat -c %U "$1"), or others may write it: it is not read. Nothing was changed." \
            "Check that its values are yours, then: chown $(id -un):$service_user $(quoted "$1") && chmod 640 $(quoted "$1")"
    if grep -qE '^DATABASE_URL=.' "$1"; then
        die "$1 names another database (DATABASE_URL), but an instance has its own. Nothing was changed." \
            "Remove this line from $(quoted "$1"). To migrate your own database: payapi-admin migrate"
    fi
}

without_quotes()
{
    if [[ $1 =~ ^\'(.*)\'$ || $1 =~ ^\"(.*)\"$ ]]; then echo "${BASH_REMATCH[1]}"; else echo "$1"; fi
}

save_settings()
{
    local name value new=$state/payapi.env.new

    (umask 077 && : >"$new")
    {
        echo "# The settings in force, written by ./dev up. Another value: NAME=value ./dev up"
        for name in $(setting_names); do
            value=${setting[$name]:-}
            [[ -n $value ]] || continue
            [[ $value == "$(quoted "$value")" ]] || value="'$value'"
            printf '%s=%s\n' "$name" "$value"
        done
    } >"$new"
    if [[ $EUID -eq 0 ]]; then                          # the programs read it and do not write it
        chown "root:$service_user" "$new"
        chmod 0640 "$new"
    fi
    mv "$new" "$state/payapi.env"
}

# For subshells: the programs they start get the instance's settings in their environment, and no others.
export_settings()
{
    local name

    for name in $(setting_names); do
        unset "$name" "${name}_FILE"
        [[ -z ${setting[$name]:-} ]] || export "$name=${setting[$name]}"
    done
}

# The same for programs that need no secrets.
export_no_secrets()
{
    export_settings
    # shellcheck disable=SC2086  # a list of names
    unset $secrets
}

# Sets up a program's environment. The workers and payapi-jobs read payapi.env instead, so that /proc shows
# no secret; PostgreSQL and nginx need no settings. The sandbox gets the keys of the providers it plays.
export_settings_of()
{
    local name

    export_settings
    for name in $(setting_names); do
        [[ $1 == sandbox && " $secrets_of_sandbox " == *" $name "* ]] || unset "$name"
    done
}

random_hex()
{
    od -An -N "$1" -tx1 /dev/urandom | tr -d ' \n'
}

sandbox_url()
{
    echo "http://127.0.0.1:${setting[SANDBOX_PORT]}"
}
