# shellcheck shell=bash
#
# site.sh - nginx's files and the documentation. Sourced by ./dev.

prepare_site()
{
    local swagger=''

    if fetch_swagger_ui; then
        swagger=$checkout/build/node/node_modules/swagger-ui-dist
    else
        echo "Swagger UI could not be installed; /docs says so."
    fi
    mkdir -p "$state/nginx"
    make_service_folder nginx/tmp
    (export_no_secrets && SWAGGER_UI=$swagger NGINX_WORKERS=$(nproc) "$checkout/nginx/render" "$state")
}

fetch_swagger_ui()
(
    dir=$checkout/build/node

    mkdir -p "$dir" && cd "$dir" || exit        # else npm would work on the checkout's own files
    exec 9>"$dir.lock"
    flock 9
    [[ -f node_modules/swagger-ui-dist/swagger-ui-bundle.js ]] &&
        cmp -s package-lock.json "$checkout/package-lock.json" && exit 0
    cp "$checkout"/{package.json,package-lock.json,.npmrc} .
    npm ci --omit=dev --fetch-retries=1 --fetch-retry-mintimeout=1000
)
