# shellcheck shell=bash
#
# database.sh - the instance's PostgreSQL. Sourced by ./dev.

start_database()
{
    local bin

    bin=$(postgres_bin)
    if [[ ! -d $state/db ]]; then
        make_cluster "$bin"
    fi
    say_who_may_connect
    # After a package upgrade, a running server cannot start sessions properly until it is restarted.
    if is_running postgres && [[ $(readlink "/proc/$(pid_of postgres)/exe") == *"(deleted)" ]]; then
        stop postgres
    fi
    start postgres "$bin/postgres" -D "$state/db" \
        -c hba_file="$state/pg_hba.conf" -c ident_file="$state/pg_ident.conf"
    await postgres takes_writes "$bin"
    psql_as_owner postgres -c "SELECT 1 FROM pg_database WHERE datname = '${setting[DATABASE_NAME]}'" |
        grep -q 1 || "$bin/createdb" -h "$state/run" -U dev "${setting[DATABASE_NAME]}"
}

# False while the server still replays WAL after a restore.
takes_writes()
{
    "$1/pg_isready" -q -h "$state/run" -U dev -d postgres &&
        [[ $(psql_as_owner postgres -c 'SELECT pg_is_in_recovery()') == f ]]
}

# The version that made the data, else the newest one. The service user owns the data and may have
# written anything there, so only a number is turned into the path of a program.
postgres_bin()
{
    local version bin

    version=$(as_service cat "$state/db/PG_VERSION" 2>/dev/null || true)
    if [[ -z $version ]]; then
        version=$(find /usr/lib/postgresql -mindepth 1 -maxdepth 1 -printf '%f\n' | sort -n | tail -1)
    fi
    bin=/usr/lib/postgresql/$version/bin
    if [[ ! $version =~ ^[0-9]+$ || ! -x $bin/postgres ]]; then
        echo "The data need PostgreSQL ${version@Q}, which is not installed: apt-get install postgresql-VERSION" >&2
        return 1
    fi
    echo "$bin"
}

# CLUSTER_TEMPLATE: a tar file with the data of a cluster that is already made and migrated (./dev test).
make_cluster()
{
    local bin=$1 new=$state/db.new

    rm -rf "$new"
    mkdir -m 0700 "$new"
    give_to_service "$new"
    if [[ -n ${CLUSTER_TEMPLATE:-} ]]; then
        as_service tar -xf - -C "$new" <"$CLUSTER_TEMPLATE"
    else
        as_service "$bin/initdb" -D "$new" -U dev -A peer --encoding=UTF8 --locale=C.UTF-8 --no-sync
    fi
    as_service tee -a "$new/postgresql.conf" <<CONF

# ./dev
listen_addresses = ''
unix_socket_directories = '$state/run'
unix_socket_permissions = 0700
max_connections = 200
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %u '
CONF
    mv "$new" "$state/db"
}

# The only way in is a socket in a folder that nobody else may enter; it tells PostgreSQL who connects.
# The programs get the application's roles and are never superuser; the user of ./dev may use any role.
# The two files written here belong to us, not to the service user, who owns the data.
say_who_may_connect()
{
    cat >"$state/pg_hba.conf" <<'CONF'
local all all peer map=dev
local replication dev peer map=dev
CONF
    cat >"$state/pg_ident.conf" <<CONF
dev $(id -un) dev
dev $(id -un) payapi
dev $(id -un) payapi_jobs
dev $(id -un) payapi_stream
dev $(id -un) payapi_delivery
CONF
    [[ $EUID -ne 0 ]] || printf 'dev %s\n' "$service_user "{payapi,payapi_jobs,payapi_stream,payapi_delivery} >>"$state/pg_ident.conf"
}

psql_as_owner()
{
    local database=$1
    shift
    psql -X -q -A -t -v ON_ERROR_STOP=1 -h "$state/run" -U dev -d "$database" "$@"
}

# The workers run as the service user, so that user must own the key.
make_audit_key()
{
    local key=${setting[AUDIT_SIGNING_KEY_FILE]}

    [[ ! -e $key ]] || return 0
    (unset "${!AUDIT_@}" && "$(program payapi-admin)" audit keygen "$key")
    give_to_service "$key" "$key.pub"
}

migrate()
{
    export SQITCH_FULLNAME='payapi dev' SQITCH_EMAIL=dev@localhost
    # sqitch starts psql for each change; the wrapper in /usr/bin would look for this psql each time.
    PATH=$(postgres_bin):$PATH run_admin migrate
    make_audit_key
    psql_as_owner "${setting[DATABASE_NAME]}" <<'SQL'
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'payapi') THEN
        CREATE ROLE payapi LOGIN IN ROLE payapi_app;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'payapi_jobs') THEN
        CREATE ROLE payapi_jobs LOGIN IN ROLE payapi_app, payapi_sealer;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'payapi_stream') THEN
        CREATE ROLE payapi_stream LOGIN IN ROLE payapi_live;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'payapi_delivery') THEN
        CREATE ROLE payapi_delivery LOGIN IN ROLE payapi_deliver;
    END IF;
END $$;
SQL
}
