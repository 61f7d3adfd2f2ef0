# Manual pages that belong to no C program: the settings, made of the example, and the site.
dist_man_MANS += %D%/payapi-render-site.8
nodist_man_MANS = %D%/payapi.env.5
CLEANFILES += %D%/payapi.env.5 %D%/settings.inc
EXTRA_DIST += %D%/payapi.env.5.in %D%/settings.awk

%D%/payapi.env.5: %D%/payapi.env.5.in %D%/settings.awk etc/payapi.env.example
	$(AM_V_GEN)$(MKDIR_P) %D% && \
	    $(AWK) -f $(srcdir)/%D%/settings.awk $(srcdir)/etc/payapi.env.example >%D%/settings.inc && \
	    $(SED) -e '/^@settings@$$/{r %D%/settings.inc' -e 'd;}' $(srcdir)/%D%/payapi.env.5.in >$@.new && \
	    mv $@.new $@
