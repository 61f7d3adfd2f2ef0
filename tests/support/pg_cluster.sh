#!/bin/sh
#
# A PostgreSQL server for one test program: private, on a unix socket in a folder of its own, gone
# when the program ends. Durability is off: these data need not outlive anything.
#
#   pg_cluster.sh template FILE.tar      a server's data with the schema deployed, to copy from
#   pg_cluster.sh schema FILE.sql        the text of the schema that a fresh database has
#   pg_cluster.sh run COMMAND...         COMMAND with a server; the exit status is COMMAND's
#   pg_cluster.sh ctl ARGUMENT...        pg_ctl on the server of the surrounding run
#
# COMMAND finds in its environment:
#   PAYAPI_TEST_DATABASE_URL   as the application: role payapi, member of payapi_app
#   PAYAPI_TEST_JOBS_URL       the same as payapi-jobs: role payapi_jobs, member of payapi_sealer too
#   PAYAPI_TEST_ADMIN_URL      the same database as superuser
#   PAYAPI_TEST_CLUSTER        the folder, which holds data/ and the socket
# and may give PAYAPI_TEST_TEMPLATE, the file to copy; without it the schema is deployed anew.
#
# PostgreSQL refuses to run as root: root's servers run as the system user postgres.

set -eu

sql=$(cd "$(dirname "$0")/../../sql" && pwd)
bin=$(pg_config --bindir)
database=payapi_test

fail()
{
    echo "pg_cluster.sh: $*" >&2
    exit 1
}

[ -x "$bin/postgres" ] || fail "no PostgreSQL server in $bin: install postgresql"

# sqitch starts psql for each change; Debian's /usr/bin/psql looks for this one first, each time.
PATH=$bin:$PATH
export PATH

as_server_user()
{
    if [ "$(id -u)" -eq 0 ]; then
        runuser -u postgres -- "$@"
    else
        "$@"
    fi
}

make_folder()
{
    folder=$(mktemp -d "${TMPDIR:-/tmp}/payapi-pg-XXXXXX")
    trap clean_up EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
    give_to_server_user
}

give_to_server_user()
{
    chmod 0755 "$folder"
    [ "$(id -u)" -ne 0 ] || chown -R postgres "$folder"
}

clean_up()
{
    [ ! -f "$folder/data/postmaster.pid" ] || control -m immediate stop || true
    rm -rf "$folder"
}

control()
{
    (cd "$folder" && as_server_user "$bin/pg_ctl" -D "$folder/data" -l "$folder/log" -s -w "$@") ||
        { tail -n 20 "$folder/log" >&2; return 1; }
}

start()
{
    cat >>"$folder/data/postgresql.conf" <<CONF
unix_socket_directories = '$folder'
listen_addresses = ''
max_connections = 150
fsync = off
CONF
    control start
}

url()
{
    echo "postgresql://$1@/$database?host=$folder"
}

deploy()
{
    (cd "$folder" && as_server_user "$bin/initdb" -D "$folder/data" -U postgres -A trust \
        --locale=C.UTF-8 --wal-segsize=1 --no-sync >"$folder/data.log") || fail "initdb failed"
    start
    "$bin/createdb" -h "$folder" -U postgres "$database"
    (cd "$sql" && SQITCH_FULLNAME=test SQITCH_EMAIL=test@localhost SQITCH_USER_CONFIG=/dev/null \
        sqitch deploy --quiet --verify "db:pg://postgres@/$database?host=$folder")
    "$bin/psql" -X -q -h "$folder" -U postgres -d "$database" \
        -c 'CREATE ROLE payapi LOGIN IN ROLE payapi_app' \
        -c 'CREATE ROLE payapi_jobs LOGIN IN ROLE payapi_app, payapi_sealer' \
        -c "ALTER ROLE postgres SET statement_timeout = '30s'"      # a test fails, it never hangs
}

template()
{
    make_folder
    deploy
    control -m fast stop
    tar -cf "$1.new" -C "$folder" data
    mv "$1.new" "$1"
}

print_schema()
{
    "$bin/psql" -X -q -A -t -h "$folder" -U postgres -d "$database" -f "$sql/print_schema.sql"
}

schema()
{
    make_folder
    deploy
    print_schema >"$1.new"
    mv "$1.new" "$1"
}

run()
{
    make_folder
    if [ -n "${PAYAPI_TEST_TEMPLATE:-}" ]; then
        tar -xf "$PAYAPI_TEST_TEMPLATE" -C "$folder"
        give_to_server_user
        start
    else
        deploy
    fi
    PAYAPI_TEST_CLUSTER=$folder
    PAYAPI_TEST_DATABASE_URL=$(url payapi)
    PAYAPI_TEST_JOBS_URL=$(url payapi_jobs)
    PAYAPI_TEST_ADMIN_URL=$(url postgres)
    export PAYAPI_TEST_JOBS_URL
    export PAYAPI_TEST_CLUSTER PAYAPI_TEST_DATABASE_URL PAYAPI_TEST_ADMIN_URL
    "$@"
}

verb=${1:-}
[ $# -eq 0 ] || shift
case $verb in
template) template "$1" ;;
schema)   schema "$1" ;;
run)      run "$@" ;;
ctl)      folder=$PAYAPI_TEST_CLUSTER; control "$@" ;;
*)        fail "what is '$verb'? Read the head of this file." ;;
esac
