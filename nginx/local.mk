# The parts of a site. `make install` puts them in the same layout as here, and links the program that
# assembles them into the PATH. The link is relative, so a moved or staged prefix does not break it.
nobase_dist_pkgdata_SCRIPTS = %D%/render
nobase_dist_pkgdata_DATA += include/application/problems.def
nobase_dist_pkgdata_DATA += \
    %D%/nginx.conf.in %D%/upstreams.conf.in %D%/site.inc.in %D%/problems.conf.in \
    %D%/development.conf.in %D%/production.conf.in %D%/strangers.conf.in \
    %D%/metrics.conf.in %D%/webhooks.conf.in %D%/webhook-sources.conf %D%/languages.conf.in \
    %D%/limits.conf %D%/limits-off.conf %D%/log.conf %D%/sizes.conf %D%/types.conf \
    %D%/fcgi.inc %D%/headers.inc %D%/headers-static.inc %D%/problem.inc %D%/errors.inc \
    %D%/docs/index.html %D%/docs/init.js %D%/docs/reach.js %D%/docs/style.css %D%/docs/openapi.json \
    %D%/pages/index.html %D%/pages/front.js %D%/pages/page.css \
    %D%/pages/return.html.in %D%/pages/cancelled.html.in %D%/pages/checkout.js %D%/pages/checkout.texts %D%/pages/errors.texts

# The sources of openapi.json, and the program that bundles them: npm ci && npm run openapi.
EXTRA_DIST += %D%/docs/bundle.cjs \
    %D%/docs/parts/openapi.yaml %D%/docs/parts/orders.yaml %D%/docs/parts/payments.yaml \
    %D%/docs/parts/refunds.yaml %D%/docs/parts/disputes.yaml %D%/docs/parts/transactions.yaml \
    %D%/docs/parts/reconciliations.yaml %D%/docs/parts/audit.yaml %D%/docs/parts/webhooks.yaml %D%/docs/parts/webhook_endpoints.yaml \
    %D%/docs/parts/health.yaml %D%/docs/parts/shared.yaml %D%/docs/parts/problems.yaml

install-render-site:
	$(MKDIR_P) '$(DESTDIR)$(sbindir)'
	ln -srf '$(DESTDIR)$(pkgdatadir)/%D%/render' '$(DESTDIR)$(sbindir)/payapi-render-site'
uninstall-render-site:
	rm -f '$(DESTDIR)$(sbindir)/payapi-render-site'
.PHONY: install-render-site uninstall-render-site
