# shellcheck shell=bash disable=SC2154  # variables of ./dev
#
# nginx -t on both sites, by the nginx of Debian 12 and by that of Debian 13; a warning is a failure.
# Read by dev.d/test.sh.
#
# This machine has one of them. The other one is fetched with all it needs, down to the C library, and
# unpacked under build/test: it runs there as it is, by its own loader, without root or chroot.

# check_nginx on|off (the rate limits): this machine's.
check_nginx()
{
    check_sites "$1" nginx
}

# Under both limits in one go, for fetching it is the work.
check_other_nginx()
{
    other_root=$state/nginx-$(name_other_release)
    [[ -d $other_root ]] || fetch_other_nginx
    check_sites on other_nginx
    check_sites off other_nginx
}

# check_sites on|off NGINX: what that nginx says of each site as it is rendered for its version.
check_sites()
{
    local version site

    version=$("$2" -v 2>&1 | sed -n 's|.*nginx/\([0-9.]*\).*|\1|p')
    echo "--- nginx $version, limits $1"
    for site in development production; do
        render_for_check "$site" "$1" "${version:?did not tell its version}"
        "$2" -t -p "$state/site-$site/nginx/" -c nginx.conf -e "$state/site-$site/log/nginx-error.log" 2>&1 |
            tee "$state/site-$site/said"
        if grep -qE '\[(warn|error|crit|alert|emerg)\]' "$state/site-$site/said"; then
            echo "nginx $version is not content with the $site site."
            return 1
        fi
    done
}

# Without root nothing may listen on port 443, and nginx tries.
render_for_check()
{
    local folder=$state/site-$1 production=''

    rm -rf "$folder"
    mkdir -p "$folder"/{log,run}
    if [[ $1 == production ]]; then
        production=--production
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=pay.example.com \
            -keyout "$folder/key.pem" -out "$folder/certificate.pem"
    fi
    env RATE_LIMITS="$2" NGINX_VERSION="$3" SERVER_NAME='pay.example.com www.pay.example.com' \
        TLS_CERTIFICATE="$folder/certificate.pem" TLS_CERTIFICATE_KEY="$folder/key.pem" \
        LISTEN_ADDRESSES=127.0.0.1 HTTPS_PORT=8443 HTTP_PORT=8080 NGINX_USER='' NGINX_PID="$folder/nginx.pid" \
        SOCKET_DIR="$folder/run" NGINX_LOG_DIR="$folder/log" NGINX_TMP_DIR="$folder" \
        "$checkout/nginx/render" ${production:+"$production"} "$folder"
}

# --- The other Debian's nginx ----------------------------------------------------------------------

other_nginx()
{
    local libraries loader

    libraries=$(find "$other_root" -name 'lib*.so.*' -printf '%h\n' | sort -u | paste -s -d :)
    loader=$(find "$other_root" -name 'ld*.so.[0-9]' -type f)
    "$loader" --library-path "$libraries" "$other_root/usr/sbin/nginx" "$@"
}

this_release()
{
    # shellcheck source=/dev/null
    (. /etc/os-release && echo "${VERSION_CODENAME:-}")
}

name_other_release()
{
    case $(this_release) in
    bookworm) echo trixie ;;
    trixie) echo bookworm ;;
    *) echo "This machine is neither Debian 12 nor 13, so there is no other one." >&2; return 1 ;;
    esac
}

# By an apt with a state of its own, to which nothing is installed yet: it brings what nginx depends on
# too. Stays until build/test is removed.
fetch_other_nginx()
{
    local new=$other_root.new package apt

    rm -rf "$new"
    mkdir -p "$new"/apt/{state,cache,unpacked}
    : >"$new/apt/status"
    list_other_sources >"$new/apt/sources.list"
    apt=(timeout 100 apt-get -qq -o Dir::State="$new/apt/state" -o Dir::State::status="$new/apt/status"
        -o Dir::Cache="$new/apt/cache" -o Dir::Etc::sourcelist="$new/apt/sources.list"
        -o Dir::Etc::sourceparts=/dev/null -o Acquire::Languages=none
        -o Acquire::Retries=1 -o Acquire::http::Timeout=10 -o Acquire::https::Timeout=10)
    # Somebody else's repository may lack the release, or be signed by others: apt leaves that out.
    "${apt[@]}" update || true
    "${apt[@]}" --no-install-recommends --download-only install nginx || no_other_nginx
    for package in "$new"/apt/cache/archives/*.deb; do
        dpkg-deb -x "$package" "$new/apt/unpacked"
    done
    mv "$new/apt/unpacked" "$other_root"
    rm -rf "$new"
}

# The mirrors that this machine uses. apt itself is asked, for it reads every kind of list.
list_other_sources()
{
    local options

    options="arch=$(dpkg --print-architecture) signed-by=/usr/share/keyrings/debian-archive-keyring.gpg"
    apt-get --print-uris update | sed -n -E \
        "s,^'(.*)/dists/$(this_release)(|-updates|-security)/InRelease'.*,deb [$options] \1 $(name_other_release)\2 main,p"
}

no_other_nginx()
{
    echo "ERROR: the nginx of Debian $(name_other_release) could not be fetched: no network, no such release on the" \
        "mirrors of this machine's apt, or a debian-archive-keyring from before it."
    return 1
}
