# What the site and ./dev are made of; the release archive has it all.
EXTRA_DIST += \
    %D%/render \
    %D%/nginx.conf.in %D%/upstreams.conf.in %D%/site.inc.in %D%/problems.conf.in \
    %D%/development.conf.in %D%/production.conf.in %D%/strangers.conf.in \
    %D%/webhooks.conf.in %D%/webhook-sources.conf \
    %D%/limits.conf %D%/limits-off.conf %D%/log.conf %D%/types.conf \
    %D%/fcgi.inc %D%/headers.inc %D%/headers-static.inc %D%/problem.inc %D%/errors.inc \
    %D%/docs/index.html %D%/docs/init.js %D%/docs/style.css %D%/docs/openapi.json \
    dev.d/test.sh .ci/run .npmrc package.json package-lock.json etc/payapi.env.example

# The pages, which nginx/render fills in and copies.
nobase_dist_pkgdata_DATA += \
    %D%/languages.conf.in %D%/docs/reach.js \
    %D%/pages/index.html %D%/pages/front.js %D%/pages/page.css \
    %D%/pages/return.html.in %D%/pages/cancelled.html.in %D%/pages/checkout.js \
    %D%/pages/checkout.texts %D%/pages/errors.texts
