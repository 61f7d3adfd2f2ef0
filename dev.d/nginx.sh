# shellcheck shell=bash disable=SC2154  # variables of ./dev
#
# Runs nginx -t on both sites, with this machine's nginx and with the other Debian's (other.sh); a
# warning is a failure. Sourced by dev.d/test.sh.

# check_nginx on|off (the rate limits): with this machine's nginx.
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

# check_sites on|off NGINX: checks each site, rendered for that nginx's version.
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
            echo "nginx $version complains about the $site site."
            return 1
        fi
    done
}

# Uses other ports: nginx -t tries to listen, and without root it may not listen on 443.
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
        METRICS_LISTEN=off LISTEN_ADDRESSES=127.0.0.1 HTTPS_PORT=8443 HTTP_PORT=8080 NGINX_USER='' NGINX_PID="$folder/nginx.pid" \
        SOCKET_DIR="$folder/run" NGINX_LOG_DIR="$folder/log" NGINX_TMP_DIR="$folder" \
        "$checkout/nginx/render" ${production:+"$production"} "$folder"
}
