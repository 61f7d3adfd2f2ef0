# Units, in systemd's folder below the prefix (what ./configure --with-systemdsystemunitdir=DIR changes).
# Paths come from the configuration; each service takes in the fence that all of them share.
systemdsystemunitdir = @systemdsystemunitdir@
sysusersdir = $(prefix)/lib/sysusers.d

dist_systemdsystemunit_DATA = %D%/payapi-worker@.socket %D%/payapi-stream.socket \
    %D%/payapi.target
nodist_systemdsystemunit_DATA = %D%/payapi-worker@.service %D%/payapi-jobs.service \
    %D%/payapi-stream.service %D%/payapi-deliver.service
CLEANFILES += $(nodist_systemdsystemunit_DATA)

SUFFIXES = .service.in .service
$(nodist_systemdsystemunit_DATA): %D%/hardening.inc Makefile
.service.in.service:
	$(AM_V_GEN)$(MKDIR_P) %D% && $(SED) -e 's|[@]sbindir@|$(sbindir)|g' \
	    -e 's|[@]sysconfdir@|$(sysconfdir)|g' -e '/^[@]hardening@$$/{r $(srcdir)/%D%/hardening.inc' -e 'd;}' \
	    $< >$@.new && mv $@.new $@

install-sysusers:
	$(MKDIR_P) '$(DESTDIR)$(sysusersdir)'
	$(INSTALL_DATA) $(srcdir)/%D%/payapi.sysusers '$(DESTDIR)$(sysusersdir)/payapi.conf'
uninstall-sysusers:
	rm -f '$(DESTDIR)$(sysusersdir)/payapi.conf'
.PHONY: install-sysusers uninstall-sysusers
