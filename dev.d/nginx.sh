# shellcheck shell=bash disable=SC2154  # variables of ./dev
#
# nginx -t on both sites, by the nginx of this machine and by that of the other Debian (other.sh); a
# warning is a failure. Read by dev.d/test.sh.

# check_nginx on|off (the rate limits): this machine's.
check_nginx()
{
    check_sites "$1" nginx
}

check_other_nginx()
{
    need_other
    check_sites on "$other/bin/nginx"
    check_sites off "$other/bin/nginx"
}

# check_sites on|off NGINX: what that nginx says of each site as it is rendered for its version.
check_sites()
{
    local version site folder

    version=$("$2" -v 2>&1 | sed -n 's|.*nginx/\([0-9.]*\).*|\1|p')
    echo "--- nginx $version, limits $1"
    for site in development production; do
        render_for_check "$site" "$1" "${version:?did not tell its version}"
        folder=$state/site-$site-$version
        "$2" -t -p "$folder/nginx/" -c nginx.conf -e "$folder/log/nginx-error.log" 2>&1 | tee "$folder/said"
        if grep -qE '\[(warn|error|crit|alert|emerg)\]' "$folder/said"; then
            echo "nginx $version is not content with the $site site."
            return 1
        fi
    done
}

# Without root nothing may listen on port 443, and nginx tries.
render_for_check()
{
    local folder=$state/site-$1-$3 production=''

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
