# shellcheck shell=bash
#
# packages.sh - Debian packages that are missing. Sourced by ./dev.

build_packages='gcc libc6-dev make autoconf automake autoconf-archive pkg-config libfcgi-dev libpq-dev
    libssl-dev libjansson-dev libcurl4-openssl-dev libjwt-dev libmicrohttpd-dev libseccomp-dev libcmocka-dev'
run_packages='nginx spawn-fcgi postgresql postgresql-client sqitch libdbd-pg-perl curl ca-certificates jq'

# install_packages [MORE]: what building and running need, and more.
install_packages()
{
    local missing

    missing=$(missing_packages "${1:-}")
    [[ -n $missing ]] || return 0
    [[ $EUID -eq 0 ]] || ask_for_root "$missing"
    # shellcheck disable=SC2086  # a list of package names
    step "installing $(wc -w <<<"$missing") packages (and what they need)" \
        "Install them yourself, then $me up again: apt-get install --no-install-recommends $missing" \
        apt_install $missing
}

missing_packages()
{
    local want="$build_packages $run_packages $1"

    [[ -z ${PAYAPI_PREFIX:-} ]] || want=$run_packages
    command -v npm >/dev/null || want+=' nodejs npm'
    # shellcheck disable=SC2086
    comm -23 <(printf '%s\n' $want | sort -u) <(installed_packages | sort -u) | tr '\n' ' '
}

# The installed packages and the names they provide: some names are real packages in one release only.
installed_packages()
{
    dpkg-query -W -f '${db:Status-Abbrev} ${Package}, ${Provides}\n' 2>/dev/null |
        sed -n 's/^ii *//p' | tr -s ', ' '\n' | grep -v '[(=)]'
}

ask_for_root()
{
    command -v sudo >/dev/null || die "These packages are missing: $1" \
        "As root: apt-get install --no-install-recommends $1"
    say "Missing packages: $1"
    sudo -v || die "Installing packages needs root, once." \
        "As root: apt-get install --no-install-recommends $1"
}

apt_install()
{
    as_root apt-get update -q
    hold_services_back
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -q -y --no-install-recommends -o DPkg::Lock::Timeout=600 "$@"
    let_services_go "$@"
}

as_root()
{
    if [[ $EUID -eq 0 ]]; then "$@"; else sudo "$@"; fi
}

# Debian starts nginx on port 80, a PostgreSQL on 5432 and a PgBouncer on 6432 when it installs them. We need none:
# policy-rc.d forbids the start during the installation, and disable keeps them off after a reboot.
policy=/usr/sbin/policy-rc.d

hold_services_back()
{
    [[ ! -e $policy ]] || return 0
    printf '#!/bin/sh\n# made by payapi ./dev\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod +x "$policy"
    trap let_services_go EXIT
}

let_services_go()
{
    local service

    grep -q 'made by payapi' "$policy" 2>/dev/null || return 0
    as_root rm -f "$policy"
    command -v systemctl >/dev/null || return 0
    for service in nginx postgresql pgbouncer; do
        if [[ " $* " == *" $service "* ]]; then
            as_root systemctl --quiet disable "$service" || true
        fi
    done
}
